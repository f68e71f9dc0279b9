package scenario

import (
	"math"

	"attrib/internal/philox"
)

// normal is a draw from the standard normal distribution (Box and Muller 1958; one of the pair is dropped, so that every draw takes
// the same number of words).
func normal(s *philox.Stream) float64 {
	u, v := 1-s.Float64(), s.Float64()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// gamma is a draw from the gamma distribution of that shape > 0 and scale 1 (Marsaglia and Tsang 2000; shapes below 1 by
// their section 6).
func gamma(s *philox.Stream, shape float64) float64 {
	if shape < 1 {
		u := 1 - s.Float64()
		return gamma(s, shape+1) * math.Pow(u, 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := normal(s)
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := 1 - s.Float64(); math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// dirichlet is a draw from the symmetric Dirichlet distribution: n shares ≥ 0 that sum to 1.
func dirichlet(s *philox.Stream, n int, alpha float64) []float64 {
	out := make([]float64, n)
	sum := 0.0
	for i := range out {
		out[i] = gamma(s, alpha)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// cut divides total things by shares that sum to 1: boundaries are the rounded-down running sums, so counts sum to total.
func cut(total int, shares []float64) []int {
	out := make([]int, len(shares))
	sum, before := 0.0, 0
	for i, share := range shares {
		sum += share
		end := min(total, int(sum*float64(total)))
		if i == len(shares)-1 {
			end = total
		}
		out[i], before = end-before, end
	}
	return out
}

// shuffled is a copy of v in random order.
func shuffled(s *philox.Stream, v []int) []int {
	p := make([]int, len(v))
	s.Perm(p)
	for i, j := range p {
		p[i] = v[j]
	}
	return p
}

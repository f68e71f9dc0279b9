package lapack

import "math"

// secular is the eigenproblem of diag(d) + rho·z·zᵀ, with d rising, no two equal, rho > 0 and no z of 0.
type secular struct {
	d, z []float64
	rho  float64
}

// root finds eigenvalue j, which is between d[j] and d[j+1], or above the last d. It sets delta[i] to d[i] − value, to
// nearly full relative precision, because it measures from the nearer end of the interval.
//
// The zero of 1 + rho·Σ z²/(d − x) is approached by functions with the same two poles (Bunch, Nielsen and Sorensen,
// "Rank-one modification of the symmetric eigenproblem", 1978; Li, LAPACK working note 89), kept within a bracket.
func (s *secular) root(j int, delta []float64) (value float64) {
	k := len(s.d)
	lo, hi, origin := 0.0, 0.0, j
	if j == k-1 {
		for _, z := range s.z {
			hi += s.rho * z * z
		}
	} else {
		hi = (s.d[j+1] - s.d[j]) / 2
		if f, _, _, _ := s.at(j, j, hi, delta); f < 0 {
			lo, hi, origin = -hi, 0, j+1
		}
	}
	x := s.approach(j, origin, lo, hi, delta)
	for i, d := range s.d {
		delta[i] = (d - s.d[origin]) - x
	}
	return s.d[origin] + x
}

// approach is the zero measured from d[origin], between lo and hi.
func (s *secular) approach(j, origin int, lo, hi float64, delta []float64) float64 {
	x := lo
	if lo == 0 {
		x = hi
	}
	if j == len(s.d)-1 {
		x = hi / 2
	}
	for range 200 {
		f, left, right, size := s.at(j, origin, x, delta)
		if math.Abs(f) <= 0x1p-52*size {
			return x
		}
		if f < 0 {
			lo = x
		} else {
			hi = x
		}
		next := x + s.step(j, f, left, right, delta)
		if !(next > lo && next < hi) {
			next = between(lo, hi)
		}
		if next == x || !(next > lo && next < hi) {
			return x
		}
		x = next
	}
	return x
}

// between halves a bracket: its logarithm where its ends are of one sign and far apart.
func between(lo, hi float64) float64 {
	switch {
	case lo > 0 && hi > 4*lo:
		return math.Sqrt(lo) * math.Sqrt(hi)
	case hi < 0 && lo < 4*hi:
		return -math.Sqrt(-lo) * math.Sqrt(-hi)
	case lo == 0:
		return hi / 16
	case hi == 0:
		return lo / 16
	}
	return lo + (hi-lo)/2
}

// at is the function at d[origin] + x, its derivative in the terms up to j and above it, and the sum of magnitudes
// that its rounding error is relative to. It sets delta to the distances of the poles.
func (s *secular) at(j, origin int, x float64, delta []float64) (f, left, right, size float64) {
	from := s.d[origin]
	var below, above float64
	for i, d := range s.d[:j+1] {
		delta[i] = (d - from) - x
		ratio := s.z[i] / delta[i]
		below += s.z[i] * ratio
		left += ratio * ratio
	}
	for i := j + 1; i < len(s.d); i++ {
		delta[i] = (s.d[i] - from) - x
		ratio := s.z[i] / delta[i]
		above += s.z[i] * ratio
		right += ratio * ratio
	}
	return 1 + s.rho*(below+above), s.rho * left, s.rho * right, 1 + s.rho*(above-below)
}

// step is how far the zero is of c + p/(pole j) + q/(pole j+1), which agrees with the function in value and in both
// derivatives; beyond the last pole, of c + p/(pole j).
func (s *secular) step(j int, f, left, right float64, delta []float64) float64 {
	d1 := delta[j]
	if j == len(s.d)-1 {
		c := f - left*d1
		return d1 + left*d1*d1/c
	}
	d2 := delta[j+1]
	c := f - left*d1 - right*d2
	a := (d1+d2)*f - d1*d2*(left+right)
	b := d1 * d2 * f
	root := math.Sqrt(math.Abs(a*a - 4*b*c))
	if a <= 0 {
		return (a - root) / (2 * c)
	}
	return 2 * b / (a + root)
}

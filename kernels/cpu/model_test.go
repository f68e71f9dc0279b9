package cpu

import (
	"math"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// eachUnit runs a test on every vector path of the machine.
func eachUnit(t *testing.T, f func(t *testing.T, p simd.Path, u *unit)) {
	for _, p := range simd.Available() {
		if u := units[p]; u != nil {
			t.Run(p.String(), func(t *testing.T) { f(t, p, u) })
		}
	}
}

func stream(n uint64) *philox.Stream { return philox.New([32]byte{0x5c}, n) }

// numbers are random, of both signs and several magnitudes.
func numbers(rnd *philox.Stream, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(math.Ldexp(2*rnd.Float64()-1, rnd.Intn(5)-2))
	}
	return v
}

// matrix is random, with NaN between the columns and the stride.
func matrix(rnd *philox.Stream, rows, cols, gap int) kernels.Matrix {
	v := numbers(rnd, rows*(cols+gap))
	for i := range v {
		if i%(cols+gap) >= cols {
			v[i] = float32(math.NaN())
		}
	}
	m := kernels.F32(rows, cols+gap, v)
	m.Cols = cols
	return m
}

// modelScore is what the vector paths promise, to the bit: chains of fused multiply-adds over runs of columns, joined
// one after the other.
func modelScore(q, g []float32, metric kernels.Metric) float32 {
	if metric == kernels.Cosine {
		unit := make([]float32, len(q))
		normalise(unit, q)
		return modelScore(unit, g, kernels.InnerProduct) * modelInverse(g)
	}
	var total float32
	for lo := 0; lo < len(q); lo += runColumns {
		var sum float32
		for k := lo; k < min(lo+runColumns, len(q)); k++ {
			if metric == kernels.L2 {
				d := g[k] - q[k]
				sum = fma32(d, d, sum)
			} else {
				sum = fma32(q[k], g[k], sum)
			}
		}
		if metric == kernels.L2 {
			total -= sum
		} else {
			total += sum
		}
	}
	return total
}

func modelInverse(g []float32) float32 {
	if norm := math.Sqrt(modelNorm(g)); norm > 0 {
		return float32(1 / norm)
	}
	return 0
}

// modelNorm adds up 16 chains in halves, and one more for what is left over.
func modelNorm(g []float32) float64 {
	var chain [16]float64
	whole := len(g) &^ 15
	for k, x := range g[:whole] {
		chain[k%16] += float64(x) * float64(x)
	}
	for half := 8; half > 0; half /= 2 {
		for i := range half {
			chain[i] += chain[i+half]
		}
	}
	var rest float64
	for _, x := range g[whole:] {
		rest += float64(x) * float64(x)
	}
	return chain[0] + rest
}

// fma32 is a·b + c rounded once. The product is exact in float64; the sum is rounded to odd, so that rounding it to
// float32 is as good as rounding once.
func fma32(a, b, c float32) float32 {
	p, d := float64(a)*float64(b), float64(c)
	s := p + d
	r := s - p
	rest := (p - (s - r)) + (d - r)
	if rest != 0 && math.Float64bits(s)&1 == 0 {
		s = math.Nextafter(s, math.Copysign(math.Inf(1), rest))
	}
	return float32(s)
}

func sameBits(t *testing.T, what any, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%v: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v: value %d is %x (%g), want %x (%g)", what, i, math.Float32bits(got[i]), got[i], math.Float32bits(want[i]), want[i])
		}
	}
}

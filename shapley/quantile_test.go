package shapley

import (
	"math"
	"testing"
)

func TestNormalQuantiles(t *testing.T) {
	for n, want := range map[int]float64{0: 1.96, 1: 1.96, 2: 2.2414, 3: 2.4977, 12: 2.9552, 16: 2.9552, 17: 3.1628, 1 << 30: 5.4597} {
		if got := SimultaneousT(n, math.Inf(1)); math.Abs(got-want) > 1e-3 {
			t.Errorf("%d players: %v, want %v", n, got, want)
		}
	}
	for k, z := range normalQuantile {
		if p := math.Erfc(z/math.Sqrt2) / 2; math.Abs(p*math.Ldexp(40, k)-1) > 1e-5 {
			t.Errorf("quantile %d: tail %v", k, p)
		}
	}
}

// TestStudentQuantiles against tabulated ones (SciPy 1.16), rounded to four decimals.
func TestStudentQuantiles(t *testing.T) {
	freedom := []float64{2, 4, 6, 10, 20, 30, 64, 65, 120, 1000}
	between := []float64{2.5, 3, 5, 7, 9, 15, 29}
	for players, want := range map[int][]float64{
		1:  {4.3027, 2.7764, 2.4469, 2.2281, 2.0860, 2.0423, 1.9977, 1.9971, 1.9799, 1.9623, 3.5747, 3.1824, 2.5706, 2.3646, 2.2622, 2.1314, 2.0452},
		2:  {6.2053, 3.4954, 2.9687, 2.6338, 2.4231, 2.3596, 2.2954, 2.2945, 2.2699, 2.2448, 4.8639, 4.1765, 3.1634, 2.8412, 2.6850, 2.4899, 2.3638},
		12: {17.8466, 6.3643, 4.7604, 3.8669, 3.3587, 3.2138, 3.0716, 3.0697, 3.0162, 2.9624, 11.5372, 8.7676, 5.3259, 4.4084, 3.9969, 3.5151, 3.2235},
		64: {35.7561, 9.1822, 6.2447, 4.7491, 3.9552, 3.7375, 3.5278, 3.5251, 3.4474, 3.3697, 20.1853, 14.0477, 7.2469, 5.6416, 4.9593, 4.1947, 3.7519},
	} {
		for i, f := range freedom {
			if got := SimultaneousT(players, f); math.Abs(got-want[i]) > 1e-4 {
				t.Errorf("%d players, %v degrees of freedom: %v, want %v", players, f, got, want[i])
			}
		}
		for i, f := range between {
			allowed := 1.024
			if f < 4 {
				allowed = 1.29
			}
			w := want[len(freedom)+i]
			if got := SimultaneousT(players, f); got < w-1e-4 || got > w*allowed {
				t.Errorf("%d players, %v degrees of freedom: %v, want %v or a little more", players, f, got, w)
			}
		}
		if SimultaneousT(players, 0.1) != SimultaneousT(players, 2) {
			t.Error("below 2 degrees")
		}
	}
}

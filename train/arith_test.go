package train

import (
	"math"
	"testing"

	"attrib/internal/philox"
)

func TestExpAndTanh(t *testing.T) {
	for x := -30.0; x < 30; x += 0.00737 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-11 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	for x := -12.0; x < 12; x += 0.000737 {
		v := float32(x)
		got, want := tanh(v), math.Tanh(float64(v))
		if math.Abs(float64(got)-want) > 1e-7*math.Abs(want) {
			t.Fatalf("tanh(%v) = %v, want %v", v, got, want)
		}
	}
	if exp(1000) != math.Inf(1) || exp(-1000) != 0 || !math.IsNaN(exp(math.NaN())) {
		t.Error("exp at its ends")
	}
	if !math.IsNaN(float64(tanh(float32(math.NaN())))) {
		t.Error("tanh hides a NaN")
	}
}

func TestProductsAgreeWithLoops(t *testing.T) {
	draw := philox.New([32]byte{1}, 0)
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(draw.Float64() - 0.5)
		}
		return v
	}
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 7}, {4, 4, 4}, {9, 10, 13}, {2, 11, 32}} {
		m, n, k := s[0], s[1], s[2]
		bias := random(n)
		a, b := random(m*k), random(n*k)
		c := random(m * n)
		mulNT(c, a, b, bias, m, n, k)
		check(t, "NT", c, n, func(i, j int) float64 {
			s := float64(bias[j])
			for p := range k {
				s += float64(a[i*k+p]) * float64(b[j*k+p])
			}
			return s
		})
		d := random(m * n)
		e := random(m * k)
		mulNN(e, d, b, m, n, k)
		check(t, "NN", e, k, func(i, j int) float64 {
			s := 0.0
			for p := range n {
				s += float64(d[i*n+p]) * float64(b[p*k+j])
			}
			return s
		})
		f := random(n * k)
		mulTN(f, d, a, m, n, k)
		check(t, "TN", f, k, func(i, j int) float64 {
			s := 0.0
			for p := range m {
				s += float64(d[p*n+i]) * float64(a[p*k+j])
			}
			return s
		})
	}
}

func check(t *testing.T, name string, got []float32, cols int, want func(i, j int) float64) {
	t.Helper()
	for x, v := range got {
		if w := want(x/cols, x%cols); math.Abs(float64(v)-w) > 1e-5 {
			t.Fatalf("%s: element %d is %v, want %v", name, x, v, w)
		}
	}
}

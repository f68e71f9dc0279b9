package gonumblas

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	gonum "gonum.org/v1/gonum/blas"
	reference "gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// counting says how often it is asked for a product.
type counting struct {
	Implementation
	products *atomic.Int64
}

func (c counting) Sgemm(tA, tB gonum.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, out []float32, ldc int) {
	c.products.Add(1)
	c.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, out, ldc)
}

// A gorgonia graph takes the products, forward and backward, and finds the same gradients.
func TestGorgonia(t *testing.T) {
	defer func() {
		gorgonia.Use(reference.Implementation{})
		tensor.Use(reference.Implementation{})
	}()
	want := gradient(t, counting{products: new(atomic.Int64)}, false)
	var products atomic.Int64
	got := gradient(t, counting{products: &products}, true)
	if products.Load() < 3 {
		t.Errorf("%d products were asked for, want one forward and two backward", products.Load())
	}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Fatalf("gradient %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// gradient is that of the sum of tanh(x·w) with respect to w.
func gradient(t *testing.T, c counting, use bool) []float32 {
	t.Helper()
	if use {
		gorgonia.Use(c)
		tensor.Use(c)
	}
	r := rand.New(rand.NewPCG(1, 2))
	random := func(rows, cols int) *tensor.Dense {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = r.Float32() - .5
		}
		return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(v))
	}
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(20, 30), gorgonia.WithValue(random(20, 30)), gorgonia.WithName("x"))
	w := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(30, 17), gorgonia.WithValue(random(30, 17)), gorgonia.WithName("w"))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(x, w))))))
	if _, err := gorgonia.Grad(cost, w, x); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w, x))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	grad, err := w.Grad()
	if err != nil {
		t.Fatal(err)
	}
	return append([]float32{}, grad.Data().([]float32)...)
}

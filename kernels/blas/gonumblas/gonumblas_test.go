package gonumblas

import (
	"fmt"
	"math"
	"slices"
	"testing"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	reference "gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/internal/philox"
	"attrib/kernels/blas"
)

var (
	_ gonum.Float32 = Implementation{}
	_ gorgonia.BLAS = Implementation{}
	_ tensor.BLAS   = Implementation{}
)

func random(seed uint64, n int) []float32 {
	rnd := philox.New([32]byte{9}, seed)
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rnd.Float64() - 0.5)
	}
	return v
}

// Every transposition, leading dimensions with gaps, and factors, against gonum's own.
func TestAgainstGonum(t *testing.T) {
	for r := range uint64(60) {
		rnd := philox.New([32]byte{10}, r)
		m, n, k := rnd.Intn(40), rnd.Intn(40), rnd.Intn(40)
		tA, tB := []gonum.Transpose{gonum.NoTrans, gonum.Trans, gonum.ConjTrans}[r%3], []gonum.Transpose{gonum.NoTrans, gonum.Trans}[r%2]
		lda, ldb, ldc := 41+rnd.Intn(4), 41+rnd.Intn(4), 41+rnd.Intn(4)
		alpha, beta := []float32{1, 0, -0.5}[rnd.Intn(3)], []float32{0, 1, 0.25}[rnd.Intn(3)]
		a, b, c := random(r, 41*lda), random(r+100, 41*ldb), random(r+200, 41*ldc)
		want := slices.Clone(c)
		reference.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, want, ldc)
		Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		for i := range want {
			if math.Abs(float64(c[i]-want[i])) > 1e-5 {
				t.Fatalf("%c%c %d×%d×%d α %g β %g: value %d is %g, gonum %g", tA, tB, m, n, k, alpha, beta, i, c[i], want[i])
			}
		}
	}
}

// Wrong arguments panic as gonum's do.
func TestPanics(t *testing.T) {
	said := func(f func()) (s string) {
		defer func() { s = fmt.Sprint(recover()) }()
		f()
		return ""
	}
	v := make([]float32, 6)
	for _, c := range []struct {
		tA            gonum.Transpose
		m, n, k       int
		lda, ldb, ldc int
	}{{gonum.NoTrans, -1, 2, 3, 3, 2, 2}, {gonum.NoTrans, 2, 2, 3, 2, 2, 2}, {gonum.NoTrans, 2, 2, 3, 3, 1, 2}, {gonum.NoTrans, 2, 2, 3, 3, 2, 1}, {'x', 2, 2, 3, 3, 2, 2}, {gonum.NoTrans, 2, 2, 3, 0, 2, 2}, {gonum.Trans, 3, 2, 3, 3, 2, 2}} {
		ours := said(func() { Implementation{}.Sgemm(c.tA, gonum.NoTrans, c.m, c.n, c.k, 1, v, c.lda, v, c.ldb, 0, v, c.ldc) })
		theirs := said(func() {
			reference.Implementation{}.Sgemm(c.tA, gonum.NoTrans, c.m, c.n, c.k, 1, v, c.lda, v, c.ldb, 0, v, c.ldc)
		})
		if ours != theirs || ours == "<nil>" || ours == "" {
			t.Errorf("%+v: panics with %q, gonum with %q", c, ours, theirs)
		}
	}
}

// Use puts the product behind gonum's blas32, and gorgonia's tensors take it too.
func TestUse(t *testing.T) {
	before := blas32.Implementation()
	t.Cleanup(func() { blas32.Use(before); tensor.Use(reference.Implementation{}) })
	const m, n, k = 33, 20, 47
	a, b, got, want := random(1, m*k), random(2, k*n), make([]float32, m*n), make([]float32, m*n)
	if err := blas.Gemm(1, blas.Dense(m, k, a), blas.Dense(k, n, b), 0, blas.Dense(m, n, want), blas.Options{}); err != nil {
		t.Fatal(err)
	}
	Use()
	blas32.Gemm(gonum.NoTrans, gonum.NoTrans, 1, blas32.General{Rows: m, Cols: k, Stride: k, Data: a}, blas32.General{Rows: k, Cols: n, Stride: n, Data: b},
		0, blas32.General{Rows: m, Cols: n, Stride: n, Data: got})
	if !slices.Equal(got, want) {
		t.Error("blas32 does not use the product")
	}
	tensor.Use(Implementation{})
	x, y := tensor.New(tensor.WithShape(m, k), tensor.WithBacking(a)), tensor.New(tensor.WithShape(k, n), tensor.WithBacking(b))
	z, err := tensor.MatMul(x, y)
	if err != nil || !slices.Equal(z.Data().([]float32), want) {
		t.Errorf("tensors do not use the product: %v", err)
	}
}

func BenchmarkGonum(b *testing.B) {
	const n = 512
	x, y, z := random(1, n*n), random(2, n*n), make([]float32, n*n)
	for name, impl := range map[string]gonum.Float32{"gonum": reference.Implementation{}, "attrib": Implementation{}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				impl.Sgemm(gonum.NoTrans, gonum.NoTrans, n, n, n, 1, x, n, y, n, 0, z, n)
			}
			b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

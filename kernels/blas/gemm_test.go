package blas

import (
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

func stream(n uint64) *philox.Stream { return philox.New([32]byte{6}, n) }

// Every tile of every path, over a short range of k: all rows up to two tiles and all columns up to a group.
func TestTilesToTheBit(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for m := 1; m <= 25; m++ {
			for n := 1; n <= 67; n++ {
				rnd := stream(uint64(100*m + n))
				x := task{count: 1, alpha: 1, o: Options{Path: p}}
				x.a = operand(rnd, 1, m, 3, layout{trans: n%2 == 1, gap: 1})
				x.b = operand(rnd, 1, 3, n, layout{trans: m%2 == 1, gap: 2})
				x.c = operand(rnd, 1, m, n, layout{gap: 3})
				sameBits(t, x, x.run(t), x.model(p))
			}
		}
	})
}

var sizes = []int{0, 1, 2, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 121, 127, 128, 129}

// randomTask draws shapes, layouts and factors.
func randomTask(rnd *philox.Stream, p simd.Path) task {
	pick := func() int { return sizes[rnd.Intn(len(sizes))] }
	lay := func() layout { return layout{rnd.Intn(2) == 1, rnd.Intn(4) * rnd.Intn(4), rnd.Intn(5)} }
	m, n, k := pick(), pick(), pick()
	if rnd.Intn(4) == 0 {
		k = 3*k + 1
	}
	x := task{count: 1 + rnd.Intn(3), o: Options{Path: p, Workers: 1 + rnd.Intn(3)}}
	x.alpha = []float32{1, 1, -1, 0.3, 0}[rnd.Intn(5)]
	x.beta = []float32{0, 0, 1, -0.7}[rnd.Intn(4)]
	x.a, x.b = operand(rnd, x.count, m, k, lay()), operand(rnd, x.count, k, n, lay())
	for _, shared := range []*Batch{&x.a, &x.b} {
		if rnd.Intn(4) == 0 {
			shared.Step = 0
		}
	}
	x.c = operand(rnd, x.count, m, n, layout{gap: rnd.Intn(5), apart: rnd.Intn(5)})
	if x.beta == 0 && rnd.Intn(2) == 0 {
		x.o.BiasStep = rnd.Intn(2) * (n + 1)
		x.o.Bias = operand(rnd, x.count, 1, n+1, layout{}).Data
	}
	return x
}

// The whole of C's memory, gaps included, is what the promised chain of additions gives; and near float64.
func TestRandomToTheBit(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for r := range 60 {
			x := randomTask(stream(uint64(r)), p)
			got := x.run(t)
			sameBits(t, x, got, x.model(p))
			if r%4 == 0 {
				near(t, x, got)
			}
		}
	})
}

// near holds results against the float64 reference: within (k+3)·2⁻²⁴ of the sum of magnitudes.
func near(t *testing.T, x task, c []float32) {
	t.Helper()
	_, k := x.a.Dims()
	abs := x
	abs.a, abs.b, abs.c = magnitudes(x.a), magnitudes(x.b), magnitudes(x.c)
	abs.alpha, abs.beta = float32(math.Abs(float64(x.alpha))), float32(math.Abs(float64(x.beta)))
	abs.o.Bias = magnitudes(Batch{Matrix: Matrix{Data: x.o.Bias}}).Data
	want := Reference(x.count, x.alpha, x.a, x.b, x.beta, x.c, x.o)
	bound := Reference(x.count, abs.alpha, abs.a, abs.b, abs.beta, abs.c, abs.o)
	for at := range want {
		q, i, j := at/(x.c.Rows*x.c.Cols), at/x.c.Cols%x.c.Rows, at%x.c.Cols
		got := float64(c[q*x.c.Step+i*x.c.Stride+j])
		if !(math.Abs(got-want[at]) <= float64(k+3)*bound[at]*0x1p-24) {
			t.Fatalf("%v: product %d, element (%d, %d) is %g, in float64 %g", x, q, i, j, got, want[at])
		}
	}
}

func magnitudes(b Batch) Batch {
	b.Data = slices.Clone(b.Data)
	for i, v := range b.Data {
		b.Data[i] = float32(math.Abs(float64(v)))
	}
	return b
}

// Larger than every block: several ranges of k, chunks of rows and blocks of columns.
func TestBlocks(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for i, s := range [][3]int{{chunkRows + 1, groupCols + 1, 2*stripDepth(p) + 1}, {2*chunkRows + 5, 70, stripDepth(p)}, {9, blockCols + 3, 130}, {150, 300, 140}} {
			rnd := stream(uint64(500 + i))
			x := task{count: 1, alpha: 0.5, beta: 0.25, o: Options{Path: p, Workers: 3}}
			x.a, x.b = operand(rnd, 1, s[0], s[2], layout{trans: i%2 == 0}), operand(rnd, 1, s[2], s[1], layout{trans: i%3 == 0})
			x.c = operand(rnd, 1, s[0], s[1], layout{gap: 1})
			got := x.run(t)
			sameBits(t, x, got, x.model(p))
			if i == 0 {
				near(t, x, got)
			}
		}
	})
}

// One definition of a fused product: AVX2 and AVX-512 give the same bits.
func TestFusedPathsAgree(t *testing.T) {
	if simd.Available()[len(simd.Available())-1] != simd.AVX512 {
		t.Log("this machine has at most one fused path")
		return
	}
	for r := range 40 {
		x, y := randomTask(stream(uint64(900+r)), simd.AVX512), randomTask(stream(uint64(900+r)), simd.AVX2)
		sameBits(t, x, x.run(t), y.run(t))
	}
}

// NaN in C does not spread when β is 0, nor NaN in A and B when α is 0; a NaN in A reaches exactly its row.
func TestNaN(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, k := range []int{0, 5, 2*stripDepth(p) + 1} {
			rnd := stream(1)
			a, b := operand(rnd, 1, 20, k, layout{}), operand(rnd, 1, k, 70, layout{})
			c := Batch{Matrix: Dense(20, 70, poisoned(1400))}
			x := task{count: 1, alpha: 1, a: a, b: b, c: c, o: Options{Path: p}}
			near(t, x, x.run(t))
			x.alpha, x.a.Data, x.b.Data = 0, poisoned(20*k), poisoned(k*70)
			for i, v := range x.run(t) {
				if v != 0 {
					t.Fatalf("k %d: α = 0 and β = 0 give %g at %d", k, v, i)
				}
			}
		}
		rnd := stream(2)
		x := task{count: 1, alpha: 1, a: operand(rnd, 1, 20, 9, layout{}), b: operand(rnd, 1, 9, 70, layout{}), c: operand(rnd, 1, 20, 70, layout{}), o: Options{Path: p}}
		x.a.Data[7*9+4] = float32(math.NaN())
		for i, v := range x.run(t) {
			if (v != v) != (i/70 == 7) {
				t.Fatalf("row %d, column %d is %g with a NaN in row 7 of A", i/70, i%70, v)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	ok := func(r, c int) Batch { return Batch{Matrix: Dense(r, c, make([]float32, r*c))} }
	short, wide, late := ok(2, 3), ok(2, 3), ok(2, 3)
	short.Data = short.Data[:5]
	wide.Stride = 2
	late.Step = 1
	trans := Batch{Matrix: ok(4, 2).T()}
	huge := Batch{Matrix: Matrix{Rows: math.MaxInt, Cols: 1, Stride: math.MaxInt, Data: make([]float32, 9)}}
	for _, c := range []struct {
		name    string
		count   int
		a, b, c Batch
		o       Options
		beta    float32
		want    []string
	}{
		{"shapes", 1, ok(2, 3), ok(4, 4), ok(2, 4), Options{}, 0, []string{"shapes do not match: (2×3)·(4×4) into 2×4"}},
		{"all at once", 1, short, wide, ok(2, 4), Options{}, 0, []string{"A has 5 values, too few", "B has rows of 3 values but a stride of 2", "shapes"}},
		{"overlap", 2, ok(2, 3), ok(3, 3), late, Options{}, 0, []string{"results of 2×3 with stride 3 overlap at a step of 1", "C has 6 values"}},
		{"transposed", 1, ok(2, 3), ok(3, 4), trans, Options{}, 0, []string{"C is transposed"}},
		{"overflow", 2, huge, ok(1, 1), ok(2, 1), Options{}, 0, []string{"A has 9 values, too few"}},
		{"negative", -1, ok(2, 3), ok(3, 3), ok(2, 3), Options{Workers: -1}, 0, []string{"-1 workers", "a batch of -1"}},
		{"bias", 2, ok(2, 3), ok(3, 3), Batch{Matrix: Dense(2, 3, make([]float32, 12)), Step: 6}, Options{Bias: make([]float32, 5), BiasStep: 3}, 0, []string{"5 values of bias are too few"}},
		{"bias and β", 1, ok(2, 3), ok(3, 3), ok(2, 3), Options{Bias: make([]float32, 3)}, 1, []string{"β other than 0"}},
		{"path", 1, ok(2, 3), ok(3, 3), ok(2, 3), Options{Path: 99}, 0, []string{"cannot run"}},
	} {
		before := slices.Clone(c.c.Data)
		err := GemmBatch(c.count, 1, c.a, c.b, c.beta, c.c, c.o)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v does not say %q", c.name, err, w)
			}
		}
		sameBits(t, c.name, c.c.Data, before)
	}
}

package cpu

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/kernelstest"
	"attrib/kernels/ref"
	"attrib/kernels/simd"
)

// gramOn is the device with its Gram on one path.
type gramOn struct {
	*device
	path simd.Path
}

func (d gramOn) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	return d.gram(ctx, s, d.path)
}

func eachGram(t *testing.T, f func(t *testing.T, p simd.Path)) {
	for _, p := range simd.Available() {
		t.Run(p.String(), func(t *testing.T) { f(t, p) })
	}
}

func gramOf(t *testing.T, p simd.Path, o Options, s kernels.Source) []float64 {
	t.Helper()
	g, err := New(o).(*device).gram(context.Background(), s, p)
	if err != nil {
		t.Fatal(err)
	}
	return g.Data
}

func TestGramConformance(t *testing.T) {
	eachGram(t, func(t *testing.T, p simd.Path) {
		kernelstest.Conformance(t, func(*testing.T) kernels.Device {
			return gramOn{New(Options{Workers: 3, TileBytes: 5000}).(*device), p}
		})
	})
}

// gramError is the largest error against the oracle, relative to √(G_ii·G_jj).
func gramError(t *testing.T, got []float64, rows kernels.Matrix) float64 {
	t.Helper()
	want, err := ref.New().Gram(context.Background(), kernels.MatrixSource(rows))
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for at, v := range got {
		i, j := at/want.N, at%want.N
		if v != got[j*want.N+i] {
			t.Fatalf("element (%d, %d) is %v, element (%d, %d) %v", i, j, v, j, i, got[j*want.N+i])
		}
		if off := math.Abs(v - want.Data[at]); off > 0 || math.IsNaN(v) {
			worst = max(worst, off/math.Sqrt(want.At(i, i)*want.At(j, j)))
		}
	}
	return worst
}

// Every shape around runs, chunks, panels and tiles is the oracle's; whole numbers exactly.
func TestGramShapes(t *testing.T) {
	eachGram(t, func(t *testing.T, p simd.Path) {
		for _, w := range []int{1, 3, 23, 24, 25, 47, 48, 49, 95, 97, 150} {
			for _, n := range []int{1, 2, 127, 128, 129, 257, 1024, 1025} {
				for _, rows := range []kernels.Matrix{kernelstest.Random(n, w, 1), kernelstest.Whole(n, w, 2)} {
					got := gramOf(t, p, Options{Workers: 2}, kernels.MatrixSource(rows))
					limit := 1e-6
					if rows.Row(0)[0] == float32(math.Trunc(float64(rows.Row(0)[0]))) {
						limit = 0
					}
					if worst := gramError(t, got, rows); !(worst <= limit) {
						t.Errorf("%d×%d: error %.2g", n, w, worst)
					}
				}
			}
		}
	})
}

// Rows of one sign are the worst for sums in float32; the stated bound holds for many of them.
func TestGramAccuracy(t *testing.T) {
	eachGram(t, func(t *testing.T, p simd.Path) {
		for name, draw := range map[string]func(r *philox.Stream) float32{
			"symmetric": func(r *philox.Stream) float32 { return float32(2*r.Float64() - 1) },
			"positive":  func(r *philox.Stream) float32 { return float32(r.Float64()) },
			"equal":     func(*philox.Stream) float32 { return 1.0117 },
			"skewed":    func(r *philox.Stream) float32 { return float32(math.Exp(8 * (r.Float64() - 1))) },
		} {
			const n, w = 20_000, 20
			limit := 3e-7
			if name == "equal" {
				limit = 2e-6
			}
			r, v := philox.New([32]byte{3}, 0), make([]float32, n*w)
			for i := range v {
				v[i] = draw(r)
			}
			rows := kernels.F32(n, w, v)
			worst := gramError(t, gramOf(t, p, Options{}, kernels.MatrixSource(rows)), rows)
			t.Logf("%s: %.2g", name, worst)
			if !(worst <= limit) {
				t.Errorf("%s: error %.2g", name, worst)
			}
		}
	})
}

// Workers and tiles do not change a bit, and AVX2 gives the bits of AVX-512.
func TestGramBits(t *testing.T) {
	rows := kernelstest.Random(2300, 101, 5)
	for i := range 700 {
		rows.Row(i)[7] *= 1e-25 // a column that is scaled in some runs
	}
	var fused []float64
	for _, p := range simd.Available() {
		first := gramOf(t, p, Options{Workers: 1}, kernels.MatrixSource(rows))
		for _, o := range []Options{{}, {Workers: 1, TileBytes: 1}, {Workers: 2, TileBytes: 700}, {Workers: 5, TileBytes: 1 << 20}, {Workers: 64}} {
			if !slices.Equal(gramOf(t, p, o, kernels.MatrixSource(rows)), first) {
				t.Errorf("%v: %+v gives other bits", p, o)
			}
		}
		if p == simd.Generic {
			continue
		}
		if fused != nil && !slices.Equal(fused, first) {
			t.Errorf("%v gives other bits than the path below", p)
		}
		fused = first
	}
}

// Columns of any finite size are summed without overflow and without losing small products, alone and beside others.
func TestGramMagnitudes(t *testing.T) {
	sizes := []float64{math.MaxFloat32, 1e30, 1e18, 1e17, 1, 1e-15, 1e-17, 1e-18, 1e-25, 1e-38, 0}
	eachGram(t, func(t *testing.T, p simd.Path) {
		rows := kernelstest.Random(600, 60, 6)
		for i := range rows.Rows {
			for j := range rows.Row(i) {
				size := sizes[j%len(sizes)]
				if j == 4 && i/128 == 1 { // one run of a column only
					size = 1e-30
				}
				rows.Row(i)[j] *= float32(size)
			}
		}
		if worst := gramError(t, gramOf(t, p, Options{}, kernels.MatrixSource(rows)), rows); !(worst <= 1e-6) {
			t.Errorf("error %.2g", worst)
		}
	})
}

// Rows of other types give what their decoded form gives.
func TestGramTypes(t *testing.T) {
	rows := kernelstest.Random(300, 50, 7)
	eachGram(t, func(t *testing.T, p simd.Path) {
		for _, dtype := range []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
			m, err := kernels.Encode(dtype, rows)
			if err != nil {
				t.Fatal(err)
			}
			v := make([]float32, 300*50)
			m.Decode(v)
			want := gramOf(t, p, Options{}, kernels.MatrixSource(kernels.F32(300, 50, v)))
			if !slices.Equal(gramOf(t, p, Options{Workers: 2, TileBytes: 999}, kernels.MatrixSource(m)), want) {
				t.Errorf("%v: other bits than its decoded form", dtype)
			}
		}
	})
	m, _ := kernels.Encode(kernels.TypeI8, rows)
	m.Scale[270] = float32(math.Inf(1))
	_, err := New(Options{}).Gram(context.Background(), kernels.MatrixSource(m))
	var row *kernels.RowError
	if !errors.As(err, &row) || row.Row != 270 {
		t.Errorf("an infinite scale: %v", err)
	}
}

// failing is a source whose reads fail from a row on.
type failing struct {
	kernels.Source
	from int64
}

func (f failing) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if row0+int64(t.Rows) > f.from {
		return fmt.Errorf("rows from %d fail", f.from)
	}
	return f.Source.Read(ctx, row0, t)
}

// The lowest of what is wrong is reported: a row that is not finite before a read error in the same chunk.
func TestGramLowestError(t *testing.T) {
	rows := kernelstest.Random(900, 4, 8)
	rows.Row(100)[1] = float32(math.NaN())
	rows.Row(650)[0] = float32(math.Inf(-1))
	d := New(Options{Workers: 3, TileBytes: 64})
	_, err := d.Gram(context.Background(), failing{kernels.MatrixSource(rows), 300})
	var row *kernels.RowError
	if !errors.As(err, &row) || row.Row != 100 {
		t.Errorf("error %v, want row 100", err)
	}
	rows.Row(100)[1] = 0
	if _, err = d.Gram(context.Background(), failing{kernels.MatrixSource(rows), 300}); err == nil || err.Error() != "rows from 300 fail" {
		t.Errorf("error %v, want the read error", err)
	}
}

// constant is a source of n rows of 64 ones that holds none of them.
type constant int64

func (c constant) Len() int64           { return int64(c) }
func (constant) Layout() kernels.Layout { return kernels.Layout{Width: 64} }

func (c constant) Read(_ context.Context, row0 int64, t *kernels.Tile) error {
	v := t.Buffer(0, 64*t.Rows)
	for i := range v {
		v[i] = 1
	}
	t.Flat = kernels.F32(t.Rows, 64, v)
	return t.CheckRange(row0, int64(c))
}

// What a Gram matrix allocates does not grow with the number of rows.
func TestGramMemory(t *testing.T) {
	allocated := func(n int64) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := gramOf(t, simd.Active(), Options{Workers: 2, TileBytes: 1 << 14}, constant(n))
		runtime.ReadMemStats(&after)
		if got[0] != float64(n) || got[64*64-1] != float64(n) {
			t.Fatalf("%d rows of ones sum to %v", n, got[0])
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	if small, large := allocated(5000), allocated(200_000); large > 2*small+1<<20 {
		t.Errorf("5,000 rows allocate %d bytes, 200,000 rows %d", small, large)
	}
}

package kernels_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
)

func TestDType(t *testing.T) {
	for _, d := range []kernels.DType{kernels.TypeF32, kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
		if got, err := kernels.ParseDType(d.String()); got != d || err != nil || d.Size() == 0 {
			t.Errorf("%v reads back as %v (size %d, error %v)", d, got, d.Size(), err)
		}
	}
	if _, err := kernels.ParseDType("F8"); err == nil {
		t.Error("F8 is read")
	}
}

func TestMatrix(t *testing.T) {
	m := kernels.F32(3, 2, []float32{1, 2, 3, 4, 5, 6, 7})
	if !slices.Equal(m.Row(2), []float32{5, 6}) || m.FirstNonFinite() != -1 {
		t.Errorf("row 2 is %v", m.Row(2))
	}
	s := m.Slice(1, 3)
	if s.Rows != 2 || !slices.Equal(s.Row(0), []float32{3, 4}) || s.Validate() != nil {
		t.Errorf("slice is %+v", s)
	}
	if e := m.Slice(3, 3); e.Rows != 0 || e.Validate() != nil {
		t.Errorf("empty slice is %+v", e)
	}
	s.Row(1)[0] = float32(math.NaN())
	if m.FirstNonFinite() != 2 {
		t.Error("a NaN in row 2 is not seen through the whole matrix")
	}
	half := kernels.Matrix{Rows: 2, Cols: 3, Stride: 3, Type: kernels.TypeI8, Data: []byte{1, 2, 3, 4, 5, 6}, Scale: []float32{1, 2}}
	if c := half.Slice(1, 2); !slices.Equal(c.Data, []byte{4, 5, 6}) || !slices.Equal(c.Scale, []float32{2}) {
		t.Errorf("slice of I8 is %+v", c)
	}
}

func TestMatrixValidate(t *testing.T) {
	data := kernels.Bytes(make([]float32, 6))
	for text, m := range map[string]kernels.Matrix{
		"unknown element type":       {Type: 9},
		"shape -1×-2":                {Rows: -1, Cols: -2},
		"stride 2 is less":           {Rows: 1, Cols: 3, Stride: 2, Data: data},
		"do not fit 24 bytes":        {Rows: 3, Cols: 3, Stride: 3, Data: data},
		"do not fit":                 {Rows: math.MaxInt, Cols: 2, Stride: math.MaxInt, Data: data},
		"not aligned":                {Rows: 1, Cols: 2, Stride: 2, Data: data[1:]},
		"1 scales for 2 rows":        {Rows: 2, Cols: 3, Stride: 3, Type: kernels.TypeI8, Data: data, Scale: []float32{1}},
		"scales given for type BF16": {Rows: 1, Cols: 3, Stride: 3, Type: kernels.TypeBF16, Data: data, Scale: []float32{1}},
	} {
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: error %v does not say %q", m, err, text)
		}
	}
	if err := (kernels.Matrix{Rows: 2, Cols: 2, Stride: 4, Data: data}).Validate(); err != nil {
		t.Errorf("a last row without the rest of its stride is fine: %v", err)
	}
}

func TestLayoutValidate(t *testing.T) {
	for text, l := range map[string]kernels.Layout{
		"width 0":         {},
		"factor 1":        {Width: 3, Factors: []kernels.FactorDims{{In: 1, Out: 3, Positions: 1}, {In: 1, Out: 0, Positions: 1}}},
		"is not the 6":    {Width: 7, Factors: []kernels.FactorDims{{In: 2, Out: 3, Positions: 1}}},
		"at most":         {Width: 7, Factors: []kernels.FactorDims{{In: math.MaxInt, Out: math.MaxInt, Positions: 1}}},
		"unknown element": {Width: 7, Type: 77},
	} {
		if err := l.Validate(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: error %v does not say %q", l, err, text)
		}
	}
	good := kernels.Layout{Width: 6, Factors: []kernels.FactorDims{{In: 2, Out: 3, Positions: 4}}}
	if err := good.Validate(); err != nil || good.RowBytes() != 4*4*5 {
		t.Errorf("%v, %d bytes a row", err, good.RowBytes())
	}
}

// TestUnitFor: the bound fits, and would not fit the next smaller unit.
func TestUnitFor(t *testing.T) {
	for _, c := range []struct {
		bound float64
		n     int64
	}{{1, 1}, {1, 1 << 20}, {0.999, 1000}, {3e38, 10_000_000}, {1e-40, 7}, {math.Nextafter(1, 2), 1}} {
		u := kernels.UnitFor(c.bound, c.n)
		if total := math.Ldexp(c.bound*float64(c.n), -u); total >= 1<<62 || total < 1<<61 {
			t.Errorf("UnitFor(%g, %d) = %d leaves a total of %g", c.bound, c.n, u, total)
		}
	}
	if kernels.UnitFor(0, 5) != kernels.MinUnit || kernels.UnitFor(math.NaN(), 5) != kernels.MaxUnit || kernels.UnitFor(math.Inf(1), 5) != kernels.MaxUnit || kernels.UnitFor(-1, 5) != kernels.MaxUnit {
		t.Error("special bounds")
	}
}

// TestRounder: half to even, and n scores at the limit overflow neither sum.
func TestRounder(t *testing.T) {
	r := kernels.NewRounder(0, 1)
	for score, want := range map[float32]int64{0.5: 0, 1.5: 2, 2.5: 2, -0.5: 0, -1.5: -2, 7: 7} {
		if got, ok := r.Linear(score); got != want || !ok {
			t.Errorf("%g rounds to %d (%v), want %d", score, got, ok, want)
		}
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e19} {
		if _, ok := r.Linear(bad); ok {
			t.Errorf("%g is accepted", bad)
		}
	}
	for _, n := range []int64{1, 2, 3, 4, 5, 7, 8, 1000, 1<<20 + 1, 10_000_000} {
		for _, unit := range []int{-100, 0, 37} {
			r, largest := kernels.NewRounder(unit, n), largestScore(unit, n)
			v, ok := r.Linear(largest)
			if !ok || v > math.MaxInt64/n || r.Square(largest) > math.MaxInt64/n {
				t.Errorf("n = %d, unit = %d: %d and %d times n overflow (accepted: %v)", n, unit, v, r.Square(largest), ok)
			}
			if _, ok := r.Linear(-largest * 1.0001); ok {
				t.Errorf("n = %d, unit = %d: too large a score is accepted", n, unit)
			}
			if sq := math.Ldexp(float64(r.Square(largest)), kernels.SquareUnit(unit, n)); math.Abs(sq/float64(largest)/float64(largest)-1) > 1e-9 {
				t.Errorf("n = %d, unit = %d: the square of %g reads %g", n, unit, largest, sq)
			}
		}
	}
}

func largestScore(unit int, n int64) float32 {
	limit := math.Ldexp(1.5, 62+unit) / float64(n)
	s := float32(limit)
	if float64(s) > limit {
		s = math.Nextafter32(s, 0)
	}
	return s
}

func TestMaxNorm(t *testing.T) {
	m := kernels.F32(3, 2, []float32{0, 0, -3, 4, 1, 1})
	if got, err := kernels.MaxNorm(context.Background(), kernels.MatrixSource(m)); got != 5 || err != nil {
		t.Errorf("%g, error %v", got, err)
	}
	big := kernelstest.Random(5000, 700, 1) // several tiles
	big.Row(4321)[3] = 1000
	want := math.Sqrt(kernels.SquaredNorm(big.Row(4321)))
	if got, err := kernels.MaxNorm(context.Background(), kernels.MatrixSource(big)); got != want || err != nil {
		t.Errorf("%g, want %g, error %v", got, want, err)
	}
	big.Row(4000)[0] = float32(math.Inf(1))
	var row *kernels.RowError
	if _, err := kernels.MaxNorm(context.Background(), kernels.MatrixSource(big)); !errors.As(err, &row) || row.Row != 4000 {
		t.Errorf("error %v does not name row 4000", err)
	}
}

// TestMaxNormTypes: rows of every type have the norm of their decoded form, and a scale that is not finite is named.
func TestMaxNormTypes(t *testing.T) {
	plain := kernels.F32(2, 3, []float32{1, 0, 0, 3, 0, 4})
	for _, kind := range []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
		m, err := kernels.Encode(kind, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kernels.MaxNorm(context.Background(), kernels.MatrixSource(m)); math.Abs(got-5) > 0.02 || err != nil {
			t.Errorf("%v: %g, error %v, want 5", kind, got, err)
		}
		if kind == kernels.TypeI8 {
			m.Scale[1] = float32(math.Inf(1))
			var row *kernels.RowError
			if _, err := kernels.MaxNorm(context.Background(), kernels.MatrixSource(m)); !errors.As(err, &row) || row.Row != 1 {
				t.Errorf("a scale of infinity: %v", err)
			}
		}
	}
}

func TestSquaredNorm(t *testing.T) {
	for n := range 12 {
		v, want := make([]float32, n), 0.0
		for i := range v {
			v[i] = float32(i + 1)
			want += float64((i + 1) * (i + 1))
		}
		if got := kernels.SquaredNorm(v); got != want {
			t.Errorf("%v: %g, want %g", v, got, want)
		}
	}
}

func TestMatrixSourceRange(t *testing.T) {
	s := kernels.MatrixSource(kernelstest.Random(5, 2, 1))
	for _, c := range [][2]int64{{0, 6}, {5, 1}, {-1, 1}, {math.MaxInt64, 1}} {
		if err := s.Read(context.Background(), c[0], &kernels.Tile{Rows: int(c[1])}); err == nil || !strings.Contains(err.Error(), "5 rows") {
			t.Errorf("rows %v: error %v", c, err)
		}
	}
}

// TestFinite puts every kind of number at every place.
func TestFinite(t *testing.T) {
	kinds := map[float32]bool{0: true, -1: true, math.MaxFloat32: true, -math.MaxFloat32: true, math.SmallestNonzeroFloat32: true,
		float32(math.Inf(1)): false, float32(math.Inf(-1)): false, math.Float32frombits(0x7f800001): false, math.Float32frombits(0xffffffff): false}
	for n := 1; n < 20; n++ {
		for at := range n {
			for x, want := range kinds {
				v := make([]float32, n)
				v[at] = x
				if kernels.Finite(v) != want {
					t.Errorf("%g at place %d of %d: Finite is %v", x, at, n, !want)
				}
			}
		}
	}
	if !kernels.Finite(nil) {
		t.Error("nothing is finite")
	}
}

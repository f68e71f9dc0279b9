package kernels

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestEncodeDecode(t *testing.T) {
	const rows, cols = 5, 37
	m := F32(rows, cols, make([]float32, rows*cols))
	for i := range rows - 1 { // the last row stays zero
		for j := range m.Row(i) {
			m.Row(i)[j] = float32(math.Sin(float64(i*cols+j))) * float32(math.Pow(10, float64(i-2)))
		}
	}
	relative := map[DType]float64{TypeF32: 0, TypeBF16: 1.0 / 256, TypeF16: 1.0 / 2048, TypeI8: 0}
	for typ, eps := range relative {
		e, err := Encode(typ, m)
		if err != nil || e.Validate() != nil || e.Type != typ {
			t.Fatalf("%v: %v, %v", typ, err, e.Validate())
		}
		got := make([]float32, rows*cols)
		e.Decode(got)
		for i := range rows {
			worst := float32(0)
			for _, x := range m.Row(i) {
				worst = max(worst, x, -x)
			}
			for j, x := range m.Row(i) {
				limit := eps*math.Abs(float64(x)) + 0x1p-25 // half of the smallest F16
				if typ == TypeI8 {
					limit = float64(worst) / 127 * 0.50001
				}
				if d := math.Abs(float64(got[i*cols+j]) - float64(x)); d > limit {
					t.Errorf("%v row %d: %g came back as %g", typ, i, x, got[i*cols+j])
				}
			}
		}
		back, err := Encode(typ, F32(rows, cols, got))
		if err != nil || string(back.Data) != string(e.Data) {
			t.Errorf("%v: what was read is not written as it was (%v)", typ, err)
		}
		part := e.Slice(1, 3)
		got2 := make([]float32, 2*cols)
		part.Decode(got2)
		if got2[cols] != got[2*cols] {
			t.Errorf("%v: a slice is read differently", typ)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		t DType
		x []float32
	}{
		"row 1: holds 70000, which is too large for F16":    {TypeF16, []float32{1, 1, 1, 70000}},
		"row 0: holds 3.4e+38, which is too large for BF16": {TypeBF16, []float32{3.4e38, 1, 1, 1}},
		"row 1: every value is too small for F16":           {TypeF16, []float32{0, 0, 0, 1e-9}},
		"row 0: every value is too small for I8":            {TypeI8, []float32{1e-45, 0, 1, 1}},
		"row 1: holds a NaN":                                {TypeI8, []float32{1, 1, float32(math.NaN()), 1}},
	} {
		_, err := Encode(c.t, F32(2, 2, c.x))
		var row *RowError
		if !errors.As(err, &row) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

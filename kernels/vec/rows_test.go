package vec

import (
	"math"
	"slices"
	"testing"

	"attrib/internal/philox"
)

func randomRows(seed uint64, rows, stride int, scale float64) []float32 {
	rnd := philox.New([32]byte{8}, seed)
	x := make([]float32, rows*stride)
	for i := range x {
		x[i] = float32(scale * (rnd.Float64() - 0.5))
	}
	return x
}

// LogSoftmax against float64, and against plain Go to the bit, with what is between the rows left alone.
func TestLogSoftmax(t *testing.T) {
	eachPath(t, func(t *testing.T, u *unit) {
		for cols := 1; cols < 70; cols++ {
			rows, stride := 1+cols%7*13, cols+cols%3
			x := randomRows(uint64(cols), rows, stride, float64(1+cols%5*20))
			got, want := slices.Clone(x), slices.Clone(x)
			u.logSoftmax(got, x, rows, cols, stride)
			generic.logSoftmax(want, x, rows, cols, stride)
			equal(t, got, want)
			for i := range rows {
				nearRow(t, got[i*stride:i*stride+cols], x[i*stride:i*stride+cols])
				for j := cols; j < stride; j++ {
					if got[i*stride+j] != x[i*stride+j] {
						t.Fatalf("%d columns: the gap behind row %d was written", cols, i)
					}
				}
			}
			u.logSoftmax(x, x, rows, cols, stride)
			equal(t, x, want)
		}
		wide := randomRows(99, 1, 100_003, 30)
		got := slices.Clone(wide)
		u.logSoftmax(got, wide, 1, len(wide), len(wide))
		nearRow(t, got, wide)
	})
}

func nearRow(t *testing.T, got, x []float32) {
	t.Helper()
	top, sum := float64(slices.Max(x)), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	for j, v := range x {
		want := float64(v) - top - math.Log(sum)
		if !(math.Abs(float64(got[j])-want) <= 0x1p-23*(2*math.Abs(want)+2+float64(len(x)/32))) {
			t.Fatalf("%d columns: column %d is %g, in float64 %g", len(x), j, got[j], want)
		}
	}
}

// A row's bits do not depend on where it stands.
func TestRowsAlone(t *testing.T) {
	eachPath(t, func(t *testing.T, u *unit) {
		const rows, cols = 150, 21
		x := randomRows(5, rows, cols, 9)
		all := slices.Clone(x)
		u.logSoftmax(all, x, rows, cols, cols)
		for i := range rows {
			one := make([]float32, cols)
			u.logSoftmax(one, x[i*cols:], 1, cols, cols)
			equal(t, one, all[i*cols:(i+1)*cols])
		}
	})
}

func TestLogSoftmaxSpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachPath(t, func(t *testing.T, u *unit) {
		for at := range 20 {
			for _, bad := range []float32{nan, inf} {
				x := make([]float32, 20)
				x[at] = bad
				u.logSoftmax(x, x, 1, 20, 20)
				for _, v := range x {
					if v == v {
						t.Fatalf("%g in column %d gives %g", bad, at, v)
					}
				}
			}
			x := make([]float32, 20)
			x[at] = -inf
			u.logSoftmax(x, x, 1, 20, 20)
			for j, v := range x {
				if want := -math.Log(19); j == at && v != -inf || j != at && math.Abs(float64(v)-want) > 1e-6 {
					t.Fatalf("−Inf in column %d gives %g in column %d", at, v, j)
				}
			}
		}
		one := []float32{1e30}
		u.logSoftmax(one, one, 1, 1, 1)
		if one[0] != 0 {
			t.Fatalf("one column gives %g", one[0])
		}
	})
}

func TestLogarithm(t *testing.T) {
	for b := math.Float32bits(1); b < math.Float32bits(1e30); b += 9973 {
		s := math.Float32frombits(b)
		if got, want := float64(logarithm(s)), math.Log(float64(s)); math.Abs(got-want) > 0x1p-24*want+1e-10 {
			t.Fatalf("logarithm(%g) = %g, want %g", s, got, want)
		}
	}
}

//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/kernels"
	"attrib/kernels/cpu"
)

// gramCase is rows with some columns of extreme magnitudes in one run.
func gramRows(n, w int, extreme bool) kernels.Matrix {
	v := randoms(n*w, uint64(n*w))
	if extreme {
		for i := range n {
			v[i*w] *= 1e-25
			if w > 2 && i < 128 {
				v[i*w+2] *= 1e30
			}
		}
	}
	return kernels.F32(n, w, v)
}

// gramOn sums rows in the emulator, in launches of `step` rows, and holds them to the CPU's bits or, for tensor cores, to
// float32 accuracy.
func gramOn(e emulated, name string, rows kernels.Matrix, step int) error {
	n, w := rows.Rows, rows.Cols
	stride := roundUp(w, 4)
	want, err := cpu.New(cpu.Options{}).Gram(context.Background(), kernels.MatrixSource(rows))
	if err != nil {
		return err
	}
	out, bad := newMemory(make([]float64, w*w)), newMemory([]int64{math.MaxInt64})
	for row0 := 0; row0 < n; row0 += step {
		count := min(step, n-row0)
		runs := (count + 127) / 128
		data, unit, scaled := newMemory(make([]float32, count*stride)), poisoned[int8](runs*stride), newMemory(make([]int32, runs))
		for i := range count {
			copy(data.v[i*stride:], rows.Row(row0+i))
		}
		a := gramArgs{Rows: data.p, Out: out.p, Unit: unit.p, Scaled: scaled.p, Bad: bad.p, Base: int64(row0), Count: int32(count), Width: int32(w), Stride: int32(stride)}
		if err := errors.Join(launchGram(e, name, a), data.intact(), unit.intact(), scaled.intact(), out.intact()); err != nil {
			return err
		}
	}
	if err := errors.Join(launchMirror(e, out.p, w), out.intact()); err != nil {
		return err
	}
	_, vectors := vectorPath()
	for i, v := range out.v {
		limit := 0.0
		if name != "gram_f32" || !vectors {
			limit = 2e-6 * math.Sqrt(want.At(i/w, i/w)*want.At(i%w, i%w))
		}
		if !(math.Abs(v-want.Data[i]) <= limit) {
			return fmt.Errorf("element (%d, %d) is %v, want %v", i/w, i%w, v, want.Data[i])
		}
	}
	if bad.v[0] != math.MaxInt64 {
		return fmt.Errorf("row %d is not finite", bad.v[0])
	}
	return nil
}

// gramBad has two rows that are not finite.
func gramBad(e emulated) error {
	rows := gramRows(140, 7, false)
	rows.Row(131)[3] = float32(math.Inf(-1))
	rows.Row(133)[6] = float32(math.NaN())
	data, unit, scaled := newMemory(make([]float32, 140*8)), poisoned[int8](16), newMemory(make([]int32, 2))
	for i := range 140 {
		copy(data.v[8*i:], rows.Row(i))
	}
	out, bad := newMemory(make([]float64, 49)), newMemory([]int64{math.MaxInt64})
	err := launchGram(e, "gram_f32", gramArgs{Rows: data.p, Out: out.p, Unit: unit.p, Scaled: scaled.p, Bad: bad.p, Base: 1000, Count: 140, Width: 7, Stride: 8})
	if err == nil && bad.v[0] != 1131 {
		return fmt.Errorf("the lowest bad row is %d, want 1131", bad.v[0])
	}
	return err
}

func gramSuite(e emulated) error {
	names := []string{"gram_f32", "gram_tf32"}
	if e.arch < 80 {
		names = names[:1]
	}
	for _, name := range names {
		for _, c := range []struct {
			n, w, step int
			extreme    bool
		}{{1, 1, 128, false}, {17, 5, 128, true}, {300, 66, 256, true}, {129, 131, 256, false}, {31, 64, 128, false}} {
			if err := gramOn(e, name, gramRows(c.n, c.w, c.extreme), c.step); err != nil {
				return fmt.Errorf("%s, %d×%d: %w", name, c.n, c.w, err)
			}
		}
	}
	return gramBad(e)
}

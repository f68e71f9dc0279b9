package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/lapack"
)

// substituteArgs is SubstituteArgs of choleskylarge.cuh.
type substituteArgs struct {
	Corner, X, Info      driver.Pointer
	Stride, Step, Next   int64
	Rows, Count, Back, _ int32
}

// subtractArgs is SubtractArgs of choleskylarge.cuh.
type subtractArgs struct {
	A, B, C, Info                  driver.Pointer
	RowA, StepA, StepB, ColB, RowC int64
	Rows, Cols, Depth, Lower       int32
}

const (
	choleskyBlock    = 64
	cornerShared     = (64*65 + 8*68 + 16*17) * 8
	substituteShared = 64 * 65 * 8
	subtractShared   = 2 * 16 * 65 * 8
)

// elements is the address of float64 number i behind p.
func elements(p driver.Pointer, i int) driver.Pointer { return p + driver.Pointer(8*i) }

func launchSubstitute(l launcher, a substituteArgs) error {
	return l.launch(kernel{"cholesky", "cholesky_substitute", 256, substituteShared}, driver.Dim{X: blocks(int(a.Count), 32)}, a)
}

func launchSubtract(l launcher, a subtractArgs) error {
	if a.Rows == 0 || a.Cols == 0 {
		return nil
	}
	return l.launch(kernel{"cholesky", "cholesky_subtract", 256, subtractShared}, driver.Dim{X: blocks(int(a.Cols), 64), Y: blocks(int(a.Rows), 64)}, a)
}

// launchCholesky factors the lower triangle of an n×n matrix in place, block after block.
func launchCholesky(l launcher, m driver.Pointer, n int, info driver.Pointer) error {
	for at := 0; at < n; at += choleskyBlock {
		rows := min(choleskyBlock, n-at)
		rest := n - at - rows
		corner, below := elements(m, at*n+at), elements(m, (at+rows)*n+at)
		err := l.launch(kernel{"cholesky", "cholesky_corner", 256, cornerShared}, driver.Dim{X: 1}, corner, int64(n), int32(rows), int32(at), info)
		if err == nil && rest > 0 {
			err = errors.Join(
				launchSubstitute(l, substituteArgs{Corner: corner, X: below, Info: info, Stride: int64(n), Step: 1, Next: int64(n), Rows: int32(rows), Count: int32(rest)}),
				launchSubtract(l, subtractArgs{A: below, B: below, C: elements(m, (at+rows)*n+at+rows), Info: info, RowA: int64(n), StepA: 1,
					StepB: 1, ColB: int64(n), RowC: int64(n), Rows: int32(rest), Cols: int32(rest), Depth: int32(rows), Lower: 1}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// launchSolve sets the n×m matrix b to L⁻¹·b, or with back to L⁻ᵀ·b.
func launchSolve(l launcher, chol driver.Pointer, n int, b driver.Pointer, m int, back bool, info driver.Pointer) error {
	count := (n + choleskyBlock - 1) / choleskyBlock
	for i := range count {
		at := i * choleskyBlock
		if back {
			at = (count - 1 - i) * choleskyBlock
		}
		rows := min(choleskyBlock, n-at)
		s := substituteArgs{Corner: elements(chol, at*n+at), X: elements(b, at*m), Info: info, Stride: int64(n), Step: int64(m), Next: 1, Rows: int32(rows), Count: int32(m)}
		t := subtractArgs{A: elements(chol, (at+rows)*n+at), B: s.X, C: elements(b, (at+rows)*m), Info: info, RowA: int64(n), StepA: 1,
			StepB: int64(m), ColB: 1, RowC: int64(m), Rows: int32(n - at - rows), Cols: int32(m), Depth: int32(rows)}
		if back {
			s.Back = 1
			t.A, t.C, t.RowA, t.StepA, t.Rows = elements(chol, at*n), b, 1, int64(n), int32(at)
		}
		if err := errors.Join(launchSubstitute(l, s), launchSubtract(l, t)); err != nil {
			return err
		}
	}
	return nil
}

// Cholesky factors a symmetric positive definite matrix, of which the lower triangle is given, in place on the first card:
// A = L·Lᵀ. The other triangle is neither read nor written. Error: *lapack.PivotError, whose
// Value is NaN, since the card does not tell it.
func (d *device) Cholesky(ctx context.Context, a lapack.Matrix) error {
	return d.choleskySolve(ctx, a, lapack.Matrix{}, true, false)
}

// CholeskySolve sets the n×m matrix b to A⁻¹·b, where chol is what [device.Cholesky] left.
func (d *device) CholeskySolve(ctx context.Context, chol, b lapack.Matrix) error {
	if b.Rows != chol.Rows {
		return fmt.Errorf("cuda: L has %d rows, B %d", chol.Rows, b.Rows)
	}
	return d.choleskySolve(ctx, chol, b, false, true)
}

func checkDense(name string, m lapack.Matrix) error {
	if m.Rows < 0 || m.Cols < 0 || m.Stride != 0 && m.Stride < m.Cols {
		return fmt.Errorf("cuda: %s has %d rows, %d columns and a stride of %d", name, m.Rows, m.Cols, m.Stride)
	}
	if m.Rows > 0 && m.Cols > 0 && len(m.Data) < (m.Rows-1)*strideOf(m)+m.Cols {
		return fmt.Errorf("cuda: %s has %d values, too few for %d×%d with stride %d", name, len(m.Data), m.Rows, m.Cols, strideOf(m))
	}
	return nil
}

func strideOf(m lapack.Matrix) int {
	if m.Stride == 0 {
		return m.Cols
	}
	return m.Stride
}

func (d *device) choleskySolve(ctx context.Context, a, b lapack.Matrix, factor, solve bool) (err error) {
	err = errors.Join(checkDense("A", a), checkDense("B", b))
	if a.Rows != a.Cols {
		err = errors.Join(err, fmt.Errorf("cuda: A is %d×%d, not square", a.Rows, a.Cols))
	}
	n, m := a.Rows, b.Cols
	if err != nil || n == 0 || !factor && m == 0 {
		return err
	}
	w := d.gpus[0].work()
	defer func() { err = first(err, w.close()) }()
	q, err := w.queue()
	if err != nil {
		return err
	}
	matrix, err1 := upload(w, q.stream, packed64(a))
	right, err2 := upload(w, q.stream, append(packed64(b), 0))
	info, err3 := upload(w, q.stream, []int32{0})
	if err := first(err1, err2, err3, d.within(w), ctx.Err()); err != nil {
		return err
	}
	if factor {
		if err := launchCholesky(q, matrix.Pointer(), n, info.Pointer()); err != nil {
			return err
		}
		return factored64(ctx, q.stream, a, matrix, info)
	}
	for _, back := range []bool{false, true} {
		if err := launchSolve(q, matrix.Pointer(), n, right.Pointer(), m, back, info.Pointer()); err != nil {
			return err
		}
	}
	x, err := download[float64](q.stream, right, n*m)
	if err != nil {
		return err
	}
	for i := range n {
		copy(b.Data[i*strideOf(b):i*strideOf(b)+m], x[i*m:])
	}
	return ctx.Err()
}

// factored64 brings a factor home, or says why there is none.
func factored64(ctx context.Context, s *driver.Stream, a lapack.Matrix, matrix, info *driver.Memory) error {
	failed, err := download[int32](s, info, 1)
	if err != nil {
		return err
	}
	if failed[0] != 0 {
		return &lapack.PivotError{Row: int(failed[0]) - 1, Value: math.NaN()}
	}
	l, err := download[float64](s, matrix, a.Rows*a.Rows)
	if err != nil {
		return err
	}
	for i := range a.Rows {
		copy(a.Data[i*strideOf(a):i*strideOf(a)+i+1], l[i*a.Rows:])
	}
	return ctx.Err()
}

// packed64 is a matrix without gaps.
func packed64(m lapack.Matrix) []float64 {
	out := make([]float64, 0, m.Rows*m.Cols+1)
	for i := range m.Rows {
		out = append(out, m.Data[i*strideOf(m):i*strideOf(m)+m.Cols]...)
	}
	return out
}

package blas

import (
	"slices"
	"testing"

	"attrib/kernels/simd"
)

// A large product, so that workers, slabs and blocks really differ.
func largeTask(p simd.Path) task {
	rnd := stream(3)
	x := task{count: 1, alpha: 1, o: Options{Path: p, Workers: 1}}
	x.a, x.b = operand(rnd, 1, 301, 290, layout{}), operand(rnd, 1, 290, 531, layout{})
	x.c = operand(rnd, 1, 301, 531, layout{})
	return x
}

func TestWorkers(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		x := largeTask(p)
		want := x.run(t)
		for _, x.o.Workers = range []int{0, 2, 3, 7, 64} {
			sameBits(t, x, x.run(t), want)
		}
		y := x
		y.count, y.a.Step, y.b.Step, y.c.Step = 7, 300, 0, 160_000
		y.a.Data, y.c.Data = slices.Concat(x.a.Data, x.a.Data), poisoned(7*160_000)
		y.o.Workers = 1
		want = y.run(t)
		y.o.Workers = 5
		sameBits(t, y, y.run(t), want)
	})
}

// A row's bits do not depend on the other rows, a column's not on the other columns, whatever tile they fall into.
func TestRowsAndColumnsAlone(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		x := largeTask(p)
		want := x.run(t)
		for _, r := range [][4]int{{0, 1, 0, 531}, {300, 301, 5, 6}, {7, 20, 3, 130}, {100, 301, 63, 65}, {0, 301, 530, 531}} {
			y := x
			y.a.Rows, y.b.Cols, y.c.Rows, y.c.Cols, y.c.Stride = r[1]-r[0], r[3]-r[2], r[1]-r[0], r[3]-r[2], r[3]-r[2]
			y.a.Data, y.b.Data = x.a.Data[r[0]*290:], x.b.Data[r[2]:]
			y.c.Data = poisoned(y.c.Rows * y.c.Cols)
			got := y.run(t)
			for i := range y.c.Rows {
				at := (r[0]+i)*531 + r[2]
				sameBits(t, y, got[i*y.c.Cols:(i+1)*y.c.Cols], want[at:at+y.c.Cols])
			}
		}
	})
}

// Transposed views give the bits of the transposed copies, and a batch those of its products alone.
func TestViewsAndBatches(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for r := range 30 {
			x := randomTask(stream(uint64(2000+r)), p)
			whole := x.run(t)
			for q := range x.count {
				y := x
				y.count = 1
				y.a, y.b = materialised(x.a, q), materialised(x.b, q)
				y.c.Data = x.c.Data[q*x.c.Step:]
				if x.o.Bias != nil {
					y.o.Bias = x.o.Bias[q*x.o.BiasStep:]
				}
				got := y.run(t)
				for i := range y.c.Rows {
					lo := i * y.c.Stride
					at := q*x.c.Step + lo
					sameBits(t, x, got[lo:lo+y.c.Cols], whole[at:at+y.c.Cols])
				}
			}
		}
	})
}

func materialised(b Batch, q int) Batch {
	rows, cols := b.Dims()
	out := Batch{Matrix: Dense(rows, cols, make([]float32, rows*cols))}
	for i := range rows {
		for j := range cols {
			out.Data[i*cols+j] = b.at(q, i, j)
		}
	}
	return out
}

// Results may lie side by side in the rows of one matrix.
func TestInterleaved(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		rnd := stream(5)
		x := task{count: 3, alpha: 1, o: Options{Path: p}}
		x.a, x.b = operand(rnd, 1, 14, 9, layout{}), operand(rnd, 3, 9, 10, layout{})
		x.a.Step = 0
		x.c = Batch{Matrix: Matrix{Rows: 14, Cols: 10, Stride: 33, Data: poisoned(14 * 33)}, Step: 11}
		sameBits(t, x, x.run(t), x.model(p))
	})
}

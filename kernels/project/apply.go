package project

import (
	"runtime"
	"sync"
	"sync/atomic"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/simd"
)

const (
	leastRows    = 64   // rows of P that a worker makes at a time, at least
	mostRows     = 256  // and at most: the more, the less often x is read
	blockColumns = 1024 // columns; what is summed in float32. A multiple of what a block of the generator holds
	blockLines   = 4096 // lines of x that these meet before they are made again
)

func (o Options) nonzeros(k int) int {
	if o.Nonzeros > 0 {
		return o.Nonzeros
	}
	return min(4, k)
}

// divisor is the inverse of the variance that entries without a factor have.
func (o Options) divisor(k int) int {
	if o.Kind == Sparse {
		return o.nonzeros(k)
	}
	return k
}

// Project multiplies the lines of x (n×w, F32, finite) by the random matrix: n×k numbers x·Pᵀ, P being k×w. Entries are made as
// they are needed. Dense products are summed in float32 over runs of 1,024 columns and the runs in float64, rounded once;
// sparse ones in float64. The bits do not depend on workers or on the other lines; dense ones may on the class of
// instructions.
func (m Matrix) Project(x kernels.Matrix, k int, o Options) (kernels.Matrix, error) {
	if err := o.Check(x, k); err != nil {
		return kernels.Matrix{}, err
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Path, _ = simd.Resolve(o.Path)
	out := kernels.F32(x.Rows, k, make([]float32, x.Rows*k))
	for lo := 0; lo < x.Rows; lo += blockLines {
		hi := min(lo+blockLines, x.Rows)
		if err := m.some(x.Slice(lo, hi), out.Slice(lo, hi), o); err != nil {
			return kernels.Matrix{}, err
		}
	}
	if err := CheckResult(out); err != nil {
		return kernels.Matrix{}, err
	}
	return out, nil
}

// some shares the rows of P, or for a sparse one the lines, among the workers.
func (m Matrix) some(x, out kernels.Matrix, o Options) error {
	rows := min(mostRows, max(1, (out.Cols/o.Workers+leastRows-1)/leastRows)*leastRows)
	units := (out.Cols + rows - 1) / rows
	if o.Kind == Sparse {
		units = (x.Rows + sparseLines - 1) / sparseLines
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for range min(o.Workers, units) {
		all.Go(func() {
			for u := int(next.Add(1)) - 1; u < units; u = int(next.Add(1)) - 1 {
				var err error
				if o.Kind == Sparse {
					m.sparse(x.Slice(u*sparseLines, min((u+1)*sparseLines, x.Rows)), out.Slice(u*sparseLines, min((u+1)*sparseLines, x.Rows)), o)
				} else {
					err = m.dense(x, out, u*rows, min(rows, out.Cols-u*rows), o)
				}
				if err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// dense fills columns row … row+rows−1 of out.
func (m Matrix) dense(x, out kernels.Matrix, row, rows int, o Options) error {
	w := m.maker(o.Path)
	p, part, sums := make([]float32, rows*blockColumns), make([]float32, x.Rows*rows), make([]float64, x.Rows*rows)
	for c := 0; c < x.Cols; c += blockColumns {
		n := min(blockColumns, x.Cols-c)
		for r := range rows {
			w.entries(o.Kind, uint32(row+r), uint32(c), p[r*n:(r+1)*n])
		}
		a := blas.Matrix{Rows: x.Rows, Cols: n, Stride: x.Stride, Data: x.Floats()[c:]}
		b := blas.Dense(rows, n, p[:rows*n])
		b.Trans = true
		if err := blas.Gemm(1, a, b, 0, blas.Dense(x.Rows, rows, part), blas.Options{Workers: 1, Path: o.Path}); err != nil {
			return err
		}
		for i, v := range part {
			sums[i] += float64(v)
		}
	}
	scale := o.Scale(out.Cols)
	for i := range x.Rows {
		for r := range rows {
			out.Row(i)[row+r] = float32(sums[i*rows+r] * scale)
		}
	}
	return nil
}

// sparseLines is how many lines meet the places of a run of columns before these are made again.
const sparseLines = 64

// sparse adds every column of x to its places.
func (m Matrix) sparse(x, out kernels.Matrix, o Options) {
	k, s := out.Cols, o.nonzeros(out.Cols)
	sums, place := make([]float64, x.Rows*k), make([]int32, blockColumns*s)
	w := m.maker(o.Path)
	for c := 0; c < x.Cols; c += blockColumns {
		n := min(blockColumns, x.Cols-c)
		for t := range s {
			words := w.blocks(uint32(t), uint32(c), n)
			for j := range n {
				row, negative := placeOf(words[4*j], words[4*j+1], t, k, s)
				if place[j*s+t] = int32(row); negative {
					place[j*s+t] = ^int32(row)
				}
			}
		}
		for i := range x.Rows {
			scatter(sums[i*k:(i+1)*k], x.Row(i)[c:c+n], place, s)
		}
	}
	scale := o.Scale(k)
	for i, v := range sums {
		out.Row(i / k)[i%k] = float32(v * scale)
	}
}

// scatter adds v[j] to its s places, or takes it away where a place is inverted.
func scatter(sums []float64, v []float32, place []int32, s int) {
	for j, x := range v {
		for _, at := range place[j*s : (j+1)*s] {
			if at < 0 {
				sums[^at] -= float64(x)
			} else {
				sums[at] += float64(x)
			}
		}
	}
}

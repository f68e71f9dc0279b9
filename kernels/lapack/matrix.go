package lapack

import (
	"errors"
	"fmt"
	"runtime"

	"attrib/kernels/simd"
)

// Matrix is a view of row-major float64 values: element (i, j) is Data[i·Stride+j]. Stride 0 stands for Cols.
type Matrix struct {
	Rows, Cols int
	Stride     int
	Data       []float64
}

// Dense is the view of a rows×cols matrix without gaps.
func Dense(rows, cols int, data []float64) Matrix {
	return Matrix{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// At is element (i, j).
func (m Matrix) At(i, j int) float64 { return m.Data[i*m.stride()+j] }

func (m Matrix) stride() int {
	if m.Stride == 0 {
		return m.Cols
	}
	return m.Stride
}

// check says what is wrong with a matrix, under a name.
func (m Matrix) check(name string) error {
	if m.Rows < 0 || m.Cols < 0 || m.stride() < m.Cols {
		return fmt.Errorf("lapack: %s has %d rows, %d columns and a stride of %d", name, m.Rows, m.Cols, m.stride())
	}
	if left := len(m.Data) - m.Cols; m.Rows > 0 && m.Cols > 0 && (left < 0 || m.Rows > 1 && m.stride() > left/(m.Rows-1)) {
		return fmt.Errorf("lapack: %s has %d values, too few for %d×%d with stride %d", name, len(m.Data), m.Rows, m.Cols, m.stride())
	}
	return nil
}

func (m Matrix) checkSquare(name string) error {
	if m.Rows != m.Cols {
		return fmt.Errorf("lapack: %s is %d×%d, not square", name, m.Rows, m.Cols)
	}
	return m.check(name)
}

// Triangle says where a matrix is held: in and below the diagonal, or in and above it.
type Triangle uint8

// The triangles.
const (
	Lower Triangle = iota
	Upper
)

// Options of a call. The zero value uses every core and the best path of the machine.
type Options struct {
	// Workers is the number of goroutines. Default GOMAXPROCS.
	Workers int
	// Path is the class of instructions. Default [simd.Active].
	Path simd.Path
}

// resolve is the workers and the code to use.
func (o Options) resolve() (int, *kernel, error) {
	p, err := simd.Resolve(o.Path)
	if o.Workers < 0 {
		err = errors.Join(err, fmt.Errorf("lapack: %d workers", o.Workers))
	}
	if err != nil {
		return 0, nil, err
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o.Workers, kernelOf(p), nil
}

// view is a matrix of any order in memory: element (i, j) is data[at+i·row+j·col].
type view struct {
	data         []float64
	at, row, col int
}

// upper is the upper triangle of a symmetric matrix, or the transpose of the lower one.
func (m Matrix) upper(t Triangle) view {
	if t == Upper {
		return view{m.Data, 0, m.stride(), 1}
	}
	return view{m.Data, 0, 1, m.stride()}
}

func (v view) index(i, j int) int { return v.at + i*v.row + j*v.col }

// reversed reads the rows from the last of n, and the columns too when both is set.
func (v view) reversed(n int, both bool) view {
	v.at += (n - 1) * v.row
	v.row = -v.row
	if both {
		v.at += (n - 1) * v.col
		v.col = -v.col
	}
	return v
}

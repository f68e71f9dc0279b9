package blas

import (
	"errors"
	"fmt"
)

// Matrix is a view of row-major float32 values: element (i, j) is Data[i·Stride+j]. With Trans set the operand is the
// transpose of the view. Stride 0 stands for Cols.
type Matrix struct {
	Rows, Cols int
	Stride     int
	Trans      bool
	Data       []float32
}

// Dense is the view of a rows×cols matrix without gaps.
func Dense(rows, cols int, data []float32) Matrix {
	return Matrix{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// T is the transpose: the same values, read the other way.
func (m Matrix) T() Matrix {
	m.Trans = !m.Trans
	return m
}

// Dims is the shape of the operand, after transposition.
func (m Matrix) Dims() (rows, cols int) {
	if m.Trans {
		return m.Cols, m.Rows
	}
	return m.Rows, m.Cols
}

// Batch is a row of matrices of one shape: matrix i starts at Data[i·Step]. Step 0 is one matrix shared by all
// products.
type Batch struct {
	Matrix
	Step int
}

// stride is the distance between rows.
func (m Matrix) stride() int {
	if m.Stride == 0 {
		return m.Cols
	}
	return m.Stride
}

// steps are the distances between rows and between columns of the operand.
func (m Matrix) steps() (row, col int) {
	if m.Trans {
		return 1, m.stride()
	}
	return m.stride(), 1
}

// check says what is wrong with count matrices, under a name.
func (b Batch) check(name string, count int) error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf("blas: "+name+" "+format, args...)) }
	if b.Rows < 0 || b.Cols < 0 {
		bad("has %d rows and %d columns", b.Rows, b.Cols)
	}
	if b.stride() < b.Cols {
		bad("has rows of %d values but a stride of %d", b.Cols, b.stride())
	}
	if b.Step < 0 {
		bad("has a step of %d between products", b.Step)
	}
	if len(all) == 0 && count > 0 && b.Rows > 0 && b.Cols > 0 && !b.fits(count) {
		bad("has %d values, too few for %d of %d×%d with stride %d and step %d", len(b.Data), count, b.Rows, b.Cols, b.stride(), b.Step)
	}
	return errors.Join(all...)
}

// fits says whether Data holds count matrices, by divisions that cannot overflow.
func (b Batch) fits(count int) bool {
	left := len(b.Data) - b.Cols
	if left < 0 || (b.Rows > 1 && b.stride() > left/(b.Rows-1)) {
		return false
	}
	left -= (b.Rows - 1) * b.stride()
	return count == 1 || b.Step <= left/(count-1)
}

// apart says whether no two of count matrices share an element.
func (b Batch) apart(count int) bool {
	if count < 2 || b.Rows == 0 || b.Cols == 0 {
		return true
	}
	if b.Step > (b.Rows-1)*b.stride()+b.Cols-1 {
		return true
	}
	return b.Step >= b.Cols && b.Step <= (b.stride()-b.Cols)/(count-1)
}

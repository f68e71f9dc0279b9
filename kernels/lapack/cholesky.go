package lapack

import (
	"errors"
	"fmt"
)

// PivotError says that a matrix is not positive definite, or not finite: the pivot of that row is not a number above 0.
type PivotError struct {
	Row   int
	Value float64 // what is left of the diagonal element after the rows before
}

// Error names the row.
func (e *PivotError) Error() string {
	return fmt.Sprintf("the matrix is not positive definite: the pivot of row %d is %g", e.Row, e.Value)
}

// Cholesky factors a symmetric positive definite n×n matrix whose triangle t is given, in place: A = L·Lᵀ for Lower,
// A = Uᵀ·U for Upper; U is Lᵀ to the bit. The other triangle is neither read nor written.
func Cholesky(t Triangle, a Matrix, o Options) error {
	workers, k, err := o.resolve()
	if err := errors.Join(err, a.checkSquare("A")); err != nil {
		return err
	}
	c := cholesky{kernel: k, n: a.Rows, upper: t == Upper, u: a.upper(t), a: a, workers: workers}
	c.spare = make([]spare, workers)
	for at := 0; at < c.n; at += block {
		if err := c.step(at, min(block, c.n-at)); err != nil {
			return err
		}
	}
	return nil
}

// cholesky is a factorisation Uᵀ·U under way; for Lower, u is the transpose of what is in memory.
type cholesky struct {
	*kernel
	n       int
	upper   bool
	a       Matrix
	u       view
	workers int
	corner  corner // the block on the diagonal
	right   panels // the block of rows beside it
	spare   []spare
}

// spare is what a worker needs.
type spare struct {
	tile tile
	edge [cols * cols]float64
}

// step factors rows at … at+rows−1 of U and subtracts their products from what is right of and below them.
func (c *cholesky) step(at, rows int) error {
	if i, left := c.corner.factor(c.kernel, &c.spare[0].tile, c.u, at, rows); i >= 0 {
		return &PivotError{at + i, left}
	}
	first := at + rows
	c.right.resize(rows, c.n-first)
	count := (c.n - first + cols - 1) / cols
	parallel(c.workers, count, func(w, i int) {
		p, col := c.right.of(i), first+i*cols
		load(p, c.u, at, col, rows, min(cols, c.n-col))
		c.corner.substitute(c.kernel, &c.spare[w].tile, p, rows)
		store(p, c.u, at, col, rows, min(cols, c.n-col))
	})
	c.trail(first, rows, count)
	return nil
}

// group is the number of panels of rows that stay in a worker's second cache while panels of columns pass.
const group = 6

// trail subtracts the products of all pairs of panels, in groups by groups of them.
func (c *cholesky) trail(first, depth, count int) {
	groups := (count + group - 1) / group
	parallel(c.workers, groups*(groups+1)/2, func(w, unit int) {
		i, j := 0, unit
		for j >= groups-i {
			j -= groups - i
			i++
		}
		c.pair(&c.spare[w], first, depth, count, i*group, (i+j)*group)
	})
}

// pair does the panels of rows from i on with the panels of columns from j on, where i ≤ j; in the lower triangle, rows
// and columns change places.
func (c *cholesky) pair(s *spare, first, depth, count, i, j int) {
	for q := j; q < min(j+group, count); q++ {
		for p := i; p < min(i+group, q+1); p++ {
			if c.upper {
				c.subtractBlock(s, first, depth, p, q)
			} else {
				c.subtractBlock(s, first, depth, q, p)
			}
		}
	}
}

// subtractBlock subtracts the product of panels p and q from block (p, q) of the matrix, in place, or through a copy
// where the block is not whole or on the diagonal.
func (c *cholesky) subtractBlock(s *spare, first, depth, p, q int) {
	row, col, stride := first+p*cols, first+q*cols, c.a.stride()
	out, step := c.a.Data[row*stride+col:], stride
	rows, width := min(cols, c.n-row), min(cols, c.n-col)
	copied := p == q || rows < cols || width < cols
	if copied {
		c.copyTriangle(s.edge[:], out, cols, stride, rows, width, p == q)
		out, step = s.edge[:], cols
	}
	c.tiles(&s.tile, c.right.of(p), c.right.of(q), depth, out, step)
	if copied {
		c.copyTriangle(c.a.Data[row*stride+col:], s.edge[:], stride, cols, rows, width, p == q)
	}
}

// copyTriangle copies a block, or only its triangle where it is on the diagonal.
func (c *cholesky) copyTriangle(dst, src []float64, dstStride, srcStride, rows, width int, diagonal bool) {
	for i := range rows {
		lo, hi := 0, width
		switch {
		case diagonal && c.upper:
			lo = i
		case diagonal:
			hi = i + 1
		}
		copy(dst[i*dstStride+lo:i*dstStride+hi], src[i*srcStride+lo:i*srcStride+hi])
	}
}

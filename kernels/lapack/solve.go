package lapack

import (
	"errors"
	"fmt"
)

// Solve sets the n×m matrix b to A⁻¹·b, where chol is what [Cholesky] left in triangle t of A.
func Solve(t Triangle, chol, b Matrix, o Options) error {
	if err := SolveTriangular(t, t == Upper, chol, b, o); err != nil {
		return err
	}
	return SolveTriangular(t, t == Lower, chol, b, o)
}

// SolveTriangular sets the n×m matrix b to T⁻¹·b, or with trans to T⁻ᵀ·b, where T is triangle t of the n×n matrix a. A
// zero on the diagonal gives infinities.
func SolveTriangular(t Triangle, trans bool, a, b Matrix, o Options) error {
	workers, k, err := o.resolve()
	err = errors.Join(err, a.checkSquare("T"), b.check("B"))
	if a.Rows != b.Rows {
		err = errors.Join(err, fmt.Errorf("lapack: T has %d rows, B %d", a.Rows, b.Rows))
	}
	if err != nil || a.Rows == 0 {
		return err
	}
	e, x := view{a.Data, 0, a.stride(), 1}, view{b.Data, 0, b.stride(), 1}
	if trans {
		e.row, e.col = e.col, e.row
	}
	if (t == Upper) != trans { // upper: read both from the end, which makes it lower
		e, x = e.reversed(a.Rows, true), x.reversed(a.Rows, false)
	}
	s := substitution{kernel: k, n: a.Rows, e: e, workers: workers, tiles: make([]tile, workers)}
	for col := 0; col < b.Cols; col += atOnce {
		s.solve(x, col, min(atOnce, b.Cols-col))
	}
	return nil
}

// atOnce is the number of right-hand sides that are held in panels at once.
const atOnce = 40 * cols

// substitution solves E·X = B for a lower triangle E, a block of rows after the other: their products with what is
// solved are subtracted first.
type substitution struct {
	*kernel
	n       int
	e       view
	workers int
	slivers []float64 // eight rows each of a block of rows of E, column after column, with reciprocals on the diagonal
	x       panels
	tiles   []tile
}

// solve does so many right-hand sides from col on.
func (s *substitution) solve(b view, col, width int) {
	s.x.resize(roundUp(s.n, round), width)
	count := (width + cols - 1) / cols
	parallel(s.workers, count, func(_, i int) {
		load(s.x.of(i), b, 0, col+i*cols, s.n, min(cols, width-i*cols))
		clear(s.x.of(i)[s.n*cols:])
	})
	share := max(1, min(4, count/s.workers)) // panels that a worker does together, so that it reads E once for them
	for row := 0; row < s.n; row += block {
		rows := min(block, s.n-row)
		s.pack(row, rows)
		parallel(s.workers, (count+share-1)/share, func(w, i int) {
			s.rows(&s.tiles[w], row, rows, i*share, min(count, (i+1)*share))
		})
	}
	parallel(s.workers, count, func(_, i int) {
		store(s.x.of(i), b, 0, col+i*cols, s.n, min(cols, width-i*cols))
	})
}

// rows solves a block of rows of panels from to to−1: a block of columns of E after the other, so that it stays in the
// second cache, and the triangle last.
func (s *substitution) rows(t *tile, row, rows, from, to int) {
	for before := 0; before < row; before += block {
		for p := from; p < to; p++ {
			for i := 0; i < rows; i += round {
				s.part(t, s.sliver(row, i)[before*round:], s.x.of(p), before, row+i)
			}
		}
	}
	for p := from; p < to; p++ {
		for i := 0; i < rows; i += round {
			s.eight(t, s.sliver(row, i)[row*round:], round, s.x.of(p), row, row+i, true)
		}
	}
}

// part subtracts the products of one block of columns from eight rows.
func (s *substitution) part(t *tile, a []float64, panel []float64, from, row int) {
	t.stepA, t.rowOut, t.depth = round, cols, block
	for i := 0; i < round; i += s.kernel.rows {
		for j := 0; j < cols; j += s.cols {
			t.a, t.b, t.out = &a[i], &panel[from*cols+j], &panel[(row+i)*cols+j]
			t.next = t.out
			s.subtract(t)
		}
	}
}

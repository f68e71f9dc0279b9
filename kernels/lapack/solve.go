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

// sliver is the sliver of row row+i of the block, i a multiple of 8: element (row+i+r, c) is sliver[8·c+r].
func (s *substitution) sliver(row, i int) []float64 {
	width := row + block
	return s.slivers[i*width:][:round*width]
}

// together is the number of slivers that are packed at once, so that lines and pages of E are used while they are near.
const together = 5

// pack copies a block of rows of E, filled up to a multiple of 8 with those of the identity.
func (s *substitution) pack(row, rows int) {
	if n := block * (row + block); cap(s.slivers) < n {
		s.slivers = aligned(block * roundUp(s.n, block))
	} else {
		s.slivers = s.slivers[:n]
	}
	count := (rows + round - 1) / round
	parallel(s.workers, (count+together-1)/together, func(_, unit int) {
		from, to := unit*together, min(count, (unit+1)*together)
		if s.e.row == 1 || s.e.row == -1 {
			s.packAcross(row, from, to)
		} else {
			for i := from; i < to; i++ {
				s.packAlong(s.sliver(row, i*round), row+i*round)
			}
		}
		for i := from; i < to; i++ {
			finish(s.sliver(row, i*round), row+i*round, s.n)
		}
	})
}

// finish inverts the diagonal of the sliver whose first row is given and makes rows past the last those of the
// identity.
func finish(sliver []float64, first, n int) {
	for r := range round {
		diagonal := &sliver[round*(first+r)+r]
		if first+r < n {
			*diagonal = 1 / *diagonal
			continue
		}
		for c := range first + round {
			sliver[c*round+r] = 0
		}
		*diagonal = 1
	}
}

// packAcross copies slivers from to to−1 where the elements of a column are next to each other.
func (s *substitution) packAcross(row, from, to int) {
	for c := range min(s.n, row+to*round) {
		for i := max(from, (c-row)/round); i < to; i++ {
			first := row + i*round
			dst, at := s.sliver(row, i*round)[round*c:][:round], s.e.index(first, c)
			lo, hi := max(0, c-first), min(round, s.n-first)
			if lo == 0 && hi == round && s.e.row == 1 {
				copy(dst, s.e.data[at:])
				continue
			}
			for r := lo; r < hi; r++ { // only the triangle is read
				dst[r] = s.e.data[at+r*s.e.row]
			}
		}
	}
}

// packAlong copies the sliver whose first row is given where the elements of a row are next to each other.
func (s *substitution) packAlong(dst []float64, first int) {
	n := min(round, s.n-first)
	from := 0
	if n == round {
		var at [round]int
		for r := range at {
			at[r] = s.e.index(first+r, 0)
		}
		data, step := s.e.data, s.e.col
		for ; from < first; from++ {
			d, off := dst[round*from:round*from+round], from*step
			d[0], d[1], d[2], d[3] = data[at[0]+off], data[at[1]+off], data[at[2]+off], data[at[3]+off]
			d[4], d[5], d[6], d[7] = data[at[4]+off], data[at[5]+off], data[at[6]+off], data[at[7]+off]
		}
	}
	for r := range n {
		for c := from; c <= first+r; c++ {
			dst[round*c+r] = s.e.data[s.e.index(first+r, c)]
		}
	}
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

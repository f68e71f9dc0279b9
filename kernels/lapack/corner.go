package lapack

import "math"

// corner is a block on the diagonal of U, in panels. Its rows are filled up to a multiple of 8 with those of the
// identity, and its diagonal holds reciprocals, as substitution needs them. What is below the diagonal is of no matter.
type corner struct {
	panels
	diagonal [block + round]float64
	square   [round * round]float64
}

// factor factors rows × rows elements of u from (at, at) on, in place. It returns the first row whose pivot is not a
// number above 0, and that pivot, or −1.
func (c *corner) factor(k *kernel, t *tile, u view, at, rows int) (int, float64) {
	c.load(u, at, rows)
	for row := 0; row < rows; row += round {
		if i, left := c.rows(k, t, row); i >= 0 {
			return i, left
		}
	}
	c.exchange(u, at, rows, func(mine, theirs []float64) { copy(theirs, mine) }, func(mine, theirs *float64) { *theirs = *mine })
	for i := range rows {
		u.data[u.index(at+i, at+i)] = c.diagonal[i]
	}
	return -1, 0
}

// load copies the upper triangle.
func (c *corner) load(u view, at, rows int) {
	height := roundUp(rows, round)
	c.resize(height, height)
	clear(c.data)
	c.exchange(u, at, rows, func(mine, theirs []float64) { copy(mine, theirs) }, func(mine, theirs *float64) { *mine = *theirs })
	for i := rows; i < height; i++ {
		c.column(i)[i*cols] = 1
	}
}

// exchange visits the upper triangle here and in u, in the order of u's memory: runs of a row, or elements of a column.
func (c *corner) exchange(u view, at, rows int, run func(mine, theirs []float64), element func(mine, theirs *float64)) {
	if u.col != 1 {
		for j := range rows {
			mine, theirs := c.column(j), u.data[u.index(at, at+j):]
			for i := range j + 1 {
				element(&mine[i*cols], &theirs[i*u.row])
			}
		}
		return
	}
	for i := range rows {
		for j := i; j < rows; {
			n := min(rows, (j/cols+1)*cols) - j
			run(c.column(j)[i*cols:][:n], u.data[u.index(at+i, at+j):][:n])
			j += n
		}
	}
}

// rows factors the eight rows from row on: the eight columns on the diagonal, then what is right of them.
func (c *corner) rows(k *kernel, t *tile, row int) (int, float64) {
	own := c.of(row / cols)
	k.eight(t, own[row%cols:], cols, own, 0, row, false)
	for i := range round {
		copy(c.square[i*round:(i+1)*round], own[(row+i)*cols+row%cols:])
	}
	if i, left := c.factorSquare(row); i >= 0 {
		return row + i, left
	}
	k.eight(t, c.square[:], round, own, row, row, true)
	for i := range round {
		copy(own[(row+i)*cols+row%cols:], c.square[i*round:(i+1)*round])
	}
	for p := row/cols + 1; p*cols < c.height; p++ {
		k.eight(t, own[row%cols:], cols, c.of(p), 0, row, true)
	}
	return -1, 0
}

// factorSquare factors the eight columns on the diagonal, row by row.
func (c *corner) factorSquare(row int) (int, float64) {
	s := &c.square
	for i := range round {
		pivot := s[i*round+i]
		if !(pivot > 0) || math.IsInf(pivot, 1) {
			return i, pivot
		}
		root := math.Sqrt(pivot)
		c.diagonal[row+i] = root
		s[i*round+i] = 1 / root
		for j := i + 1; j < round; j++ {
			s[i*round+j] *= 1 / root
		}
		for r := i + 1; r < round; r++ {
			for j := r; j < round; j++ {
				s[r*round+j] -= float64(s[i*round+r] * s[i*round+j])
			}
		}
	}
	return -1, 0
}

// substitute solves Eᵀ·X = panel in place, where E is the factored block.
func (c *corner) substitute(k *kernel, t *tile, panel []float64, rows int) {
	for row := 0; row < rows; row += round {
		k.eight(t, c.column(row), cols, panel, 0, row, true)
	}
}

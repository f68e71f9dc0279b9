package cpu

import "unsafe"

// A gramTile is a tile of sums over a run of rows that is added to the result. The assembly reads it by the names of
// its fields.
type gramTile struct {
	a, b           *float32 // first row of the run: as many values of a as the tile has rows, and the columns of b
	stepA          int      // values between rows of a; b's are 48
	depth          int      // rows, at least 1
	out            *float64 // first element of the result
	rowOut         int      // values between its rows
	next           *float64 // two rows of the result that are needed soon
	ahead          *float32 // memory that the worker's next unit reads first
	scaleA, scaleB *float64 // eight equal factors a row of the tile, and one a column
	scaled         bool
}

// gramSpare is memory of one worker.
type gramSpare struct {
	tile   gramTile
	edge   []float64 // a block whose columns or rows reach beyond the result
	scaleA []float64
	a, b   []float64 // panels in float64, for plain Go
	ahead  []float32 // the panel to ask for, in as many parts as a unit has tiles and runs
	half   int       // which block of the unit is at work
}

// A gramStrip is a unit of work: the blocks of a group of panels of rows with columns first ≤ … < end.
type gramStrip struct{ row, first, end int }

// strips covers the blocks of n panels on and above the diagonal.
func strips(n int) (all []gramStrip) {
	width := max(1, min(gramStripe, n/8)) // enough of them for all workers
	for row := 0; row < n; row += gramGroup {
		for first := row; first < n; first += width {
			all = append(all, gramStrip{row, first, min(first+width, n)})
		}
	}
	return all
}

// add adds strip i, column after column: blocks of 48×48 elements. Meanwhile the worker's second cache takes in the next panel of
// columns; the one after the strip is a guess.
func (g *gram) add(worker, i int) {
	s, strip := &g.spare[worker], g.strips[i]
	for col := strip.first; col < strip.end; col++ {
		s.ahead = g.panel(min(col+1, g.panels()-1))
		for row := strip.row; row < min(strip.row+gramGroup, col+1); row++ {
			s.half = row - strip.row
			g.block(s, row, col)
		}
	}
}

// block adds the chunk to block (row, col), in place or, where the block is not whole, in a copy of it.
func (g *gram) block(s *gramSpare, row, col int) {
	w := g.out.N
	out, stride := g.out.Data[row*gramCols*w+col*gramCols:], w
	if rows, cols := w-row*gramCols, w-col*gramCols; rows < gramCols || cols < gramCols {
		edge := s.copyOf(out, w, min(rows, gramCols), min(cols, gramCols))
		defer copyRows(out, edge, w, gramCols, min(rows, gramCols), min(cols, gramCols))
		out, stride = edge, gramCols
	}
	gramBlock(g, s, row, col, out, stride)
}

// copyOf is a block of 48×48 with the rows and columns that there are.
func (s *gramSpare) copyOf(out []float64, stride, rows, cols int) []float64 {
	if s.edge == nil {
		s.edge = make([]float64, gramCols*gramCols)
	}
	copyRows(s.edge, out, gramCols, stride, rows, cols)
	return s.edge
}

func copyRows(dst, src []float64, dstStride, srcStride, rows, cols int) {
	for i := range rows {
		copy(dst[i*dstStride:i*dstStride+cols], src[i*srcStride:])
	}
}

// mirror fills the rows of a panel below the diagonal, from eight rows above it at a time, so that lines are used while
// they are in cache.
func (g *gram) mirror(panel int) {
	w, data := g.out.N, g.out.Data
	first, end := panel*gramCols, min((panel+1)*gramCols, w)
	for col := 0; col < end; col += 8 {
		for r := max(first, col+1); r < end; r++ {
			dst, at := data[r*w+col:r*w+min(col+8, r)], col*w+r
			for i := range dst {
				dst[i] = data[at]
				at += w
			}
		}
	}
}

// alignedFloats makes n numbers that start at a cache line.
func alignedFloats(n int) []float32 {
	v := make([]float32, n+16)
	skip := 0
	for uintptr(unsafe.Pointer(&v[skip]))%64 != 0 {
		skip++
	}
	return v[skip : skip+n]
}

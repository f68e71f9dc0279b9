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
	scaleA, scaleB *float64 // eight equal factors a row of the tile, and one a column
	scaled         bool
}

// gramSpare is memory of one worker.
type gramSpare struct {
	tile   gramTile
	edge   []float64 // a block whose columns or rows reach beyond the result
	scaleA []float64
	a, b   []float64 // panels in float64, for plain Go
}

// blocks is the number of units of work: groups of panels of rows, each with every panel of columns from the group's
// first on.
func (g *gram) blocks() int {
	n := 0
	for first := 0; first < g.panels(); first += gramGroup {
		n += g.panels() - first
	}
	return n
}

// add adds unit i: blocks of 48×48 elements in the same columns.
func (g *gram) add(worker, i int) {
	first := 0
	for i >= g.panels()-first {
		i -= g.panels() - first
		first += gramGroup
	}
	col := first + i
	for row := first; row < min(first+gramGroup, col+1); row++ {
		g.block(&g.spare[worker], row, col)
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

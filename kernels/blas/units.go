package blas

import "sync"

// worker holds the buffers of a goroutine. They are kept between calls.
type worker struct {
	strip strip
	packA []float32 // some rows of op(A), a range of k
	packB []float32 // a block of columns of op(B), strip after strip, all of k
	part  []float32 // sums that wait
	has   packing   // what packB holds
}

// packing names a packed block.
type packing struct {
	done      bool
	at, block int
}

// Rows of the buffers are a line longer than what is in them, so that rows do not share a set of the cache.
const (
	packStride = maxDepth + 16
	partStride = blockCols + 16
)

var idle = sync.Pool{New: func() any { return new(worker) }}

// units is a product cut into pieces: blocks of columns and slabs of rows.
type units struct {
	*product
	blocks, cols int // blocks of so many columns
	slabs, rows  int // slabs of so many rows
	packA, packB bool
}

// unit is one piece: rows [row, row+rows) and columns [col, col+cols) of product i.
type unit struct {
	i, block, row, rows, col, cols int
}

// locate is unit number n. Those with the same columns of the same B follow each other, so that a worker packs them
// once.
func (u *units) locate(n int) unit {
	slab, rest := n%u.slabs, n/u.slabs
	i, block := rest/u.blocks, rest%u.blocks
	if u.b.Step == 0 {
		i, block = rest%u.count, rest/u.count
	}
	row, col := slab*u.rows, block*u.cols
	return unit{i, block, row, min(u.rows, u.m-row), col, min(u.cols, u.n-col)}
}

// do is one unit.
func (u *units) do(w *worker, n int) {
	at := u.locate(n)
	if u.packB {
		u.packBlock(w, at)
	}
	u.take(w)
	width, depth := stripCols(u.path), stripDepth(u.path)
	for from := 0; from < at.rows; from += chunkRows {
		rows := min(chunkRows, at.rows-from)
		for k := 0; k < u.k; k += depth {
			u.chunk(w, at, at.row+from, rows, k)
			for col := 0; col < at.cols; col += width {
				u.strip(w, at, at.row+from, col, k)
				w.strip.cols = min(width, at.cols-col)
				w.strip.far = w.strip.cols*w.strip.depth > firstCache
				multiply(u.path, &w.strip)
			}
		}
	}
	w.release()
}

// take fills in what is the same for every strip of a unit.
func (u *units) take(w *worker) {
	s := &w.strip
	s.rowA, s.stepA = u.a.steps()
	s.stepB = u.b.stride()
	if u.packA {
		s.rowA, s.stepA = packStride, 1
		w.packA = grow(w.packA, chunkRows*packStride)
	}
	if u.packB {
		s.stepB = stripCols(u.path)
	}
	s.rowC, s.rowAdd, s.rowPart = u.c.stride(), u.c.stride(), partStride
	s.alpha, s.beta = u.alpha, u.beta
	if u.bias != nil {
		s.beta, s.rowAdd = 1, 0
	}
	if u.k > stripDepth(u.path) {
		w.part = grow(w.part, chunkRows*partStride)
	}
}

// chunk points at some rows of op(A) and a range of k, and packs them when asked to.
func (u *units) chunk(w *worker, at unit, row, rows, k int) {
	s := &w.strip
	s.rows, s.depth = rows, min(stripDepth(u.path), u.k-k)
	s.resume, s.pause = k > 0, k+s.depth < u.k
	rowA, stepA := u.a.steps()
	s.a = u.a.Data[at.i*u.a.Step+row*rowA+k*stepA:]
	if !u.packA {
		return
	}
	if u.a.Trans {
		transpose(u.path, w.packA, s.a, packStride, stepA, s.depth, rows)
	} else {
		for i := range rows {
			copy(w.packA[i*packStride:i*packStride+s.depth], s.a[i*rowA:])
		}
	}
	s.a = w.packA
}

// strip points at the strip of columns from col of the unit.
func (u *units) strip(w *worker, at unit, row, col, k int) {
	s := &w.strip
	s.c = u.c.Data[at.i*u.c.Step+row*s.rowC+at.col+col:]
	s.add = s.c
	if u.bias != nil {
		s.add = u.bias[at.i*u.biasStep+at.col+col:]
	}
	if s.resume || s.pause {
		s.part = w.part[col:]
	}
	if u.packB {
		s.b = w.packB[col*u.k+k*s.stepB:]
	} else {
		s.b = u.b.Data[at.i*u.b.Step+k*s.stepB+at.col+col:]
	}
}

// release drops the operands, so that an idle worker does not keep them.
func (w *worker) release() {
	w.strip.a, w.strip.b, w.strip.c, w.strip.add, w.strip.part = nil, nil, nil, nil, nil
}

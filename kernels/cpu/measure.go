package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// chunkRows is the number of rows that stay in cache while all queries meet them; a multiple of the tiles of every kernel.
const chunkRows = 192

// measure computes scores with vectors.
type measure struct {
	unit   *unit
	packs  []*pack
	metric kernels.Metric
}

// scratch is one worker's memory for a chunk of rows.
type scratch struct {
	rows    kernels.Matrix // as the kernels read them
	block   block
	scores  []float32 // rows × lanes of the pack
	part    []float32
	decoded []float32 // rows that are not read where they lie
	norms   []float64 // squared
	by      []float32 // what scores of a row are multiplied by
	normed  bool      // by is that of the rows
}

func (m *measure) newScratch() *scratch {
	n := chunkRows * m.unit.most * m.unit.lanes
	return &scratch{scores: aligned[float32](n), part: aligned[float32](n)}
}

// start sets the rows whose scores are asked for next.
func (m *measure) start(x *scratch, rows kernels.Matrix) {
	x.rows, x.normed = rows, false
	if rows.Type != kernels.TypeF32 {
		x.rows = x.floats(rows)
		m.unit.decode(x.rows.Floats(), rows)
	}
}

// floats is memory for rows of that shape.
func (x *scratch) floats(rows kernels.Matrix) kernels.Matrix {
	if n := rows.Rows * rows.Cols; len(x.decoded) < n {
		x.decoded = aligned[float32](n)
	}
	return kernels.F32(rows.Rows, rows.Cols, x.decoded)
}

// Rows with a norm in lowNorm … highNorm are compared as they are and the score is divided by the norm. Products of the
// others could overflow, or lose places near zero.
const lowNorm, highNorm = 0x1p-40, 0x1p40

// inverseNorms fills x.by. Rows of an extreme norm are multiplied by a power of two, in memory of their own, and the
// answer is true: scores that were computed before are not right.
func (m *measure) inverseNorms(x *scratch) (changed bool) {
	if x.by == nil {
		x.norms, x.by = make([]float64, chunkRows), make([]float32, chunkRows)
	}
	rows := x.rows
	m.unit.norms(&rows.Floats()[0], rows.Stride, rows.Rows, rows.Cols, &x.norms[0])
	for i, squared := range x.norms[:rows.Rows] {
		norm := math.Sqrt(squared)
		if norm < lowNorm && norm > 0 || norm > highNorm && !math.IsInf(norm, 0) {
			if !changed {
				x.copyRows()
				changed = true
			}
			_, e := math.Frexp(norm)
			for k, v := range x.rows.Row(i) {
				x.rows.Row(i)[k] = float32(math.Ldexp(float64(v), -e))
			}
			norm = math.Ldexp(norm, -e)
		}
		x.by[i] = 0
		if norm > 0 {
			x.by[i] = float32(1 / norm)
		}
	}
	return changed
}

// copyRows moves the rows to memory that may be changed.
func (x *scratch) copyRows() {
	from := x.rows
	x.rows = x.floats(from)
	for i := range from.Rows {
		copy(x.rows.Row(i), from.Row(i))
	}
}

// scores fills x.scores for a pack with all of the rows: row after row, p.lanes each. Norms come after the first
// products, which have fetched the rows.
func (m *measure) scores(ctx context.Context, x *scratch, p *pack) error {
	if err := m.sums(ctx, x, p); err != nil || m.metric != kernels.Cosine {
		return err
	}
	if !x.normed {
		x.normed = true
		if m.inverseNorms(x) {
			if err := m.sums(ctx, x, p); err != nil {
				return err
			}
		}
	}
	m.unit.scaleRows(&x.scores[0], &x.by[0], x.rows.Rows, p.lanes)
	return nil
}

// sums fills x.scores with inner products or squared distances.
func (m *measure) sums(ctx context.Context, x *scratch, p *pack) error {
	from := 0
	if p.few != nil {
		from = x.rows.Rows / fewRows * fewRows
		if err := m.fewSums(ctx, x, p, from); err != nil {
			return err
		}
		if from == x.rows.Rows {
			return nil
		}
	}
	kernel := m.unit.dot[p.vectors-1]
	if m.metric == kernels.L2 {
		kernel = m.unit.distance[p.vectors-1]
	}
	cols, values := x.rows.Cols, x.rows.Floats()[from*x.rows.Stride:]
	b := &x.block
	*b = block{stride: x.rows.Stride, count: x.rows.Rows - from, lanes: p.lanes, part: &x.part[0], out: &x.scores[from*p.lanes]}
	for k := 0; k < cols; k += b.depth {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.rows, b.query, b.depth = &values[k], &p.values[k*p.lanes], min(m.unit.depth(p.lanes), cols-k)
		end := k + b.depth
		b.resume, b.pause, b.first = k%runColumns != 0, end%runColumns != 0 && end < cols, k < runColumns
		kernel(b)
	}
	return nil
}

// fewSums does the first rows, a multiple of fewRows, for a pack of few queries: as many rows at a time as are read one
// after the other.
func (m *measure) fewSums(ctx context.Context, x *scratch, p *pack, rows int) error {
	kernel := m.unit.fewDot[p.count-1]
	if m.metric == kernels.L2 {
		kernel = m.unit.fewDistance[p.count-1]
	}
	cols, stride, values, together := x.rows.Cols, x.rows.Stride, x.rows.Floats(), rows
	if cols > runColumns {
		together = fewRows
	}
	b := &x.block
	for row := 0; row < rows; row += together {
		for k := 0; k < cols; k += runColumns {
			if err := ctx.Err(); err != nil {
				return err
			}
			*b = block{rows: &values[row*stride+k], stride: stride, count: together, done: 0, query: &p.few[k*p.count],
				depth: min(runColumns, cols-k), ahead: runColumns, lanes: chunkRows, out: &x.part[row], first: k == 0}
			if k+runColumns >= cols { // the rows after these
				b.ahead = fewRows*stride - k
			}
			kernel(b)
		}
	}
	for q := range p.count {
		for i, s := range x.part[q*chunkRows : q*chunkRows+rows] {
			x.scores[i*p.lanes+q] = s
		}
	}
	return nil
}

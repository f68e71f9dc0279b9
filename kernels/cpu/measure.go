package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// chunkRows is the number of rows that stay in cache while all queries meet them; a multiple of the tiles of every kernel.
const chunkRows = 96

// measure computes scores with vectors.
type measure struct {
	unit   *unit
	packs  []*pack
	metric kernels.Metric
}

// scratch is one worker's memory for a chunk of rows.
type scratch struct {
	block   block
	scores  []float32 // rows × lanes of the pack
	part    []float32
	decoded []float32 // rows as single precision numbers
	norms   []float64 // squared
	by      []float32 // what scores of a row are multiplied by
}

func (m *measure) newScratch() *scratch {
	n := chunkRows * m.unit.most * m.unit.lanes
	return &scratch{scores: aligned[float32](n), part: aligned[float32](n)}
}

// prepare gives rows as the kernels read them, and what their scores are to be multiplied by.
func (m *measure) prepare(x *scratch, rows kernels.Matrix) kernels.Matrix {
	if rows.Type != kernels.TypeF32 {
		rows = x.decode(rows)
	}
	if m.metric == kernels.Cosine {
		rows = m.inverseNorms(x, rows)
	}
	return rows
}

func (x *scratch) decode(rows kernels.Matrix) kernels.Matrix {
	out := x.floats(rows)
	rows.Decode(out.Floats())
	return out
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

// inverseNorms fills x.by. Rows of an extreme norm are first multiplied by a power of two.
func (m *measure) inverseNorms(x *scratch, rows kernels.Matrix) kernels.Matrix {
	if x.by == nil {
		x.norms, x.by = make([]float64, chunkRows), make([]float32, chunkRows)
	}
	own := false
	m.unit.norms(&rows.Floats()[0], rows.Stride, rows.Rows, rows.Cols, &x.norms[0])
	for i, squared := range x.norms[:rows.Rows] {
		norm := math.Sqrt(squared)
		if norm < lowNorm && norm > 0 || norm > highNorm && !math.IsInf(norm, 0) {
			if !own {
				rows, own = x.copied(rows), true
			}
			_, e := math.Frexp(norm)
			for k, v := range rows.Row(i) {
				rows.Row(i)[k] = float32(math.Ldexp(float64(v), -e))
			}
			norm = math.Ldexp(norm, -e)
		}
		x.by[i] = 0
		if norm > 0 {
			x.by[i] = float32(1 / norm)
		}
	}
	return rows
}

// copied is the rows in memory that may be changed.
func (x *scratch) copied(rows kernels.Matrix) kernels.Matrix {
	out := x.floats(rows)
	for i := range rows.Rows {
		copy(out.Row(i), rows.Row(i))
	}
	return out
}

// scores fills x.scores for a pack with all of the rows, which prepare has seen: row after row, p.lanes each.
func (m *measure) scores(ctx context.Context, x *scratch, p *pack, rows kernels.Matrix) error {
	kernel := m.unit.dot[p.vectors-1]
	if m.metric == kernels.L2 {
		kernel = m.unit.distance[p.vectors-1]
	}
	b, values := &x.block, rows.Floats()
	b.stride, b.count, b.lanes, b.part, b.out = rows.Stride, rows.Rows, p.lanes, &x.part[0], &x.scores[0]
	for k := 0; k < rows.Cols; k += b.depth {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.rows, b.query, b.depth = &values[k], &p.values[k*p.lanes], min(m.unit.depth(p.lanes), rows.Cols-k)
		end := k + b.depth
		b.resume, b.pause, b.first = k%runColumns != 0, end%runColumns != 0 && end < rows.Cols, k < runColumns
		kernel(b)
	}
	if m.metric == kernels.Cosine {
		m.unit.scaleRows(&x.scores[0], &x.by[0], rows.Rows, p.lanes)
	}
	b.rows = nil // a source may take its memory back
	return nil
}

package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// layer is a layer of a scan of factored rows: the queries' side, and how the two sides meet.
type layer struct {
	rows, queries kernels.FactorDims
	a, d          []kernels.Matrix // factors of the queries, by position: a row a query
	expanded      bool             // both sides are multiplied out
	flat          kernels.Matrix   // the queries then
}

// newLayers also multiplies out the queries where that is wanted.
func newLayers(ctx context.Context, rows []kernels.FactorDims, q kernels.FactoredQueries) ([]*layer, error) {
	layers := make([]*layer, len(rows))
	for i := range rows {
		l := &layer{rows: rows[i], queries: q.Factors[i]}
		layers[i] = l
		for p := range l.queries.Positions {
			l.a, l.d = append(l.a, at(q.A[i], p, l.queries.Positions)), append(l.d, at(q.D[i], p, l.queries.Positions))
		}
		if l.expanded = l.factoredWork() > l.flatWork(); l.expanded {
			if err := l.expandQueries(ctx, q.A[i], q.D[i]); err != nil {
				return nil, err
			}
		}
	}
	return layers, nil
}

func (l *layer) expandQueries(ctx context.Context, a, d kernels.Matrix) error {
	count, width := a.Rows/l.queries.Positions, l.rows.In*l.rows.Out
	l.flat = kernels.F32(count, width, aligned[float32](count*width))
	for i := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.queries.MultiplyOut(l.flat.Row(i), a, d, i)
	}
	return nil
}

// expand multiplies out the layer of rows, in memory that grows as needed.
func (l *layer) expand(ctx context.Context, memory *[]float32, a, d kernels.Matrix) (kernels.Matrix, error) {
	count, width := a.Rows/l.rows.Positions, l.rows.In*l.rows.Out
	if len(*memory) < count*width {
		*memory = aligned[float32](count * width)
	}
	m := kernels.F32(count, width, *memory)
	for i := range count {
		if err := ctx.Err(); err != nil { // a row of many positions takes long
			return m, err
		}
		l.rows.MultiplyOut(m.Row(i), a, d, i)
	}
	return m, nil
}

// factoredWork is the multiply-adds of a query and a row by their factors, flatWork those of the rows multiplied out.
func (l *layer) factoredWork() float64 {
	return float64(l.rows.Positions) * float64(l.queries.Positions) * float64(l.rows.In+l.rows.Out+1)
}

func (l *layer) flatWork() float64 { return float64(l.rows.In) * float64(l.rows.Out) }

func (l *layer) work() int64 { return int64(min(l.factoredWork(), l.flatWork())) }

// unitQueries are the queries scaled to unit length, in their gradients. A power of two goes from the one factor of a
// layer to the other, so that neither leaves the range of float32.
func unitQueries(q kernels.FactoredQueries) kernels.FactoredQueries {
	out := kernels.FactoredQueries{Rows: q.Rows, Factors: q.Factors}
	for l := range q.Factors {
		out.A, out.D = append(out.A, compact(q.A[l])), append(out.D, compact(q.D[l]))
	}
	for i := range q.Rows {
		scale := 0.0
		if norm := math.Sqrt(kernels.FactoredNorm(q.Factors, q.A, q.D, i)); norm > 0 {
			scale = 1 / norm
		}
		for l, f := range q.Factors {
			a, d := out.A[l].Slice(i*f.Positions, (i+1)*f.Positions), out.D[l].Slice(i*f.Positions, (i+1)*f.Positions)
			_, e := math.Frexp(largest(a))
			multiplyBy(a, math.Ldexp(1, -e))
			multiplyBy(d, math.Ldexp(scale, e))
		}
	}
	return out
}

// compact is a copy without gaps.
func compact(m kernels.Matrix) kernels.Matrix {
	out := kernels.F32(m.Rows, m.Cols, make([]float32, m.Rows*m.Cols))
	for i := range m.Rows {
		copy(out.Row(i), m.Row(i))
	}
	return out
}

func largest(m kernels.Matrix) float64 {
	top := 0.0
	for _, v := range m.Floats() {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}

func multiplyBy(m kernels.Matrix, scale float64) {
	for i, v := range m.Floats() {
		m.Floats()[i] = float32(float64(v) * scale)
	}
}

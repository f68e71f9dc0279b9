package cpu

import (
	"context"
	"errors"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// Multiply hands out the scores tile by tile, in order. Workers compute as many tiles as there are workers, then these
// are emitted one after the other by the calling goroutine.
func (d *device) Multiply(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric, emit func(row0 int64, scores kernels.Matrix) error) error {
	if d.err != nil {
		return d.err
	}
	if err := errors.Join(s.Layout().Validate(), kernels.CheckQueries(queries, metric, s.Layout().Width)); err != nil {
		return err
	}
	if s.Len() == 0 {
		return kernels.ErrEmptySource
	}
	rows := kernels.Flatten(s)
	m := &multiply{queries: queries.Rows, step: d.multiplyRows(rows, queries.Rows), out: make([][]float32, d.Workers)}
	if d.path == simd.Generic {
		rows = single(rows)
		m.plain(newScorer(queries, metric), d.Workers)
	} else {
		m.vectors(newVectors(units[d.path], &kernels.Scan{Queries: queries, Metric: metric}, s.Len(), d.Workers))
	}
	round := m.step * int64(d.Workers)
	for lo := int64(0); lo < s.Len(); lo += round {
		m.lo, m.hi = lo, min(lo+round, s.Len())
		if err := d.tiles(ctx, rows, m.lo, m.hi, m.step, m.tile); err != nil {
			return err
		}
		if err := m.emit(emit); err != nil {
			return err
		}
	}
	return nil
}

// multiplyRows also keeps the block of scores within a tile's memory.
func (d *device) multiplyRows(s kernels.Source, queries int) int64 {
	return max(1, min(d.tileRows(s), d.TileBytes/int64(4*queries)))
}

// multiply is the state of one call: out[i] are the scores of the round's tile i.
type multiply struct {
	queries      int
	out          [][]float32
	lo, hi, step int64
	// fill computes the scores of a tile: those of a query follow each other, and query follows query.
	fill func(ctx context.Context, worker int, row0 int64, rows kernels.Matrix, out []float32) error
}

func (m *multiply) tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
	i := (row0 - m.lo) / m.step
	if m.out[i] == nil {
		m.out[i] = make([]float32, m.queries*int(m.step))
	}
	return m.fill(ctx, worker, row0, rows, m.out[i])
}

func (m *multiply) plain(s *scorer, workers int) {
	panels := make([]panel, workers)
	m.fill = func(ctx context.Context, worker int, row0 int64, rows kernels.Matrix, out []float32) error {
		if err := finite(row0, rows); err != nil {
			return err
		}
		return s.rows(ctx, &panels[worker], rows, func(query, first int, scores []float32) error {
			if !kernels.Finite(scores) {
				return m.overflow(query, row0+int64(first), scores)
			}
			copy(out[query*rows.Rows+first:], scores)
			return nil
		})
	}
}

func (m *multiply) vectors(v *vectors) {
	m.fill = func(ctx context.Context, worker int, row0 int64, rows kernels.Matrix, out []float32) error {
		f := v.finder(worker)
		return f.chunks(ctx, row0, rows, func(p *findings, at int64, n int) {
			to := out[p.first*rows.Rows+int(at-row0):]
			v.unit.transposed(to, f.scratch.scores, rows.Rows, p.lanes, n, p.count)
		})
	}
}

func (m *multiply) overflow(query int, row0 int64, scores []float32) error {
	i := 0
	for kernels.Finite(scores[i : i+1]) {
		i++
	}
	return kernels.ScoreOverflow(query, row0+int64(i))
}

func (m *multiply) emit(emit func(int64, kernels.Matrix) error) error {
	for i, row0 := 0, m.lo; row0 < m.hi; i, row0 = i+1, row0+m.step {
		rows := int(min(m.step, m.hi-row0))
		if err := emit(row0, kernels.F32(m.queries, rows, m.out[i])); err != nil {
			return err
		}
	}
	return nil
}

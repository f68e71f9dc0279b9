package cpu

import (
	"context"

	"attrib/kernels"
)

// Multiply hands out the scores tile by tile, in order. Workers compute as many tiles as there are workers, then these
// are emitted one after the other by the calling goroutine.
func (d *device) Multiply(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric, emit func(row0 int64, scores kernels.Matrix) error) error {
	if err := kernels.CheckQueries(queries, metric, s.Layout().Width); err != nil {
		return err
	}
	flat, err := source(s)
	if err != nil {
		return err
	}
	m := &multiply{scorer: newScorer(queries, metric), step: d.multiplyRows(flat, queries.Rows)}
	m.out, m.panels = make([][]float32, d.Workers), make([]panel, d.Workers)
	round := m.step * int64(d.Workers)
	for lo := int64(0); lo < s.Len(); lo += round {
		m.lo, m.hi = lo, min(lo+round, s.Len())
		err := d.tiles(ctx, flat, m.lo, m.hi, m.step, func(worker int, row0 int64, rows kernels.Matrix) error {
			return m.tile(ctx, &m.panels[worker], row0, rows)
		})
		if err != nil {
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
	scorer       *scorer
	panels       []panel
	out          [][]float32
	lo, hi, step int64
}

func (m *multiply) tile(ctx context.Context, p *panel, row0 int64, rows kernels.Matrix) error {
	i := (row0 - m.lo) / m.step
	if m.out[i] == nil {
		m.out[i] = make([]float32, m.scorer.queries.Rows*int(m.step))
	}
	return m.scorer.rows(ctx, p, rows, func(query, first int, scores []float32) error {
		if !kernels.Finite(scores) {
			return m.overflow(query, row0+int64(first), scores)
		}
		copy(m.out[i][query*rows.Rows+first:], scores)
		return nil
	})
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
		if err := emit(row0, kernels.F32(m.scorer.queries.Rows, rows, m.out[i])); err != nil {
			return err
		}
	}
	return nil
}

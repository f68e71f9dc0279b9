package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// factoredPlain is a scan of factored rows in plain Go.
type factoredPlain struct {
	*plain
	layers  []*layer
	cosine  bool
	memory  []*plainMemory // by worker
	queries int
}

// plainMemory is for the scores of a panel, panelQueries × panelRows.
type plainMemory struct {
	total, a, d []float32
	expanded    [][]float32 // by layer
	flat        []kernels.Matrix
	by          []float32
	extremes    []extreme
}

func newFactoredPlain(layers []*layer, scan *kernels.Scan, n int64, workers int) *factoredPlain {
	bare := *scan
	bare.Metric = kernels.InnerProduct
	return &factoredPlain{newPlain(&bare, n, workers), layers, scan.Metric == kernels.Cosine, make([]*plainMemory, workers), scan.Queries.Rows}
}

func (s *factoredPlain) start(worker int) (*partial, *plainMemory) {
	if s.memory[worker] == nil {
		n := panelQueries * panelRows
		s.workers[worker] = newPartial(s.scan, s.n)
		s.memory[worker] = &plainMemory{total: make([]float32, n), a: make([]float32, n), d: make([]float32, n),
			expanded: make([][]float32, len(s.layers)), flat: make([]kernels.Matrix, len(s.layers)), by: make([]float32, panelRows)}
	}
	return s.workers[worker], s.memory[worker]
}

func (s *factoredPlain) rows(ctx context.Context, worker int, row0 int64, rows *factors) error {
	for i := range rows.n {
		if !rows.finite(i) {
			return kernels.NonFinite(row0 + int64(i))
		}
	}
	p, m := s.start(worker)
	for r := 0; r < rows.n; r += panelRows {
		panel := rows.slice(r, min(r+panelRows, rows.n))
		if err := s.prepare(ctx, m, panel); err != nil {
			return err
		}
		for q := 0; q < s.queries; q += panelQueries {
			to := min(q+panelQueries, s.queries)
			if err := s.scores(ctx, m, panel, q, to); err != nil {
				return err
			}
			for i := range to - q {
				if err := p.fold(q+i, row0+int64(r), m.total[i*panelRows:i*panelRows+panel.n]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// prepare does what all queries need of a panel of rows.
func (s *factoredPlain) prepare(ctx context.Context, m *plainMemory, rows *factors) (err error) {
	for l, layer := range s.layers {
		if layer.expanded {
			if m.flat[l], err = layer.expand(ctx, &m.expanded[l], rows.a[l], rows.d[l]); err != nil {
				return err
			}
		}
	}
	m.extremes = m.extremes[:0]
	if !s.cosine {
		return nil
	}
	for i := range rows.n {
		if err := ctx.Err(); err != nil {
			return err
		}
		norm := math.Sqrt(kernels.FactoredNorm(rows.dims, rows.a, rows.d, i))
		m.by[i] = float32(1 / norm)
		if !(norm >= lowNorm && norm <= highNorm) {
			m.by[i], m.extremes = 0, append(m.extremes, extreme{i, norm})
		}
	}
	return nil
}

// scores fills m.total with the scores of queries lo to hi: those of query i from (i−lo)·panelRows.
func (s *factoredPlain) scores(ctx context.Context, m *plainMemory, rows *factors, lo, hi int) error {
	clear(m.total[:(hi-lo)*panelRows])
	for l, layer := range s.layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if layer.expanded {
			s.block(layer.flat.Slice(lo, hi), m.flat[l], m.a)
			for q := range hi - lo {
				total := m.total[q*panelRows:][:rows.n]
				for i, v := range m.a[q*panelRows:][:rows.n] {
					total[i] += v
				}
			}
			continue
		}
		for p := range layer.rows.Positions {
			a, d := at(rows.a[l], p, layer.rows.Positions), at(rows.d[l], p, layer.rows.Positions)
			for q := range layer.a {
				if err := ctx.Err(); err != nil {
					return err
				}
				s.block(layer.a[q].Slice(lo, hi), a, m.a)
				s.block(layer.d[q].Slice(lo, hi), d, m.d)
				m.multiplyAdd(hi-lo, rows.n)
			}
		}
	}
	if s.cosine {
		s.divide(m, rows, lo, hi)
	}
	return nil
}

// multiplyAdd adds the products of one position to the scores of so many queries and rows.
func (m *plainMemory) multiplyAdd(queries, rows int) {
	for q := range queries {
		total, d := m.total[q*panelRows:][:rows], m.d[q*panelRows:][:rows]
		for i, v := range m.a[q*panelRows:][:rows] {
			total[i] += float32(v * d[i])
		}
	}
}

func (s *factoredPlain) divide(m *plainMemory, rows *factors, lo, hi int) {
	for q := lo; q < hi; q++ {
		scores := m.total[(q-lo)*panelRows : (q-lo)*panelRows+rows.n]
		for i := range scores {
			scores[i] *= m.by[i]
		}
		for _, e := range m.extremes {
			scores[e.row] = exactCosine(s.layers, q, rows, e)
		}
	}
}

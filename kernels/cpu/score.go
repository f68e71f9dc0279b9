package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

const (
	panelRows    = 96 // rows that stay in cache while all queries meet them; a multiple of 6
	panelQueries = 48 // queries whose scores with a panel stay in cache; a multiple of 3
)

// scorer computes scores of one block of queries.
type scorer struct {
	queries kernels.Matrix // contiguous; unit rows for Cosine
	metric  kernels.Metric
}

func newScorer(queries kernels.Matrix, metric kernels.Metric) *scorer {
	q := kernels.F32(queries.Rows, queries.Cols, make([]float32, queries.Rows*queries.Cols))
	for i := range q.Rows {
		copy(q.Row(i), queries.Row(i))
		if metric == kernels.Cosine {
			normalise(q.Row(i), queries.Row(i))
		}
	}
	return &scorer{q, metric}
}

// normalise writes v scaled to unit length; a row of zeros stays zero, which gives every cosine with it the score 0.
func normalise(dst, v []float32) {
	scale := 0.0
	if norm := math.Sqrt(kernels.SquaredNorm(v)); norm > 0 {
		scale = 1 / norm
	}
	for i, x := range v {
		dst[i] = float32(float64(x) * scale)
	}
}

// panel is one worker's scratch memory.
type panel struct {
	unit   []float32 // normalised rows
	scores []float32 // panelQueries × panelRows
}

// rows gives fold the scores of every query with all rows of the tile: scores[i] belongs to row first+i of the tile.
func (s *scorer) rows(ctx context.Context, p *panel, tile kernels.Matrix, fold func(query, first int, scores []float32) error) error {
	if p.scores == nil {
		p.scores = make([]float32, panelQueries*panelRows)
	}
	for r := 0; r < tile.Rows; r += panelRows {
		rows := s.prepare(p, tile.Slice(r, min(r+panelRows, tile.Rows)))
		for q := 0; q < s.queries.Rows; q += panelQueries {
			if err := ctx.Err(); err != nil {
				return err
			}
			queries := s.queries.Slice(q, min(q+panelQueries, s.queries.Rows))
			s.block(queries, rows, p.scores)
			for i := range queries.Rows {
				if err := fold(q+i, r, p.scores[i*panelRows:i*panelRows+rows.Rows]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// prepare normalises the rows of a panel when the metric asks for it.
func (s *scorer) prepare(p *panel, rows kernels.Matrix) kernels.Matrix {
	if s.metric != kernels.Cosine {
		return rows
	}
	if p.unit == nil {
		p.unit = make([]float32, panelRows*rows.Cols)
	}
	unit := kernels.F32(rows.Rows, rows.Cols, p.unit)
	for i := range rows.Rows {
		normalise(unit.Row(i), rows.Row(i))
	}
	return unit
}

// block fills out[i·panelRows+j] with the score of query i and row j.
func (s *scorer) block(queries, rows kernels.Matrix, out []float32) {
	for j := 0; j < rows.Rows; j += 6 {
		g := sextet(rows, j)
		left, right := triple(g[:3]), triple(g[3:])
		i := 0
		for ; i+3 <= queries.Rows; i += 3 {
			q := &triple{queries.Row(i), queries.Row(i + 1), queries.Row(i + 2)}
			s.nine(q, &left, out[i*panelRows+j:])
			if j+3 < rows.Rows {
				s.nine(q, &right, out[i*panelRows+j+3:])
			}
		}
		for ; i < queries.Rows; i++ {
			s.six(queries.Row(i), &g, out[i*panelRows+j:])
		}
	}
}

// sextet is rows j … j+5, the last row repeated where they end.
func sextet(rows kernels.Matrix, j int) (g sext) {
	for k := range g {
		g[k] = rows.Row(min(j+k, rows.Rows-1))
	}
	return g
}

func (s *scorer) nine(q, g *triple, out []float32) {
	var v [9]float32
	if s.metric == kernels.L2 {
		dist33(q, g, &v)
	} else {
		dot33(q, g, &v)
	}
	for i := range 3 {
		copy(out[i*panelRows:], v[3*i:3*i+3])
	}
}

func (s *scorer) six(q []float32, g *sext, out []float32) {
	var v [6]float32
	if s.metric == kernels.L2 {
		dist16(q, g, &v)
	} else {
		dot16(q, g, &v)
	}
	copy(out, v[:])
}

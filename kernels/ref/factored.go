package ref

import (
	"context"
	"errors"
	"math"

	"attrib/kernels"
)

var _ kernels.FactoredScanner = device{}

// FactoredScores is the full q×n matrix of scores of factored queries and rows, row-major, in float64.
func FactoredScores(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, metric kernels.Metric) ([]float64, error) {
	n, dims := int(s.Len()), s.Layout().Factors
	out, t := make([]float64, q.Rows*n), kernels.Tile{Rows: 1}
	defer t.Release()
	for i := range n {
		if err := errors.Join(ctx.Err(), s.Read(ctx, int64(i), &t)); err != nil {
			return nil, err
		}
		if err := t.CheckFactors(s.Layout()); err != nil {
			return nil, err
		}
		for l := range dims {
			if t.A[l].FirstNonFinite() >= 0 || t.D[l].FirstNonFinite() >= 0 {
				return nil, kernels.NonFinite(int64(i))
			}
		}
		row := kernels.FactoredQueries{Rows: 1, Factors: dims, A: t.A, D: t.D}
		for k := range q.Rows {
			out[k*n+i] = factoredScore(q, k, row, metric)
		}
	}
	return out, nil
}

func factoredScore(q kernels.FactoredQueries, i int, row kernels.FactoredQueries, metric kernels.Metric) float64 {
	score := factoredDot(q, i, row, 0)
	if metric != kernels.Cosine {
		return score
	}
	if norms := math.Sqrt(factoredDot(q, i, q, i)) * math.Sqrt(factoredDot(row, 0, row, 0)); norms > 0 {
		return score / norms
	}
	return 0
}

// factoredDot is Σ_layers Σ_{p,p'} (a_p·b_p')(d_p·e_p') of row i of x (a, d) and row j of y (b, e).
func factoredDot(x kernels.FactoredQueries, i int, y kernels.FactoredQueries, j int) float64 {
	sum := 0.0
	for l := range x.Factors {
		for p := range x.Factors[l].Positions {
			for o := range y.Factors[l].Positions {
				at, other := i*x.Factors[l].Positions+p, j*y.Factors[l].Positions+o
				sum += dot(x.A[l].Row(at), y.A[l].Row(other)) * dot(x.D[l].Row(at), y.D[l].Row(other))
			}
		}
	}
	return sum
}

// ScanFactored sorts all scores of each query and adds them up one by one.
func (device) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	if err := kernels.ValidateFactored(s, q, scan); err != nil {
		return nil, err
	}
	full, err := FactoredScores(ctx, s, q, scan.Metric)
	if err != nil {
		return nil, err
	}
	scan.Queries.Rows = q.Rows
	r, err := collect(full, scan, s.Len())
	if err != nil {
		return nil, err
	}
	r.Bytes = s.Len() * s.Layout().RowBytes()
	for l, f := range s.Layout().Factors {
		r.Ops += 2 * s.Len() * int64(q.Rows) * int64(f.Positions*q.Factors[l].Positions) * int64(f.In+f.Out+1)
	}
	return r, nil
}

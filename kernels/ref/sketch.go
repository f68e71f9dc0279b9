package ref

import (
	"context"
	"slices"

	"attrib/kernels"
)

var _ kernels.SketchScanner = device{}

// ScanSketch scores the decoded rows of the sketch, sorts all of them per query, and scores the candidates again.
func (d device) ScanSketch(ctx context.Context, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	candidates, err := o.Resolve(sketch, exact, scan)
	if err != nil {
		return nil, err
	}
	rows, err := readAll(ctx, decoded{sketch})
	if err != nil {
		return nil, err
	}
	full, err := Scores(ctx, exact, scan.Queries, scan.Metric)
	if err != nil {
		return nil, err
	}
	n, r := rows.Rows, &kernels.Result{Unit: scan.Unit, SquareUnit: kernels.SquareUnit(scan.Unit, sketch.Len())}
	for q := range scan.Queries.Rows {
		coarse, fine := make([]float64, n), make([]float32, n)
		for i := range n {
			coarse[i], fine[i] = dot(scan.Queries.Row(q), rows.Row(i)), float32(full[q*n+i])
		}
		order := make([]int64, 0, n)
		for i := range int64(n) {
			if scan.Exclude == nil || scan.Exclude[q] != i {
				order = append(order, i)
			}
		}
		r.ID, r.Score = sketched(r.ID, r.Score, order, coarse, fine, scan.K, candidates, 1)
		r.WorstID, r.WorstScore = sketched(r.WorstID, r.WorstScore, order, coarse, fine, scan.Worst, candidates, -1)
	}
	return r, nil
}

// sketched appends a query's list of k rows: the candidates by coarse score, then by fine score.
func sketched(ids []int64, out []float32, order []int64, coarse []float64, fine []float32, k, candidates int, sign float64) ([]int64, []float32) {
	if k == 0 {
		return ids, out
	}
	list := slices.Clone(order)
	slices.SortStableFunc(list, func(a, b int64) int { return compare(float32(sign*coarse[b]), float32(sign*coarse[a])) })
	list = list[:min(candidates, len(list))]
	slices.Sort(list)
	slices.SortStableFunc(list, func(a, b int64) int { return compare(float32(sign)*fine[b], float32(sign)*fine[a]) })
	return take(ids, out, list, fine, k)
}

// decoded gives the rows of a source as single precision numbers.
type decoded struct{ kernels.Source }

func (s decoded) Layout() kernels.Layout {
	return kernels.Layout{Width: s.Source.Layout().Width}
}

func (s decoded) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := s.Source.Read(ctx, row0, t); err != nil {
		return err
	}
	v := make([]float32, t.Rows*t.Flat.Cols)
	t.Flat.Decode(v)
	t.Flat = kernels.F32(t.Rows, t.Flat.Cols, v)
	return nil
}

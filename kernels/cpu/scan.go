package cpu

import (
	"context"

	"attrib/kernels"
)

// Scan computes top rows and reductions in one pass.
func (d *device) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	if err := scan.Validate(s); err != nil {
		return nil, err
	}
	flat, err := source(s)
	if err != nil {
		return nil, err
	}
	scorer := newScorer(scan.Queries, scan.Metric)
	partials := make([]*partial, d.Workers)
	err = d.tiles(ctx, flat, 0, s.Len(), d.tileRows(flat), func(worker int, row0 int64, rows kernels.Matrix) error {
		if partials[worker] == nil {
			partials[worker] = newPartial(&scan, s.Len())
		}
		p := partials[worker]
		return scorer.rows(ctx, &p.panel, rows, func(query, first int, scores []float32) error {
			return p.fold(query, row0+int64(first), scores)
		})
	})
	if err != nil {
		return nil, err
	}
	r := merge(partials)
	r.Unit, r.SquareUnit = scan.Unit, kernels.SquareUnit(scan.Unit, s.Len())
	r.Bytes = s.Len() * s.Layout().RowBytes()
	r.Ops = 2 * s.Len() * int64(scan.Queries.Rows) * int64(s.Layout().Width)
	return r, nil
}

// merge folds the workers' partial results into the first one's: integers and a total order, so the order of workers
// does not matter.
func merge(partials []*partial) *kernels.Result {
	var total *partial
	for _, p := range partials {
		switch {
		case p == nil:
		case total == nil:
			total = p
		default:
			total.absorb(p)
		}
	}
	r := &kernels.Result{Sum: total.sum}
	r.ID, r.Score = list(total.best, total.scan.K, 1)
	r.WorstID, r.WorstScore = list(total.worst, total.scan.Worst, -1)
	return r
}

func list(all []best, k int, sign float32) (ids []int64, scores []float32) {
	ids, scores = make([]int64, 0, len(all)*k), make([]float32, 0, len(all)*k)
	for i := range all {
		for _, e := range all[i].sorted() {
			ids, scores = append(ids, e.row), append(scores, sign*e.score)
		}
		for len(ids) < (i+1)*k {
			ids, scores = append(ids, -1), append(scores, 0)
		}
	}
	return ids, scores
}

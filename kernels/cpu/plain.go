package cpu

import (
	"context"

	"attrib/kernels"
)

// plain is a scan in plain Go.
type plain struct {
	*scorer
	scan    *kernels.Scan
	n       int64
	workers []*partial // by worker, nil for one that had no tile
}

func newPlain(scan *kernels.Scan, n int64, workers int) *plain {
	return &plain{newScorer(scan.Queries, scan.Metric), scan, n, make([]*partial, workers)}
}

func (s *plain) tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
	if err := finite(row0, rows); err != nil {
		return err
	}
	p := s.workers[worker]
	if p == nil {
		p = newPartial(s.scan, s.n)
		s.workers[worker] = p
	}
	return s.rows(ctx, &p.panel, rows, func(query, first int, scores []float32) error {
		return p.fold(query, row0+int64(first), scores)
	})
}

// result folds the workers' partial results into the first one's: integers and a total order, so the order of workers
// does not matter.
func (s *plain) result() *kernels.Result {
	var total *partial
	for _, p := range s.workers {
		switch {
		case p == nil:
		case total == nil:
			total = p
		default:
			total.absorb(p)
		}
	}
	r := &kernels.Result{Sum: total.sum}
	r.ID, r.Score = list(total.best, s.scan.K, 1)
	r.WorstID, r.WorstScore = list(total.worst, s.scan.Worst, -1)
	return r
}

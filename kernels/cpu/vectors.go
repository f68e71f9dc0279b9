package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// vectors is a scan with the kernels of a unit.
type vectors struct {
	measure
	scan    *kernels.Scan
	n       int64
	rounder kernels.Rounder
	limit   uint32    // bits of the largest magnitude of a score that needs no second look
	workers []*finder // by worker, nil for one that had no tile
}

func newVectors(u *unit, scan *kernels.Scan, n int64, workers int) *vectors {
	v := &vectors{scan: scan, n: n, rounder: kernels.NewRounder(scan.Unit, n), workers: make([]*finder, workers)}
	v.measure = measure{u, newPacks(u, scan.Queries, scan.Metric, scan.Exclude), scan.Metric}
	v.limit = math.Float32bits(math.MaxFloat32)
	if len(scan.Reduce) > 0 {
		v.limit = largestLinear(v.rounder)
	}
	return v
}

// largestLinear is the bits of the largest score that the rounder accepts.
func largestLinear(r kernels.Rounder) uint32 {
	lo, hi := uint32(0), math.Float32bits(math.MaxFloat32)
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if _, ok := r.Linear(math.Float32frombits(mid)); ok {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

func (v *vectors) tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
	f := v.finder(worker)
	return f.chunks(ctx, row0, rows, f.fold)
}

// finder is that of a worker.
func (v *vectors) finder(worker int) *finder {
	if v.workers[worker] == nil {
		v.workers[worker] = newFinder(v)
	}
	return v.workers[worker]
}

// finder is what one worker has found in the rows it has seen.
type finder struct {
	*vectors
	scratch *scratch
	packs   []*findings
	pick    pick
	adds    adds
	group   []int32 // of the rows of the chunk
}

func newFinder(v *vectors) *finder {
	f := &finder{vectors: v, scratch: v.newScratch()}
	for _, p := range v.measure.packs {
		f.packs = append(f.packs, newFindings(v, p))
	}
	return f
}

// chunks has the scores of a tile taken in, chunk by chunk.
func (f *finder) chunks(ctx context.Context, row0 int64, rows kernels.Matrix, take func(p *findings, row0 int64, rows int)) error {
	for lo := 0; lo < rows.Rows; lo += chunkRows {
		if err := f.chunk(ctx, row0+int64(lo), rows.Slice(lo, min(lo+chunkRows, rows.Rows)), take); err != nil {
			return err
		}
	}
	return nil
}

// chunk has the scores of all queries with some rows taken in. The error is that of the lowest row.
func (f *finder) chunk(ctx context.Context, row0 int64, rows kernels.Matrix, take func(p *findings, row0 int64, rows int)) error {
	f.start(f.scratch, rows)
	if len(f.scan.Reduce) > 0 {
		f.group = f.scan.Group[row0 : row0+int64(rows.Rows)]
	}
	var lowest error
	for _, p := range f.packs {
		if err := f.scores(ctx, f.scratch, p.pack); err != nil {
			return err
		}
		left := &f.scratch.rows
		if f.unit.largest(&f.scratch.scores[0], left.Rows*p.lanes) > f.limit {
			if at, err := f.inspect(p, row0, *left); err != nil {
				lowest, *left = err, left.Slice(0, at) // only lower rows matter now
			}
		}
		if lowest == nil {
			take(p, row0, rows.Rows)
		} else if left.Rows == 0 {
			break
		}
	}
	return lowest
}

// inspect looks for the lowest row of a chunk that is not finite or has a score that does not fit.
func (f *finder) inspect(p *findings, row0 int64, rows kernels.Matrix) (int, error) {
	for i := range rows.Rows {
		for lane, s := range f.scratch.scores[i*p.lanes : i*p.lanes+p.count] {
			if math.Float32bits(s)&0x7fffffff <= f.limit {
				continue
			}
			row, query := row0+int64(i), p.first+lane
			switch {
			case !kernels.Finite(rows.Row(i)):
				return i, kernels.NonFinite(row)
			case p.leavesOut(row, lane):
			case math.IsNaN(float64(s)) || math.IsInf(float64(s), 0):
				return i, kernels.ScoreOverflow(query, row)
			case f.group != nil && f.group[i] >= 0:
				return i, kernels.UnitOverflow(query, row, s, f.scan.Unit)
			}
		}
	}
	return 0, nil
}

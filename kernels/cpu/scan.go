package cpu

import (
	"context"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// pass is the state of one scan.
type pass interface {
	// tile takes in rows row0, row0+1, …. Tiles of one worker come in rising order.
	tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error
	// result is called once, after at least one tile.
	result() *kernels.Result
}

// Scan computes top rows and reductions in one pass.
func (d *device) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	if d.err != nil {
		return nil, d.err
	}
	if err := scan.Validate(s); err != nil {
		return nil, err
	}
	rows := kernels.Flatten(s)
	var p pass
	if d.path == simd.Generic {
		rows = single(rows)
		p = newPlain(&scan, s.Len(), d.Workers)
	} else {
		p = newVectors(units[d.path], &scan, s.Len(), d.Workers)
	}
	if err := d.tiles(ctx, rows, 0, s.Len(), d.tileRows(rows), p.tile); err != nil {
		return nil, err
	}
	r := p.result()
	r.Unit, r.SquareUnit = scan.Unit, kernels.SquareUnit(scan.Unit, s.Len())
	r.Bytes = s.Len() * s.Layout().RowBytes()
	r.Ops = 2 * s.Len() * int64(scan.Queries.Rows) * int64(s.Layout().Width)
	return r, nil
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

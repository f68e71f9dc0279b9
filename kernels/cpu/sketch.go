package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

var _ kernels.SketchScanner = (*device)(nil)

// ScanSketch finds candidates with products of bytes and scores them as Scan does.
func (d *device) ScanSketch(ctx context.Context, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	if d.err != nil {
		return nil, d.err
	}
	candidates, err := o.Resolve(sketch, exact, scan)
	if err != nil {
		return nil, err
	}
	if int64(candidates) == exact.Len() { // nothing to leave out
		return d.Scan(ctx, exact, scan)
	}
	if forms := sketchUnits(d.path); len(forms) > 0 {
		return d.sketchWith(ctx, forms[0], sketch, exact, &scan, candidates)
	}
	return d.sketchWith(ctx, nil, sketch, exact, &scan, candidates)
}

// sketchWith uses one form of products, or plain Go for nil.
func (d *device) sketchWith(ctx context.Context, form *sketchUnit, sketch, exact kernels.Source, scan *kernels.Scan, candidates int) (*kernels.Result, error) {
	coarse := *scan
	if coarse.K > 0 {
		coarse.K = candidates
	}
	if coarse.Worst > 0 {
		coarse.Worst = candidates
	}
	var p pass
	if form == nil {
		p = newPlainSketch(&coarse, sketch.Len(), d.Workers)
	} else {
		p = newVectorSketch(form, &coarse, sketch.Len(), d.Workers)
	}
	work := func(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
		if err := sketchScales(row0, rows.Scale); err != nil {
			return err
		}
		return p.tile(ctx, worker, row0, rows)
	}
	if err := d.tiles(ctx, sketch, 0, sketch.Len(), d.tileRows(sketch), work); err != nil {
		return nil, err
	}
	r, err := d.rescore(ctx, exact, scan, p.result())
	if err != nil {
		return nil, err
	}
	r.Bytes += sketch.Len() * sketch.Layout().RowBytes()
	r.Ops += 2 * sketch.Len() * int64(scan.Queries.Rows) * int64(scan.Queries.Cols)
	r.Unit, r.SquareUnit = scan.Unit, kernels.SquareUnit(scan.Unit, exact.Len())
	return r, nil
}

// largestScale is such that a product of bytes, over every width that fits memory, times the scale is finite.
const largestScale = 0x1p70

// sketchScales refuses a row whose coarse scores would not be finite.
func sketchScales(row0 int64, scale []float32) error {
	for i, s := range scale {
		switch x := math.Abs(float64(s)); {
		case math.IsNaN(x) || math.IsInf(x, 0):
			return kernels.NonFinite(row0 + int64(i))
		case x > largestScale:
			return &kernels.RowError{What: "row", Row: row0 + int64(i), Reason: "has a scale too large for a sketch; scale the features down"}
		}
	}
	return nil
}

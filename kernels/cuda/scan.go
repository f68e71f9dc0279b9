package cuda

import (
	"context"

	"attrib/kernels"
)

// Scan computes top rows and reductions in one pass.
func (d *device) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	if err := scan.Validate(s); err != nil {
		return nil, err
	}
	j, err := d.flatJob(kernels.Flatten(s), &scan)
	if err != nil {
		return nil, err
	}
	r, err := j.run(ctx)
	if err != nil {
		return nil, err
	}
	r.Bytes = s.Len() * s.Layout().RowBytes()
	r.Ops = 2 * s.Len() * int64(scan.Queries.Rows) * int64(s.Layout().Width)
	return r, nil
}

// flatJob is a pass over flat rows.
func (d *device) flatJob(rows kernels.Source, scan *kernels.Scan) (*job, error) {
	j := d.job(scan, rows.Len())
	j.source = rows
	queries := scan.Queries
	f, err := formFor(d.Precision, scan.Metric, rows.Layout().Type)
	if err != nil {
		return nil, err
	}
	if scan.Metric == kernels.Cosine {
		queries = unitRows(queries)
	}
	q := f.pack(queries)
	j.input = func(c *card) (input, error) { return newFlat(c, f, rows.Layout(), scan.Metric == kernels.Cosine, q) }
	return j, nil
}

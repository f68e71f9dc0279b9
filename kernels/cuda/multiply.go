package cuda

import (
	"context"
	"errors"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// Multiply hands out the scores tile by tile, in order, on the first card.
func (d *device) Multiply(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric, emit func(row0 int64, scores kernels.Matrix) error) error {
	if err := errors.Join(s.Layout().Validate(), kernels.CheckQueries(queries, metric, s.Layout().Width)); err != nil {
		return err
	}
	if s.Len() == 0 {
		return kernels.ErrEmptySource
	}
	j, err := d.flatJob(kernels.Flatten(s), &kernels.Scan{Queries: queries, Metric: metric})
	if err != nil {
		return err
	}
	c, err := j.card(d.gpus[0], 0)
	if err == nil {
		err = c.multiply(ctx, emit)
	}
	return errors.Join(err, c.close())
}

func (c *card) multiply(ctx context.Context, emit func(row0 int64, scores kernels.Matrix) error) error {
	q := int64(c.job.scan.Queries.Rows)
	step := max(1, min(c.job.tileRows(c.job.n), c.job.TileBytes/(4*q)))
	if err := c.events(); err != nil {
		return err
	}
	if err := c.resize(int(step)); err != nil {
		return err
	}
	out, err := c.alloc(4 * q * step)
	if err != nil {
		return err
	}
	scores := make([]float32, q*step)
	for row0 := int64(0); row0 < c.job.n; row0 += int64(c.rows) {
		rows := int(min(int64(c.rows), c.job.n-row0))
		if err := c.block(ctx, row0, rows, out, scores); err != nil {
			var at rowError
			if errors.As(err, &at) {
				err = at.error
			}
			return err
		}
		if err := emit(row0, kernels.F32(int(q), rows, scores)); err != nil {
			return err
		}
	}
	return nil
}

// block computes the scores of a tile.
func (c *card) block(ctx context.Context, row0 int64, rows int, out *driver.Memory, scores []float32) error {
	t := &c.slots[0]
	if err := c.read(ctx, t, row0, rows); err != nil {
		return err
	}
	f := c.folds(row0, rows)
	f.Row0 = 0 // blocks are checked one by one
	f.Out, f.OutStride = out.Pointer(), int64(rows)
	if err := errors.Join(c.send(t), c.in.begin(t), c.in.score(t, 0, rows, f)); err != nil {
		return err
	}
	bad, err := download[uint64](c.compute, c.bad, 1)
	if err != nil {
		return err
	}
	if bad[0] != ^uint64(0) {
		return c.explain(ctx, row0+int64(bad[0]>>32), int(uint32(bad[0])))
	}
	return c.compute.CopyOut(driver.Bytes(scores[:c.job.scan.Queries.Rows*rows]), out, 0)
}

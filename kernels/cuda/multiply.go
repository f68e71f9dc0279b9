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
	return first(err, c.close())
}

func (c *card) multiply(ctx context.Context, emit func(row0 int64, scores kernels.Matrix) error) error {
	q := int64(c.job.scan.Queries.Rows)
	step := max(1, min(c.job.tileRows(c.job.n), c.job.TileBytes/(4*q)))
	if err := c.events(); err != nil {
		return err
	}
	out, err := c.scores(q, int(step))
	if err != nil {
		return err
	}
	scores := make([]float32, q*int64(c.rows))
	for row0, rows := int64(0), 0; row0 < c.job.n; row0 += int64(rows) {
		rows = int(min(int64(c.rows), c.job.n-row0))
		if err := c.block(ctx, row0, rows, out, scores); errors.Is(err, driver.ErrOutOfMemory) && c.rows > 1 {
			if err := c.shrink(); err != nil {
				return err
			}
			rows = 0 // again
			continue
		} else if err != nil {
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

// scores makes room for tiles of so many rows and their scores, or for as many as there is memory for.
func (c *card) scores(queries int64, rows int) (*driver.Memory, error) {
	for {
		if err := c.resize(rows); err != nil {
			return nil, err
		}
		out, err := c.alloc(4 * queries * int64(c.rows))
		if !errors.Is(err, driver.ErrOutOfMemory) || c.rows == 1 {
			return out, err
		}
		rows = (c.rows + 1) / 2
		c.job.note("%s: tiles of %d rows, since memory was short", c.gpu, rows)
	}
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

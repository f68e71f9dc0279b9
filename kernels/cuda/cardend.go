package cuda

import (
	"context"
	"errors"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// unusable waits for the card and says which row cannot be used, if one cannot.
func (c *card) unusable(ctx context.Context) (row int64, err error) {
	if err := c.merge(); err != nil {
		return c.base, err
	}
	bad, err := download[uint64](c.compute, c.bad, 1)
	if err != nil {
		return c.base, err
	}
	flags := make([]uint32, len(c.job.scan.Exclude))
	if len(flags) > 0 { // every copy back is a wait for the card
		if flags, err = download[uint32](c.compute, c.badExcluded, len(flags)); err != nil {
			return c.base, err
		}
	}
	lowest, query := int64(math.MaxInt64), -1
	if bad[0] != math.MaxUint64 {
		lowest, query = c.base+int64(bad[0]>>32), int(uint32(bad[0]))
	}
	for q, f := range flags {
		if f != 0 && c.job.scan.Exclude[q] < lowest {
			// A row that a query leaves out counts when it is not finite, not when its score is not.
			if err := c.explain(ctx, c.job.scan.Exclude[q], -1); err != nil {
				lowest, query = c.job.scan.Exclude[q], -1
			}
		}
	}
	if lowest == math.MaxInt64 {
		return 0, nil
	}
	return lowest, c.explain(ctx, lowest, query)
}

// findings downloads lists and sums.
func (c *card) findings() (*findings, error) {
	f := newFindings(c.job.scan)
	q := c.job.scan.Queries.Rows
	for l, k := range c.ks() {
		if k == 0 {
			continue
		}
		lengths := driver.Slice[uint32](c.status.Bytes()[8:]) // there when the list is
		if err := c.compute.CopyOut(driver.Bytes(lengths), c.length[l], 0); err != nil {
			return nil, err
		}
		keys, err := download[uint64](c.compute, c.list[l], q*k)
		if err != nil {
			return nil, err
		}
		for i := range q {
			for _, key := range keys[i*k : i*k+int(lengths[i])] {
				f.list[l][i] = append(f.list[l][i], candidateOf(key, c.base))
			}
		}
	}
	for r, kind := range c.job.scan.Reduce {
		sums, err := download[int64](c.compute, c.sum[kind], c.job.scan.Groups*c.lanes)
		if err != nil {
			return nil, err
		}
		f.addSums(r, sums, c.lanes)
	}
	return f, nil
}

// explain says why the score of a row and a query cannot be used; query is −1 when only the row itself may be the
// reason, and nil the answer when it is not.
func (c *card) explain(ctx context.Context, row int64, query int) error {
	t := &c.slots[0]
	if err := c.read(ctx, t, row, 1); err != nil {
		var at rowError
		errors.As(err, &at)
		return at.error
	}
	if !c.in.finite(t.host.Bytes()[:c.in.bytes(1)]) {
		return kernels.NonFinite(c.job.number(row))
	}
	if query < 0 {
		return nil
	}
	out, err := c.alloc(4 * int64(c.job.scan.Queries.Rows))
	if err != nil {
		return err
	}
	f := c.folds(row-c.base, 1)
	f.Out, f.OutStride = out.Pointer(), 1
	if err := errors.Join(c.send(t), c.in.begin(t), c.in.score(t, 0, 1, f)); err != nil {
		return err
	}
	scores, err := download[float32](c.compute, out, c.job.scan.Queries.Rows)
	if err != nil {
		return err
	}
	if s := scores[query]; kernels.Finite(scores[query : query+1]) {
		return kernels.UnitOverflow(c.job.firstQuery+query, c.job.number(row), s, c.job.scan.Unit)
	}
	return kernels.ScoreOverflow(c.job.firstQuery+query, c.job.number(row))
}

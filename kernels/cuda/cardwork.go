package cuda

import (
	"context"
	"errors"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// tile takes in rows and says how many it took: all of them without an error.
func (c *card) tile(ctx context.Context, row0 int64, rows int) (done int, err error) {
	t := &c.slots[c.turn]
	c.turn ^= 1
	if err := t.copied.Synchronise(); err != nil {
		return 0, err
	}
	if err := c.read(ctx, t, row0, rows); err != nil {
		return 0, err
	}
	if err := c.send(t); err != nil {
		return 0, err
	}
	if err := c.in.begin(t); err != nil {
		return 0, err
	}
	for done < rows {
		n := min(rows-done, int(max(int64(c.job.firstRows), min(7*c.seen, 1<<30))))
		if err := c.score(t, row0, done, n); err != nil {
			return done, err
		}
		done += n
	}
	return done, first(c.compute.CopyOut(c.status.Bytes()[:8], c.bad, 0), c.compute.Record(t.computed))
}

// read fills the tile's memory on the host.
func (c *card) read(ctx context.Context, t *slot, row0 int64, rows int) error {
	host := t.host.Bytes()
	bytes := c.in.bytes(rows)
	t.rows, t.row0 = rows, row0
	err := shareRead(ctx, c.job.source, c.readers, row0, rows, bytes, func(r *kernels.Tile, lo, n int) error {
		return c.in.read(ctx, r, host[:bytes], rows, row0, lo, n)
	})
	if err == nil && len(c.job.scan.Reduce) > 0 {
		copy(host[roundUp(bytes, 16):], driver.Bytes(c.job.scan.Group[row0:row0+int64(rows)]))
	}
	return err
}

// send copies the tile to the card as soon as what was there is not needed any more.
func (c *card) send(t *slot) error {
	bytes := c.in.bytes(t.rows)
	groups := roundUp(bytes, 16)
	t.group = 0
	if len(c.job.scan.Reduce) > 0 {
		t.group = t.mem.At(uint64(groups))
		bytes = groups + 4*int64(t.rows)
	}
	return first(c.copies.Wait(t.computed), c.copies.CopyIn(t.mem, 0, t.host.Bytes()[:bytes]), c.copies.Record(t.copied), c.compute.Wait(t.copied))
}

// score has a launch of rows scored and its candidates merged.
func (c *card) score(t *slot, row0 int64, lo, n int) error {
	if err := c.merge(); err != nil { // what an earlier error has left
		return err
	}
	f := c.folds(row0-c.base+int64(lo), n)
	if t.group != 0 {
		f.Group = t.group + driver.Pointer(4*lo)
	}
	if err := c.in.score(t, lo, n, f); err != nil {
		return err
	}
	c.seen += int64(n)
	c.unmerged = c.job.scan.K > 0 || c.job.scan.Worst > 0
	if err := c.merge(); err != nil && !errors.Is(err, driver.ErrOutOfMemory) {
		return err // without memory, the next call of merge tries again
	}
	return nil
}

func (c *card) folds(row0 int64, rows int) foldsArg {
	f := foldsArg{
		Above: c.above.Pointer(), Below: c.below.Pointer(), Bad: c.bad.Pointer(), BadExcluded: c.badExcluded.Pointer(),
		Row0: row0, Rows: int32(rows), Queries: int32(c.job.scan.Queries.Rows), Capacity: int32(c.rows), Lanes: int32(c.lanes), Limit: c.job.limit,
		Linear: math.Ldexp(1, -c.job.scan.Unit), Square: math.Ldexp(1, -kernels.SquareUnit(c.job.scan.Unit, c.job.n)),
	}
	if c.exclude != nil {
		f.Exclude = c.exclude.Pointer()
	}
	for l := range c.found {
		f.Count[l] = c.count[l].Pointer()
		if c.found[l] != nil {
			f.Found[l] = c.found[l].Pointer()
		}
	}
	for kind, m := range c.sum {
		if m != nil {
			f.Sum[kind] = m.Pointer()
		}
	}
	return f
}

// merge takes waiting candidates into the lists.
func (c *card) merge() error {
	if !c.unmerged {
		return nil
	}
	a := mergeArgs{Spare: c.spare.Pointer(), Above: c.above.Pointer(), Below: c.below.Pointer(), Capacity: int32(c.rows), Queries: int32(c.job.scan.Queries.Rows)}
	for l, k := range c.ks() {
		a.K[l] = int32(k)
		a.Count[l], a.List[l], a.Length[l] = c.count[l].Pointer(), c.list[l].Pointer(), c.length[l].Pointer()
		if k > 0 {
			a.Found[l] = c.found[l].Pointer()
		}
	}
	err := c.launch(c.compute, kernel{"scan", "scan_merge", 256, 0}, driver.Dim{X: uint32(a.Queries), Y: 2}, a)
	c.unmerged = err != nil
	return err
}

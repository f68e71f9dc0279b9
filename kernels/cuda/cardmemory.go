package cuda

import (
	"errors"
	"fmt"

	"attrib/kernels/cuda/driver"
)

// fit is how many rows a tile should have: step, or fewer when what goes with a tile would take more than half of the
// memory that is left. Small rows and many queries have more candidates than rows.
func (c *card) fit(step int64) (int, error) {
	limit, err := c.job.budget(c.work)
	if err != nil {
		return 0, err
	}
	c.limit = limit
	const probe = 1 << 20
	return int(max(1, min(step, limit/2/max(1, c.tileBytes(probe)/probe)))), nil
}

// resize makes room for tiles of so many rows, or for as many as there is memory for.
func (c *card) resize(rows int) error {
	for {
		err := c.tiles(rows)
		if err == nil {
			c.rows = rows
			return nil
		}
		if !errors.Is(err, driver.ErrOutOfMemory) || rows == 1 {
			return fmt.Errorf("%s: a tile of %d rows of %d bytes: %w", c.gpu, rows, c.in.bytes(1), err)
		}
		rows = (rows + 1) / 2
		c.job.note("%s: tiles of %d rows, since memory was short", c.gpu, rows)
	}
}

// tiles frees the tiles there are and allocates others.
func (c *card) tiles(rows int) error {
	for i := range c.slots {
		t := &c.slots[i]
		if t.host != nil {
			c.free(t.host)
		}
		if t.mem != nil {
			c.free(t.mem)
		}
		t.host, t.mem = nil, nil
	}
	for l := range c.found {
		if c.found[l] != nil {
			c.free(c.found[l])
		}
		c.found[l] = nil
	}
	if c.beside != nil {
		c.free(c.beside)
		c.beside = nil
	}
	limit, err := c.limit, error(nil)
	if c.limit = 0; limit == 0 {
		limit, err = c.job.budget(c.work)
	}
	if err != nil {
		return err
	}
	if need := c.tileBytes(rows); need > limit {
		return fmt.Errorf("%w: %d bytes are wanted of %d", driver.ErrOutOfMemory, need, limit)
	}
	for i := range c.slots {
		t := &c.slots[i]
		if t.host, err = c.pinned(c.hostBytes(rows)); err != nil {
			return err
		}
		if t.mem, err = c.alloc(c.hostBytes(rows)); err != nil {
			return err
		}
	}
	if n := c.in.room(rows); n > 0 {
		if c.beside, err = c.alloc(n); err != nil {
			return err
		}
	}
	for l, k := range c.ks() {
		if k > 0 {
			if c.found[l], err = c.alloc(8 * int64(c.job.scan.Queries.Rows) * int64(rows)); err != nil {
				return err
			}
		}
	}
	return nil
}

// hostBytes is a tile, with the groups of its rows behind it where there are sums. A tile of rows that stay where they are is
// nothing else, and long: pinned memory that nobody reads is not for it.
func (c *card) hostBytes(rows int) int64 {
	bytes := roundUp(c.in.bytes(rows), 16)
	if len(c.job.scan.Reduce) > 0 {
		bytes += 4 * int64(rows)
	}
	return bytes
}

// tileBytes is what tiles of so many rows take of the card.
func (c *card) tileBytes(rows int) int64 {
	need := 2 * sizeClass(c.hostBytes(rows))
	if room := c.in.room(rows); room > 0 {
		need += sizeClass(room)
	}
	for _, k := range c.ks() {
		if k > 0 {
			need += sizeClass(8 * int64(c.job.scan.Queries.Rows) * int64(rows))
		}
	}
	return need
}

// shrink goes on with smaller tiles.
func (c *card) shrink() error {
	if err := c.merge(); err != nil {
		return err
	}
	if err := c.ctx.Synchronise(); err != nil {
		return err
	}
	c.pool.release()
	rows := (c.rows + 1) / 2
	c.job.note("%s: tiles of %d rows, since memory was short", c.gpu, rows)
	return c.resize(rows)
}

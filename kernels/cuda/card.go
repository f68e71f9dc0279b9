package cuda

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// card is what a job holds of a GPU.
type card struct {
	*work
	job     *job
	base    int64 // the segment's first row
	in      input
	copies  *driver.Stream
	compute *driver.Stream
	readers []*kernels.Tile

	// Per query, and lists and sums.
	above, below, exclude, badExcluded, bad *driver.Memory
	list, length, count                     [2]*driver.Memory
	spare                                   *driver.Memory
	sum                                     [4]*driver.Memory
	lanes                                   int
	status                                  *driver.Pinned // where bad is copied to after every tile; behind it, lengths at the end

	// Per tile; smaller ones take their place when memory is short.
	rows     int   // of a tile
	limit    int64 // the budget that is known, for the tiles that are allocated next; 0 for none
	found    [2]*driver.Memory
	beside   *driver.Memory // what the input needs beside a tile; nil when that is nothing
	slots    [2]slot
	turn     int
	seen     int64 // rows scored, for the size of the next launch
	unmerged bool  // candidates wait
}

// slot is a tile of rows: on the host, and on the card.
type slot struct {
	host             *driver.Pinned
	mem              *driver.Memory
	copied, computed *driver.Event
	rows             int // in it
	row0             int64
	group            driver.Pointer
}

func (j *job) card(g *gpu, base int64) (*card, error) {
	c := &card{work: g.work(), job: j, base: base}
	for range j.readers {
		c.readers = append(c.readers, new(kernels.Tile))
	}
	if err := c.prepare(); err != nil {
		return c, fmt.Errorf("%s: queries, lists and sums: %w", g, err)
	}
	return c, nil
}

func (c *card) close() error {
	for _, t := range c.readers {
		t.Release()
	}
	return c.work.close()
}

// prepare allocates what does not depend on the size of tiles.
func (c *card) prepare() (err error) {
	var errs []error
	alloc := func(bytes int) *driver.Memory {
		m, err := c.alloc(int64(bytes))
		errs = append(errs, err)
		return m
	}
	q := c.job.scan.Queries.Rows
	c.lanes = roundUp(q, panelQueries)
	c.copies, err = c.stream()
	errs = append(errs, err)
	c.compute, err = c.stream()
	errs = append(errs, err)
	c.status, err = c.pinned(8 + 4*int64(q))
	errs = append(errs, err)
	c.bad, c.badExcluded = alloc(8), alloc(4*q)
	c.above, c.below = alloc(4*c.lanes), alloc(4*c.lanes)
	if c.job.scan.Exclude != nil {
		c.exclude = alloc(8 * q)
	}
	most := 0
	for l, k := range c.ks() {
		c.list[l], c.length[l], c.count[l] = alloc(8*q*k), alloc(4*q), alloc(4*q)
		most = max(most, k)
	}
	c.spare = alloc(16 * q * most)
	for _, kind := range c.job.scan.Reduce {
		if c.sum[kind] == nil {
			c.sum[kind] = alloc(8 * c.job.scan.Groups * c.lanes)
		}
	}
	if err := first(errs...); err != nil {
		return err
	}
	if err := c.clear(); err != nil {
		return err
	}
	if c.in, err = c.job.input(c); err == nil {
		c.in = c.placed(c.in)
	}
	return err
}

func (c *card) ks() [2]int { return [2]int{c.job.scan.K, c.job.scan.Worst} }

// clear sets everything to what it is before the first row.
func (c *card) clear() error {
	inf := math.Float32bits(float32(math.Inf(1)))
	above, below := inf|1<<31, inf
	if c.job.scan.K == 0 {
		above = inf
	}
	if c.job.scan.Worst == 0 {
		below = inf | 1<<31
	}
	s := c.compute
	errs := []error{
		s.Fill32(c.above, 0, uint64(c.lanes), above), s.Fill32(c.below, 0, uint64(c.lanes), below),
		s.Fill(c.bad, 0, 8, 0xff), s.Fill(c.badExcluded, 0, c.badExcluded.Bytes(), 0),
	}
	for l := range c.count {
		errs = append(errs, s.Fill(c.count[l], 0, c.count[l].Bytes(), 0), s.Fill(c.length[l], 0, c.length[l].Bytes(), 0))
	}
	for kind, m := range c.sum {
		if m != nil {
			errs = append(errs, c.fill(m, uint64(empty(kernels.Reduce(kind)))))
		}
	}
	if c.exclude != nil {
		errs = append(errs, s.CopyIn(c.exclude, 0, driver.Bytes(c.excluded())))
	}
	copy(c.status.Bytes(), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	return first(errs...)
}

// excluded are the rows that queries leave out, counted from the segment's first.
func (c *card) excluded() []int64 {
	out := make([]int64, len(c.job.scan.Exclude))
	for i, row := range c.job.scan.Exclude {
		out[i] = max(-1, row-c.base)
	}
	return out
}

// fill sets memory to words of one value.
func (c *card) fill(m *driver.Memory, value uint64) error {
	n := int(m.Bytes() / 8)
	return c.launch(c.compute, kernel{"scan", "scan_fill", 256, 0}, driver.Dim{X: min(1024, blocks(n, 256))}, m, value, int64(n))
}

// events makes those of the slots.
func (c *card) events() error {
	var errs []error
	for i := range c.slots {
		t := &c.slots[i]
		var err error
		t.copied, err = c.event()
		errs = append(errs, err)
		t.computed, err = c.event()
		errs = append(errs, err)
	}
	return first(errs...)
}

// all takes tiles until there are none and gives what was found.
func (c *card) all(ctx context.Context, h *handout) (*findings, error) {
	if err := c.events(); err != nil {
		return nil, err
	}
	rows, err := c.fit(h.step)
	if err != nil {
		h.fail(h.hi, err)
		return nil, err
	}
	if err := c.resize(rows); err != nil {
		h.fail(h.hi, err) // the other cards need not go on
		return nil, err
	}
	for {
		row0, rows, ok := h.take()
		if !ok {
			break
		}
		if err := c.take(ctx, row0, rows); err != nil {
			var at rowError
			if errors.As(err, &at) {
				h.fail(at.row, at.error)
				break
			}
			h.fail(row0, err)
			return nil, err
		}
		if binary.NativeEndian.Uint64(c.status.Bytes()) != math.MaxUint64 {
			break
		}
	}
	if row, err := c.unusable(ctx); err != nil {
		h.fail(row, err)
		return nil, err
	}
	return c.findings()
}

// take takes in a run of rows, in tiles that fit.
func (c *card) take(ctx context.Context, row0 int64, rows int) error {
	for done := 0; done < rows; {
		n, err := c.tile(ctx, row0+int64(done), min(c.rows, rows-done))
		done += n
		if !errors.Is(err, driver.ErrOutOfMemory) || c.rows == 1 {
			if err != nil {
				return err
			}
			continue
		}
		if err := c.shrink(); err != nil {
			return err
		}
	}
	return nil
}

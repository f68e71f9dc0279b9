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
	status                                  *driver.Pinned // where bad is copied to after every tile

	// Per tile; smaller ones take their place when memory is short.
	rows     int // of a tile
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
	c.status, err = c.pinned(8)
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
	if err := errors.Join(errs...); err != nil {
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
	return errors.Join(errs...)
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
	limit, err := c.job.budget(c.gpu)
	if err != nil {
		return err
	}
	if need := c.tileBytes(rows); need > limit-c.held {
		return fmt.Errorf("%w: %d bytes are wanted of %d", driver.ErrOutOfMemory, need, limit-c.held)
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

// hostBytes is a tile with the groups of its rows behind it.
func (c *card) hostBytes(rows int) int64 { return roundUp(c.in.bytes(rows), 16) + 4*int64(rows) }

func (c *card) tileBytes(rows int) int64 {
	need := 2*c.hostBytes(rows) + c.in.room(rows)
	for _, k := range c.ks() {
		if k > 0 {
			need += 8 * int64(c.job.scan.Queries.Rows) * int64(rows)
		}
	}
	return need
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
	return errors.Join(errs...)
}

// all takes tiles until there are none and gives what was found.
func (c *card) all(ctx context.Context, h *handout) (*findings, error) {
	if err := c.events(); err != nil {
		return nil, err
	}
	if err := c.resize(int(h.step)); err != nil {
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

// shrink goes on with smaller tiles.
func (c *card) shrink() error {
	if err := c.merge(); err != nil {
		return err
	}
	if err := c.ctx.Synchronise(); err != nil {
		return err
	}
	rows := (c.rows + 1) / 2
	c.job.note("%s: tiles of %d rows, since memory was short", c.gpu, rows)
	return c.resize(rows)
}

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
	return done, errors.Join(c.compute.CopyOut(c.status.Bytes(), c.bad, 0), c.compute.Record(t.computed))
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
	return errors.Join(c.copies.Wait(t.computed), c.copies.CopyIn(t.mem, 0, t.host.Bytes()[:bytes]), c.copies.Record(t.copied), c.compute.Wait(t.copied))
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

// unusable waits for the card and says which row cannot be used, if one cannot.
func (c *card) unusable(ctx context.Context) (row int64, err error) {
	if err := c.merge(); err != nil {
		return c.base, err
	}
	bad, err := download[uint64](c.compute, c.bad, 1)
	if err != nil {
		return c.base, err
	}
	flags, err := download[uint32](c.compute, c.badExcluded, c.job.scan.Queries.Rows)
	if err != nil {
		return c.base, err
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
		keys, err := download[uint64](c.compute, c.list[l], q*k)
		if err != nil {
			return nil, err
		}
		lengths, err := download[uint32](c.compute, c.length[l], q)
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

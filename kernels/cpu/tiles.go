package cpu

import (
	"context"
	"sync"

	"attrib/kernels"
)

// tileRows is how many rows a worker reads at once: what TileBytes holds, but no more than leaves every worker several
// tiles.
func (d *device) tileRows(s kernels.Source) int64 {
	fit := d.TileBytes / max(1, s.Layout().RowBytes())
	if d.wide {
		fit = max(fit, min(wideRows, wideBytes/max(1, s.Layout().RowBytes())))
	}
	share := (s.Len() + int64(4*d.Workers) - 1) / int64(4*d.Workers)
	rows := max(1, min(fit, max(share, chunkRows)))
	if rows > chunkRows {
		rows -= rows % chunkRows
	}
	return rows
}

// Unless told otherwise, a tile of wide rows holds wideRows of them as long as they fit wideBytes: the queries are read
// again for every tile.
const wideRows, wideBytes = 24, 64 << 20

// handout gives tiles to workers in rising order and remembers the error of the lowest one. After an error no new tile
// is given out, but all lower ones are done or in work, so the lowest error does not depend on timing.
type handout struct {
	mu         sync.Mutex
	next, hi   int64
	step       int64
	err        error
	errAt      int64
	cancelled  func() error
	stopReason error
}

func (h *handout) take() (row0 int64, rows int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopReason == nil {
		h.stopReason = h.cancelled()
	}
	if h.err != nil || h.stopReason != nil || h.next >= h.hi {
		return 0, 0, false
	}
	row0 = h.next
	rows = int(min(h.step, h.hi-row0))
	h.next += int64(rows)
	return row0, rows, true
}

func (h *handout) fail(row0 int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil || row0 < h.errAt {
		h.err, h.errAt = err, row0
	}
}

// tiles reads rows lo ≤ i < hi in tiles of step rows and calls work for each, on all workers.
func (d *device) tiles(ctx context.Context, s kernels.Source, lo, hi, step int64, work func(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error) error {
	return d.eachTile(ctx, s, lo, hi, step, func(worker int, row0 int64, t *kernels.Tile) error {
		if err := readRows(ctx, s, row0, t.Rows, t); err != nil {
			return err
		}
		return work(ctx, worker, row0, t.Flat)
	})
}

// eachTile calls work, which reads, with tiles of step rows that cover lo ≤ i < hi, on all workers.
func (d *device) eachTile(ctx context.Context, s kernels.Source, lo, hi, step int64, work func(worker int, row0 int64, t *kernels.Tile) error) error {
	h := &handout{next: lo, hi: hi, step: step, cancelled: ctx.Err}
	var wg sync.WaitGroup
	for worker := range int(min(int64(d.Workers), (hi-lo+step-1)/step)) {
		wg.Go(func() {
			t := new(kernels.Tile)
			defer t.Release()
			for {
				row0, rows, ok := h.take()
				if !ok {
					return
				}
				t.Rows = rows
				if err := kernels.Guard(s, func() error { return work(worker, row0, t) }); err != nil {
					h.fail(row0, err)
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.err
}

func finite(row0 int64, rows kernels.Matrix) error {
	if i := rows.FirstNonFinite(); i >= 0 {
		return kernels.NonFinite(row0 + int64(i))
	}
	return nil
}

func readRows(ctx context.Context, s kernels.Source, row0 int64, rows int, t *kernels.Tile) error {
	t.Rows = rows
	if err := s.Read(ctx, row0, t); err != nil {
		return err
	}
	t.Rows = rows // whatever the source did with it
	return t.CheckFlat(s.Layout())
}

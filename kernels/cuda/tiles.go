package cuda

import (
	"context"
	"fmt"
	"sync"

	"attrib/kernels"
)

// handout gives tiles to cards in rising order and remembers the error of the lowest row. After an error no new tile is
// given out, but all lower ones are done or in work, so the lowest error does not depend on timing.
type handout struct {
	mu       sync.Mutex
	next, hi int64
	step     int64
	err      error
	errAt    int64
	ctx      context.Context
}

func (h *handout) take() (row0 int64, rows int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil || h.ctx.Err() != nil || h.next >= h.hi {
		return 0, 0, false
	}
	row0 = h.next
	rows = int(min(h.step, h.hi-row0))
	h.next += int64(rows)
	return row0, rows, true
}

func (h *handout) fail(row int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil || row < h.errAt {
		h.err, h.errAt = err, row
	}
}

// rowError is an error that belongs to a row.
type rowError struct {
	row int64
	error
}

func (e rowError) Unwrap() error { return e.error }

// smallRead is the bytes below which a read is not shared among goroutines.
const smallRead = 256 << 10

// shareRead has rows 0 ≤ i < n read in as many parts as there are tiles, at once. The error is that of the lowest part.
func shareRead(ctx context.Context, s kernels.Source, tiles []*kernels.Tile, row0 int64, n int, bytes int64, read func(t *kernels.Tile, lo, n int) error) error {
	parts := min(len(tiles), n)
	if bytes < smallRead {
		parts = 1
	}
	errs := make([]error, parts)
	per := (n + parts - 1) / parts
	var wg sync.WaitGroup
	for i := range parts {
		lo := i * per
		rows := min(per, n-lo)
		if rows <= 0 {
			break
		}
		work := func() {
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = kernels.Guard(s, func() error { return read(tiles[i], lo, rows) })
			}
		}
		if i == parts-1 {
			work()
			continue
		}
		wg.Go(work)
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return rowError{row0 + int64(i*per), err}
		}
	}
	return nil
}

// readRows reads and checks what the source gives.
func readRows(ctx context.Context, s kernels.Source, row0 int64, rows int, t *kernels.Tile) error {
	t.Rows = rows
	if err := s.Read(ctx, row0, t); err != nil {
		return err
	}
	l := s.Layout()
	if t.Flat.Rows != rows || t.Flat.Cols != l.Width || t.Flat.Type != l.Type {
		return fmt.Errorf("the source gave %d×%d numbers of type %v for %d rows of width %d and type %v",
			t.Flat.Rows, t.Flat.Cols, t.Flat.Type, rows, l.Width, l.Type)
	}
	return t.Flat.Validate()
}

// packRows copies a matrix to rows stride bytes apart, with zeros behind each.
func packRows(dst []byte, stride int64, m kernels.Matrix) {
	size := m.Type.Size()
	n, from := m.Cols*size, m.Stride*size
	for i := range m.Rows {
		row := dst[int64(i)*stride : int64(i+1)*stride]
		copy(row, m.Data[i*from:i*from+n])
		clear(row[n:])
	}
}

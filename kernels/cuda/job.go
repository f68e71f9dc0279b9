package cuda

import (
	"context"
	"math"
	"sync"

	"attrib/kernels"
)

// job is one pass over rows by all cards.
type job struct {
	*device
	scan    *kernels.Scan // Queries.Rows is the number of queries; their values are the input's
	n       int64
	source  kernels.Source
	input   func(c *card) (input, error) // what a card does with rows; it may allocate
	rounder kernels.Rounder
	limit   uint32

	// What errors call rows and queries: row i is numbers[i] of the whole, unless nil, and query 0 is firstQuery.
	numbers    []int64
	firstQuery int

	held int64 // bytes of the card that the call holds beside the job
}

// input is rows of some kind on a card, and the kernels that score them.
type input interface {
	// bytes is the memory of a tile.
	bytes(rows int) int64
	// room is the memory that a tile needs beside it on the card (card.beside).
	room(rows int) int64
	// read fills rows lo ≤ i < lo+n of a tile of so many rows, which begins at row0 of the source.
	read(ctx context.Context, t *kernels.Tile, tile []byte, rows int, row0 int64, lo, n int) error
	// begin puts into the card's queue what a tile needs before it is scored.
	begin(t *slot) error
	// score puts a kernel into the queue that scores rows lo ≤ i < lo+n of the tile.
	score(t *slot, lo, n int, f foldsArg) error
	// finite says whether a tile of one row on the host holds no NaN and no infinity.
	finite(tile []byte) bool
}

func (d *device) job(scan *kernels.Scan, n int64) *job {
	j := &job{device: d, scan: scan, n: n, rounder: kernels.NewRounder(scan.Unit, n), limit: math.Float32bits(math.MaxFloat32)}
	if len(scan.Reduce) > 0 {
		j.limit = largestLinear(j.rounder)
	}
	return j
}

// largestLinear is the bits of the largest score that the rounder accepts.
func largestLinear(r kernels.Rounder) uint32 {
	lo, hi := uint32(0), math.Float32bits(math.MaxFloat32)
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if _, ok := r.Linear(math.Float32frombits(mid)); ok {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// run is the result of the pass, but for its counts.
func (j *job) run(ctx context.Context) (*kernels.Result, error) {
	total := newFindings(j.scan)
	for base := int64(0); base < j.n; base += j.segmentRows {
		if err := j.segment(ctx, total, base, min(j.n, base+j.segmentRows)); err != nil {
			return nil, err
		}
	}
	r := total.result()
	r.Unit, r.SquareUnit = j.scan.Unit, kernels.SquareUnit(j.scan.Unit, j.n)
	return r, nil
}

// segment takes in rows lo ≤ i < hi, which the cards number by 32 bits.
func (j *job) segment(ctx context.Context, total *findings, lo, hi int64) error {
	h := &handout{next: lo, hi: hi, step: j.tileRows(hi - lo), ctx: ctx}
	errs, found := make([]error, len(j.gpus)), make([]*findings, len(j.gpus))
	var wg sync.WaitGroup
	for i, g := range j.gpus {
		wg.Go(func() {
			c, err := j.card(g, lo)
			if err == nil {
				found[i], err = c.all(ctx, h)
			} else {
				h.fail(hi, err) // the other cards need not go on
			}
			errs[i] = first(err, c.close())
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	if h.err != nil {
		return h.err
	}
	for i, err := range errs {
		if err != nil {
			return err
		}
		total.absorb(found[i])
	}
	return nil
}

// tileRows is how many rows a card takes at once: what TileBytes holds, but no more than leaves every card several
// tiles. Rows that stay where they are take no memory but for their candidates: more of them at once, since between two
// tiles a card has about 10 us of nothing to do, a sixth of the time that 256 MiB take.
func (j *job) tileRows(n int64) int64 {
	const few = 8192
	fit := j.TileBytes / max(1, j.source.Layout().RowBytes())
	if s, ok := j.source.(*cardSource); ok && s.fits() && j.ownTiles && len(j.gpus) == 1 {
		fit = max(fit, 4*j.TileBytes/j.candidateBytes())
	}
	share := (n + int64(4*len(j.gpus)) - 1) / int64(4*len(j.gpus))
	return max(1, min(fit, max(share, few), n, 1<<30))
}

// candidateBytes is what a row's candidates may take.
func (j *job) candidateBytes() int64 {
	lists := min(1, j.scan.K) + min(1, j.scan.Worst)
	return 8 * int64(max(1, j.scan.Queries.Rows)) * int64(max(1, lists))
}

// budget is the bytes of a card that the job may have more than the call holds.
func (j *job) budget(w *work) (int64, error) {
	most, err := j.device.budget(w)
	if j.MemoryLimit > 0 {
		most = min(most, max(0, j.MemoryLimit-w.held-j.held))
	}
	return most, err
}

// number is a row's in the whole.
func (j *job) number(row int64) int64 {
	if j.numbers == nil {
		return row
	}
	return j.numbers[row]
}

package cuda

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// trainRun is a call of TrainCopies in progress.
type trainRun struct {
	*device
	kernels.CopyTraining
	samples []float32 // without gaps
	owner   []int32
	steps   []trainStep                                // of the run
	width   int                                        // weights of a copy
	longest int                                        // samples of the longest epoch
	tile    int                                        // samples of the longest tile
	name    func(p Precision, m, n, copies int) string // of the kernel for products

	mu sync.Mutex // held while Done is called
}

type trainStep struct{ epoch, batch int }

// TrainCopies trains copies of a network on all cards, with the bits of train.Coalitions on a CPU with vectors where the
// precision is Exact (or Int8, which is for scans); the others round products as GemmBatch does. Copies go to a card as many
// at a time as keep it busy, if it has memory for them. A tile of a batch is a fixed list of launches without a word from the host, which is never
// more than a few steps ahead and hears of ctx there; it reads after every epoch whether all is finite.
func (d *device) TrainCopies(ctx context.Context, t kernels.CopyTraining) error {
	if err := t.Validate(); err != nil || len(t.Weights) == 0 {
		return err
	}
	return d.trainRun(t).all(ctx)
}

func (d *device) trainRun(t kernels.CopyTraining) *trainRun {
	r := &trainRun{device: d, name: trainProductName, CopyTraining: t, width: t.Width(), owner: narrowed(t.Owner)}
	for e, order := range t.Orders {
		for batch := range int(blocks(len(order), t.Batch)) {
			r.steps = append(r.steps, trainStep{e, batch})
		}
		r.longest = max(r.longest, len(order))
	}
	r.tile = max(1, min(t.Tile, t.Batch, r.longest))
	r.samples = withoutGaps(t.X)
	return r
}

// withoutGaps are the numbers of a matrix row after row, where they lie if they lie like that.
func withoutGaps(m kernels.Matrix) []float32 {
	if m.Stride == m.Cols || m.Rows == 1 {
		return m.Floats()[:m.Rows*m.Cols]
	}
	out := make([]float32, 0, m.Rows*m.Cols)
	for i := range m.Rows {
		out = append(out, m.Row(i)...)
	}
	return out
}

// all deals spans of copies to the cards. An error of Done is kept with its place, so that the lowest is told; one of a card
// stops all of them.
func (t *trainRun) all(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h := &handout{hi: int64(len(t.Weights)), step: t.share(), ctx: ctx}
	var wg sync.WaitGroup
	for _, g := range t.gpus {
		wg.Go(func() {
			if err := t.card(ctx, g, h); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return h.err
}

// share is how many copies a card takes at a time: as many as every other card, and no more than keep it busy, so that what
// is through is handed out before all are.
func (t *trainRun) share() int64 {
	n, cards := int64(len(t.Weights)), int64(len(t.gpus))
	most := t.busy()
	if t.Together > 0 {
		most = int64(t.Together)
		return min(most, (n+cards-1)/cards)
	}
	parts := (n + most - 1) / most
	parts = (parts + cards - 1) / cards * cards
	return (n + parts - 1) / parts
}

// busy is how many copies have the blocks of a step (products alone) that fill a large card some dozens of times.
func (t *trainRun) busy() int64 {
	const enough, least = 32768, 64
	blocksOf := func(m, n int) int64 {
		k := trainTiles[t.name(t.Precision, m, n, enough)]
		return int64(blocks(m, k.rows)) * int64(blocks(n, k.cols))
	}
	each := int64(0)
	for i, l := range t.Layers {
		each += blocksOf(t.tile, l.Out) + blocksOf(l.In, l.Out)
		if i > 0 {
			each += blocksOf(t.tile, l.In)
		}
	}
	return max(least, enough/each)
}

// span is copies lo ≤ k < hi that a card has taken and that are not through.
type span struct{ lo, hi int64 }

// card trains spans until there are none.
func (t *trainRun) card(ctx context.Context, g *gpu, h *handout) error {
	most, err := t.fit(g, h.step)
	if err != nil {
		return err
	}
	var mine span
	err = t.smaller(g, "copies", most, 1, func(copies int64) error { return t.groups(ctx, g, h, &mine, copies) })
	if errors.Is(err, driver.ErrOutOfMemory) {
		return fmt.Errorf("%s: a copy of the network takes %d bytes beside %d that all share: %w", g, t.bytes(1)-t.bytes(0), t.bytes(0), err)
	}
	return err
}

// fit is how many copies a card has memory for, at least one.
func (t *trainRun) fit(g *gpu, most int64) (copies int64, err error) {
	w := g.work()
	defer func() { err = first(err, w.close()) }()
	limit, err := t.budget(w)
	if err != nil {
		return 0, err
	}
	over := sort.Search(int(most), func(n int) bool { return t.bytes(int64(n)+1) > limit })
	return max(1, int64(over)), nil
}

// groups trains what is left of a span, and spans that come after it, so many copies at a time.
func (t *trainRun) groups(ctx context.Context, gpu *gpu, h *handout, mine *span, copies int64) (err error) {
	w := gpu.work()
	defer func() { err = first(err, w.close()) }()
	g, err := t.copyGroup(w, int(copies))
	if err := first(err, t.within(w)); err != nil {
		return err
	}
	for {
		if mine.lo >= mine.hi {
			lo, n, ok := h.take()
			if !ok {
				return nil
			}
			*mine = span{lo, lo + int64(n)}
		}
		n := int(min(copies, mine.hi-mine.lo))
		beyond := func() bool { return h.beyond(mine.lo) }
		failed, err := g.train(ctx, int(mine.lo), n, beyond)
		if err != nil {
			return err
		}
		if beyond() {
			return nil
		}
		if err := g.deliver(mine, failed, h); err != nil {
			return err
		}
	}
}

// beyond says whether an error of lower rows, or copies, makes these of no matter.
func (h *handout) beyond(row int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err != nil && h.errAt < row
}

// deliver hands out copies that are through, some at a time, and takes them out of the span. What Done answers is noted,
// and the span is over then.
func (g *copyGroup) deliver(mine *span, failed []*kernels.CopyFailure, h *handout) error {
	t := g.run
	some := t.Deliver
	if some == 0 {
		some = 64 << 20 / (4 * t.Size)
	}
	some = max(1, min(some, len(failed)))
	theta := make([]float32, some*t.Size)
	for at := 0; at < len(failed); at += some {
		n := min(some, len(failed)-at)
		if err := g.stream.CopyOut(driver.Bytes(theta[:n*t.Size]), g.memory[&g.theta], uint64(4*at*t.Size)); err != nil {
			return err
		}
		if err := t.done(int(mine.lo), theta[:n*t.Size], failed[at:at+n]); err != nil {
			h.fail(mine.lo, err)
			mine.lo = mine.hi
			return nil
		}
		mine.lo += int64(n)
	}
	return nil
}

func (t *trainRun) done(from int, theta []float32, failed []*kernels.CopyFailure) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Done(from, theta, failed)
}

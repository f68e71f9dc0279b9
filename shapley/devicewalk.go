package shapley

import (
	"context"
	"fmt"
	"math"

	"attrib/internal/philox"
	"attrib/kernels"
)

// walkBytes is what a batch of orders for a device takes on the host, at most, with the gains that come back.
const walkBytes = 64 << 20

// deviceGame is a game whose walks a kernels.PermutationWalker knows.
type deviceGame interface {
	// permutationWalk is the game without orders; ok is false where no device can walk this one.
	permutationWalk() (p kernels.PermutationWalk, ok bool)
}

// Walkable says whether a game's orders are walked by a Budget's Walker, where there is one: the games of scores are, but
// for curves with points beyond 2³¹ quanta. Other games are walked on the CPU.
func Walkable(g Game) bool {
	_, ok := permutationWalk(g)
	return ok
}

func permutationWalk(g Game) (kernels.PermutationWalk, bool) {
	if d, ok := g.(deviceGame); ok {
		return d.permutationWalk()
	}
	return kernels.PermutationWalk{}, false
}

func (g *OutputGame) permutationWalk() (kernels.PermutationWalk, bool) {
	p := kernels.PermutationWalk{Players: g.n, Outputs: len(g.omega), X: g.x, Omega: g.omega, Both: true}
	switch {
	case g.best:
		p.Game = kernels.WalkBest
	case g.curve == nil:
		p.Game = kernels.WalkSum
	case g.curve.at == nil:
		p.Game, p.Table = kernels.WalkCurve, g.curve.knots
	default:
		p.Game, p.Table = kernels.WalkPoints, make([]int64, 2*len(g.curve.at))
		for k, at := range g.curve.at {
			p.Table[k], p.Table[len(g.curve.at)+k] = at.X, at.Y
		}
		if g.curve.at[len(g.curve.at)-1].X > 1<<31 {
			return p, false
		}
	}
	return p, int64(g.n)*int64(len(g.omega)) <= math.MaxInt32
}

// deviceSampler has orders walked by a device. They are drawn here while the batch before is walked.
type deviceSampler struct {
	*sampler
	walker kernels.PermutationWalker
	walk   kernels.PermutationWalk
	pairs  int // of a batch of orders
}

// newDeviceSampler is nil where the CPU is to walk.
func newDeviceSampler(s *sampler, b Budget) *deviceSampler {
	walk, ok := permutationWalk(s.game)
	if b.Walker == nil || !ok {
		return nil
	}
	walk.Sums = s.output
	pairs := b.WalkPairs
	if pairs == 0 {
		pairs = max(1, walkBytes/(12*s.n))
	}
	return &deviceSampler{sampler: s, walker: b.Walker, walk: walk, pairs: pairs}
}

// drawn is a batch of orders: those of pairs first, first+1, …
type drawn struct {
	first  int64
	orders []int32
	err    error
}

// sample brings every batch to target pairs. Pair p belongs to batch p modulo their number, so that the pairs that are
// still to be walked follow on one another.
func (d *deviceSampler) sample(ctx context.Context, target int64, workers int) error {
	first, last := d.batch[0].done*int64(len(d.batch)), target*int64(len(d.batch))
	ctx, cancel := context.WithCancel(ctx)
	batches := make(chan drawn)
	go func() {
		defer close(batches)
		for at := first; at < last; at += int64(d.pairs) {
			b := d.draw(ctx, workers, at, int(min(int64(d.pairs), last-at)))
			select {
			case batches <- b:
			case <-ctx.Done():
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	defer func() {
		cancel()
		for range batches { // so that nothing is drawn any more
		}
	}()
	for at := first; at < last; {
		b, ok := <-batches
		if !ok {
			return context.Cause(ctx)
		}
		if b.err != nil {
			return b.err
		}
		if err := d.take(ctx, workers, b); err != nil {
			return err
		}
		at += int64(len(b.orders) / d.n)
	}
	for k := range d.batch {
		d.batch[k].done = target
	}
	return nil
}

// drawTask is how many orders a worker draws at a time.
const drawTask = 64

// draw makes the orders of so many pairs; each has its own stream.
func (d *deviceSampler) draw(ctx context.Context, workers int, first int64, pairs int) drawn {
	b := drawn{first: first, orders: make([]int32, pairs*d.n)}
	b.err = parallel(ctx, workers, (pairs+drawTask-1)/drawTask, func() func(int) error {
		order := make([]int, d.n)
		return func(task int) error {
			for k := task * drawTask; k < min(pairs, (task+1)*drawTask); k++ {
				philox.New(d.seed, uint64(first)+uint64(k)).Perm(order)
				for i, player := range order {
					b.orders[k*d.n+i] = int32(player)
				}
			}
			return nil
		}
	})
	return b
}

// take has a batch of orders walked both ways and adds the marginals of each pair to its batch.
func (d *deviceSampler) take(ctx context.Context, workers int, b drawn) error {
	p := d.walk
	p.Orders, p.Gain = b.orders, make([]int64, len(b.orders))
	if err := d.walker.WalkPermutations(ctx, p); err != nil {
		return fmt.Errorf("permutations: pairs %d to %d: %w", b.first, b.first+int64(len(b.orders)/d.n)-1, err)
	}
	pairs, batches := len(b.orders)/d.n, len(d.batch)
	return parallel(ctx, workers, batches, func() func(int) error {
		return func(k int) error {
			to := &d.batch[k]
			begin := (k - int(b.first%int64(batches)) + batches) % batches
			for at := begin; at < pairs; at += batches {
				for i, m := range p.Gain[at*d.n : (at+1)*d.n] {
					to.sum[i].add(m)
					to.sq[i].add(m)
				}
			}
			return nil
		}
	})
}

package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/simd"
	"attrib/train/nn"
)

// CoalitionOptions are the options of Coalitions. The zero value uses the model's seed, all processors and 1 GiB.
type CoalitionOptions struct {
	Workers  int                           // groups of copies at a time. Default: GOMAXPROCS
	Copies   int                           // copies trained together by a worker. Default: as many as stay in its cache
	Memory   int64                         // bytes that all workers may hold, without what is returned; copies and workers are cut to it. Default: 1 GiB
	Initial  Params                        // initial parameters of every run. Default: nil, drawn from the seed
	Order    [][]int                       // sample order of every epoch. Default: nil, drawn from the seed
	Owner    []int                         // player that a sample belongs to; a row of weights then has one for every player. Default: nil, one for every sample
	Device   kernels.CopyTrainer           // trains the copies, where it can (see CopiesOnDevice); its errors end the call. Default: the CPU
	Note     func(text string)             // is told when Device cannot, and the CPU trains instead. Default: nil
	Products blas.Device                   // computes the products of layers where the CPU trains, such as blas.Offload; its errors end the call. Default: the CPU
	Out      string                        // folder that keeps finished runs: the same call goes on there after a kill. Default: none
	Progress func(done int)                // called after every run, by one goroutine at a time. Default: nil
	Visit    func(run int, p Params) error // gets each run's parameters, by one goroutine at a time, in any order; Coalitions then returns nil Params. Default: nil
}

const (
	defaultMemory = 1 << 30
	cacheBytes    = 1 << 19 // of a worker's copies: half of the second-level cache of the smaller current servers
)

// Coalitions does what Many does, for models that list their layers, several times faster: a worker trains a group of
// copies together, as batched products (package nn). Samples of weight 0 cost nothing, and what they hold does not matter. It returns the final parameters
// in the order of weights, or the error of the first run that fails.
//
// The results are the same bits for any number of copies, workers and bytes of memory, and those of Run and Many.
// AVX-512 and AVX2 give the same bits, and so does a Device of the same arithmetic; plain Go (package kernels/simd says when)
// gives others.
//
// A Device holds everything from the first step of a run to its last; Copies is the most that it trains together (default: as
// many as keep it busy, if it has memory for them), Workers is of no matter to it, and Memory bounds what comes back at a time.
//
// A loss or parameter that is no longer finite is an error that names the retraining, epoch, batch, step and row or
// tensor. A budget that does not hold one copy is an error with both numbers. When ctx ends, it stops before the next
// batch; with Out set, the groups that were finished stay.
func Coalitions(ctx context.Context, m Model, d Data, weights [][]float32, o CoalitionOptions) ([]Params, error) {
	plan, err := o.plan(m, d, weights)
	if err != nil {
		return nil, err
	}
	c := &coalitions{
		coalitionPlan: plan, weights: weights,
		lowest: math.MaxInt,
		kept:   manyRuns{o: ManyOptions{Progress: o.Progress, Visit: o.Visit}, out: make([]Params, len(weights))},
	}
	if o.Out != "" {
		if err := c.open(o.Out); err != nil {
			return nil, err
		}
		defer c.store.release()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if c.device != nil {
		if err := c.train(ctx, o); err != nil {
			return nil, err
		}
	} else {
		c.workAll(ctx, cancel)
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case c.err != nil:
		return nil, c.err
	case o.Visit != nil:
		return nil, nil
	}
	return c.kept.out, nil
}

// workAll has the workers train all runs.
func (c *coalitions) workAll(ctx context.Context, cancel context.CancelCauseFunc) {
	var wg sync.WaitGroup
	for range c.workers {
		wg.Go(func() {
			if err := c.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
}

// coalitionPlan is what the options come to for a model, data and weights.
type coalitionPlan struct {
	model           Model
	data            Data
	orders          [][]int
	start           Params
	initial         []float32 // start as groups hold it
	owner           []int
	net             *nn.Net
	rule            rule
	steps           *stepper
	batch           int // samples in the longest batch
	workers, copies int
	products        blas.Device
	device          kernels.CopyTrainer // nil: the CPU trains
	generic         bool                // plain Go trains
	arithmetic      string              // of a device with other bits than a CPU with vectors
}

func (o CoalitionOptions) plan(m Model, d Data, weights [][]float32) (*coalitionPlan, error) {
	if err := o.check(m); err != nil {
		return nil, err
	}
	t, err := newTrainer(m, d, Options{Initial: o.Initial, Order: o.Order})
	if err != nil {
		return nil, err
	}
	if err := o.checkWeights(weights, d.Len()); err != nil {
		return nil, err
	}
	net, err := NewNet(m)
	if err != nil {
		return nil, err
	}
	p := &coalitionPlan{
		model: m, data: d, net: net, rule: t.rule, steps: t.steps, owner: o.Owner,
		products: o.Products, batch: min(m.Batch, longest(t)), start: t.params, initial: make([]float32, net.Size()),
	}
	for e := range m.Epochs {
		p.orders = append(p.orders, t.orderOf(e))
	}
	net.Pack(p.initial, t.params.values())
	p.generic = simd.Active() == simd.Generic
	o.onDevice(p)
	return p, o.share(p, len(weights))
}

// bytes is what a group holds for every copy: parameters, gradient and what the optimiser keeps, a tile of samples and
// its losses, and weights that an owner's were written out to.
func (p *coalitionPlan) bytes() int64 {
	b := 4*int64(2+len(p.rule.states()))*int64(p.net.Size()) + p.net.Bytes(p.tile()) + 4*int64(p.tile())
	if p.owner != nil {
		b += 4 * int64(p.data.Len())
	}
	return b
}

// params are the parameters of the copy that begins at theta.
func (p *coalitionPlan) params(theta []float32) Params {
	out := newParams(p.net.Specs())
	p.net.Unpack(out.values(), theta)
	return out
}

// checkWeights checks the rows: a weight for each of n samples, or for each player when samples have owners.
func (o CoalitionOptions) checkWeights(weights [][]float32, n int) error {
	width, what := n, "samples"
	if o.Owner != nil {
		if len(o.Owner) != n {
			return fmt.Errorf("coalitions: %d owners for %d samples", len(o.Owner), n)
		}
		width, what = 0, "players"
		for i, p := range o.Owner {
			if p < 0 {
				return fmt.Errorf("coalitions: row %d: owner %d, want a number ≥ 0", i, p)
			}
			width = max(width, p+1)
		}
	}
	for r, w := range weights {
		if len(w) < width || o.Owner == nil && len(w) > width {
			return fmt.Errorf("retraining %d: %d weights for %d %s", r, len(w), width, what)
		}
		if err := checkWeights(w, len(w)); err != nil {
			return fmt.Errorf("retraining %d: %w", r, err)
		}
	}
	return nil
}

// tile is how many samples of a batch are computed at a time.
func (p *coalitionPlan) tile() int { return min(p.batch, p.net.Tile()) }

// longest is the number of samples in the longest epoch.
func longest(t *trainer) int {
	n := t.data.Len()
	for _, order := range t.opt.Order {
		n = max(n, len(order))
	}
	return n
}

func (o CoalitionOptions) check(m Model) error {
	var bad []error
	if m.Builder != "" {
		bad = append(bad, fmt.Errorf("coalitions: model %q is built by the registered graph %q: copies are trained together for models with layers only; use Many", m.Name, m.Builder))
	}
	if o.Workers < 0 {
		bad = append(bad, fmt.Errorf("coalitions: %d workers", o.Workers))
	}
	if o.Copies < 0 {
		bad = append(bad, fmt.Errorf("coalitions: %d copies together", o.Copies))
	}
	if o.Memory < 0 {
		bad = append(bad, fmt.Errorf("coalitions: %d bytes of memory", o.Memory))
	}
	return errors.Join(bad...)
}

// share sets how many workers there are and how many copies each trains together.
func (o CoalitionOptions) share(p *coalitionPlan, runs int) error {
	one, memory := p.bytes(), o.Memory
	if memory == 0 {
		memory = defaultMemory
	}
	if one > memory {
		return fmt.Errorf("coalitions: a budget of %d bytes does not hold one copy of the model, which takes %d", memory, one)
	}
	p.workers = o.Workers
	if p.workers == 0 {
		p.workers = runtime.GOMAXPROCS(0)
	}
	p.workers = int(min(int64(p.workers), memory/one, int64(max(runs, 1))))
	p.copies = o.Copies
	if p.copies == 0 {
		p.copies = int(max(1, cacheBytes/one))
	}
	p.copies = int(min(int64(p.copies), memory/one/int64(p.workers), int64((max(runs, 1)+p.workers-1)/p.workers)))
	return nil
}

// coalitions is a call of Coalitions in progress.
type coalitions struct {
	*coalitionPlan
	weights [][]float32
	kept    manyRuns
	store   *runStore    // nil: nothing is kept on disk
	done    map[int]bool // runs that were found there

	mu     sync.Mutex
	next   int   // first run that no worker has taken
	lowest int   // first run that failed
	err    error // its error
}

// open takes the runs that the folder holds already.
func (c *coalitions) open(dir string) (err error) {
	if c.store, err = openRuns(dir, c.coalitionPlan, c.start, c.weights); err != nil {
		return err
	}
	if c.done, err = c.store.load(c.kept.keep); err != nil {
		c.store.release()
	}
	return err
}

// work trains one group after another. Errors of a run, or of Visit for it, are kept aside, so that the first run's is
// told whatever the workers do; an error that is returned stops everything.
func (c *coalitions) work(ctx context.Context) error {
	g := newCopyGroup(c.coalitionPlan)
	for {
		first, weights := c.take()
		if len(weights) == 0 {
			return nil
		}
		g.reset(weights)
		err := g.train(ctx, func() bool { return c.beyond(first) })
		if err == nil {
			err = c.save(first, g)
		}
		if err != nil {
			return err
		}
		for k := range weights {
			if g.failed[k] != nil {
				c.fail(first+k, fmt.Errorf("retraining %d: %w", first+k, g.failed[k]))
				break
			}
			if c.beyond(first + k) {
				break
			}
			if err := c.kept.keep(first+k, c.params(g.theta[k*c.net.Size():])); err != nil {
				c.fail(first+k, err)
				break
			}
		}
	}
}

// save puts a group on disk when all its runs are sound.
func (c *coalitions) save(first int, g *copyGroup) error {
	for _, err := range g.failed {
		if c.store == nil || err != nil {
			return nil
		}
	}
	if c.store == nil || c.beyond(first) {
		return nil
	}
	return c.store.save(first, len(g.weights), g.theta)
}

// take hands out the next group of runs that are not done yet. Groups go out in order, so those before a run that
// failed are in hand or done.
func (c *coalitions) take() (first int, weights [][]float32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.done[c.next] {
		c.next++
	}
	first = c.next
	if first >= c.lowest {
		return first, nil
	}
	for c.next < min(first+c.copies, len(c.weights)) && !c.done[c.next] {
		c.next++
	}
	return first, c.weights[first:c.next]
}

func (c *coalitions) fail(run int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run < c.lowest {
		c.lowest, c.err = run, err
	}
}

// beyond says whether an earlier run has failed already, so that this one's result cannot matter.
func (c *coalitions) beyond(run int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return run > c.lowest
}

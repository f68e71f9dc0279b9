package train

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// ManyOptions are the options of Many. The zero value uses the model's seed and all processors.
type ManyOptions struct {
	Workers  int                           // runs at a time. Default: GOMAXPROCS
	Initial  Params                        // initial parameters of every run. Default: nil, drawn from the seed
	Order    [][]int                       // sample order of every epoch. Default: nil, drawn from the seed
	Network  func() (Network, error)       // one network a worker. Default: NewNetwork
	Progress func(done int)                // called after every run, by one goroutine at a time. Default: nil
	Visit    func(run int, p Params) error // gets each run's parameters, by one goroutine at a time, in any order; Many then returns nil Params. Default: nil
}

// Many retrains the model once for every row of weights (each of d.Len() values, in place of d.Weight) from the same
// initial parameters and in the same batch order, and returns the final parameters in the order of weights. A sample
// of weight 0 is removed while batches and denominators stay. The result does not depend on the number of workers.
// It stops at the first error or when ctx ends.
func Many(ctx context.Context, m Model, d Data, weights [][]float32, o ManyOptions) ([]Params, error) {
	for r, w := range weights {
		if len(w) != d.Len() {
			return nil, fmt.Errorf("retraining %d: %d weights for %d samples", r, len(w), d.Len())
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runs := make(chan int)
	many := &manyRuns{o: o, out: make([]Params, len(weights))}
	var wg sync.WaitGroup
	for range min(o.workers(), len(weights)) {
		wg.Go(func() {
			if err := many.work(ctx, m, d, weights, runs); err != nil {
				cancel(err)
			}
		})
	}
feed:
	for r := range weights {
		select {
		case runs <- r:
		case <-ctx.Done():
			break feed
		}
	}
	close(runs)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if o.Visit != nil {
		return nil, nil
	}
	return many.out, nil
}

func (o ManyOptions) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// manyRuns gathers what the workers make.
type manyRuns struct {
	o    ManyOptions
	mu   sync.Mutex
	done int
	out  []Params
}

func (g *manyRuns) work(ctx context.Context, m Model, d Data, weights [][]float32, runs <-chan int) error {
	network := g.o.Network
	if network == nil {
		network = func() (Network, error) { return newLayerNet(m, 1) }
	}
	t, err := newTrainer(m, d, Options{Initial: g.o.Initial, Order: g.o.Order, Network: network})
	if err != nil {
		return err
	}
	initial := t.params.Clone()
	for r := range runs {
		if err := checkWeights(weights[r], d.Len()); err != nil {
			return fmt.Errorf("retraining %d: %w", r, err)
		}
		t.restart(initial, weights[r])
		for e := range m.Epochs {
			if _, err := t.epoch(ctx, e, t.orderOf(e), t.steps.of(e)); err != nil {
				return fmt.Errorf("retraining %d: %w", r, err)
			}
		}
		if err := g.keep(r, t.params.Clone()); err != nil {
			return err
		}
	}
	return nil
}

func (t *trainer) restart(initial Params, weights []float32) {
	t.weights = weights
	for k := range initial {
		copy(t.params[k].Data, initial[k].Data)
		for _, s := range t.state {
			clear(s[k].Data)
		}
	}
}

func (g *manyRuns) keep(r int, p Params) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done++
	if g.o.Progress != nil {
		g.o.Progress(g.done)
	}
	if g.o.Visit != nil {
		return g.o.Visit(r, p)
	}
	g.out[r] = p
	return nil
}

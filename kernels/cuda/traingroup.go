package cuda

import (
	"context"
	"fmt"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

// ahead is how many steps the host may be ahead of the card: what a call that is cancelled still waits for.
const ahead = 4

// copyGroup is what a card holds of copies that are trained together.
type copyGroup struct {
	queue
	*copyPlaces
	memory map[*driver.Pointer]*driver.Memory
	done   [ahead]*driver.Event
}

// copyGroup makes room for so many copies and sends what they share.
func (t *trainRun) copyGroup(w *work, copies int) (g *copyGroup, err error) {
	g = &copyGroup{copyPlaces: t.places(), memory: map[*driver.Pointer]*driver.Memory{}}
	if g.queue, err = w.queue(); err != nil {
		return nil, err
	}
	for _, m := range g.list(int64(copies)) {
		at, err := w.alloc(m.size())
		if err != nil {
			return nil, err
		}
		*m.to, g.memory[m.to] = at.Pointer(), at
		if err := g.stream.CopyIn(at, 0, m.holds); err != nil {
			return nil, err
		}
	}
	for i := range g.done {
		if g.done[i], err = w.event(); err != nil {
			return nil, err
		}
	}
	return g, g.send(&g.columns, driver.Bytes(g.biasColumns()))
}

func (g *copyGroup) send(to *driver.Pointer, b []byte) error {
	return g.stream.CopyIn(g.memory[to], 0, b)
}

func (g *copyGroup) fill(m *driver.Pointer, value byte) error {
	return g.stream.Fill(g.memory[m], 0, g.memory[m].Bytes(), value)
}

func narrowed(v []int) []int32 {
	out := make([]int32, len(v))
	for i, x := range v {
		out[i] = int32(x)
	}
	return out
}

// weightsOf are those of copies from … from+n−1, one behind the other.
func (t *trainRun) weightsOf(from, n int) []float32 {
	out := make([]float32, 0, n*t.width)
	for _, w := range t.Weights[from : from+n] {
		out = append(out, w[:t.width]...)
	}
	return out
}

// begin starts copies from … from+n−1.
func (g *copyGroup) begin(from, n int) error {
	return first(g.send(&g.weights, driver.Bytes(g.run.weightsOf(from, n))), g.fill(&g.first, 0), g.fill(&g.second, 0), g.fill(&g.failed, 0xff),
		launchTrainStart(g, g.theta, g.initial, g.run.Size, n))
}

// train takes copies from … from+n−1 through all epochs, or as many as can matter: it ends when the first copy has failed or
// stop says so. It answers each copy's failure.
func (g *copyGroup) train(ctx context.Context, from, n int, stop func() bool) ([]*kernels.CopyFailure, error) {
	if err := g.begin(from, n); err != nil {
		return nil, err
	}
	failed := make([]*kernels.CopyFailure, n)
	step := 0
	for e, order := range g.run.Orders {
		if err := g.send(&g.order, driver.Bytes(narrowed(order))); err != nil {
			return nil, err
		}
		for ; step < len(g.run.steps) && g.run.steps[step].epoch == e; step++ {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if stop() {
				return failed, nil
			}
			if err := g.pace(n, step, len(order)); err != nil {
				return nil, fmt.Errorf("epoch %d: batch %d: %w", e+1, g.run.steps[step].batch+1, err)
			}
		}
		keys, err := download[uint64](g.stream, g.memory[&g.failed], n)
		if err != nil {
			return nil, fmt.Errorf("epoch %d: %w", e+1, err)
		}
		for k, key := range keys {
			failed[k] = g.run.failureOf(key)
		}
		if failed[0] != nil {
			break
		}
	}
	return failed, nil
}

// pace puts a step into the queue when the card is not too far behind.
func (g *copyGroup) pace(n, step, epoch int) error {
	event := g.done[step%ahead]
	if step >= ahead {
		if err := event.Synchronise(); err != nil {
			return err
		}
	}
	return first(g.step(g, n, step, epoch), g.stream.Record(event))
}

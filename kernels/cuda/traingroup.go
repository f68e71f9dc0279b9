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

// copyPlaces is where the numbers of copies lie that are trained together, and of what all copies share.
type copyPlaces struct {
	run *trainRun

	samples, labels, initial, owner, order, columns driver.Pointer
	theta, gradient, first, second, failed          driver.Pointer
	weights, x, index, place, scale, rows           driver.Pointer
	outputs, delta, slope                           []driver.Pointer // by layer; slope of gelus only
	biases                                          int              // columns
}

// copyPlace is a piece of memory: so many numbers of 4 bytes, and what is there from the beginning.
type copyPlace struct {
	to      *driver.Pointer
	numbers int64
	holds   []byte
}

// list lays out memory for so many copies: first what they share.
func (p *copyPlaces) list(copies int64) []copyPlace {
	t := p.run
	shared := func(to *driver.Pointer, holds []byte) copyPlace { return copyPlace{to, int64(len(holds) / 4), holds} }
	all := []copyPlace{
		shared(&p.samples, driver.Bytes(t.samples)), shared(&p.labels, driver.Bytes(t.Y)), shared(&p.initial, driver.Bytes(t.Initial)),
		shared(&p.owner, driver.Bytes(t.owner)), {&p.order, int64(t.longest), nil}, {&p.columns, 6 * int64(p.biases), nil},
	}
	size, lines := copies*int64(t.Size), copies*int64(t.tile)
	all = append(all,
		copyPlace{&p.theta, size, nil}, copyPlace{&p.gradient, size, nil}, copyPlace{&p.first, size, nil}, copyPlace{&p.second, size * int64(t.Rule.States()-1), nil},
		copyPlace{&p.failed, 2 * copies, nil}, copyPlace{&p.weights, copies * int64(t.width), nil}, copyPlace{&p.x, lines * int64(t.X.Cols), nil},
		copyPlace{&p.index, lines, nil}, copyPlace{&p.place, lines, nil}, copyPlace{&p.scale, lines, nil}, copyPlace{&p.rows, copies, nil})
	for i, l := range t.Layers {
		values := lines * int64(l.Out)
		all = append(all, copyPlace{&p.outputs[i], values, nil}, copyPlace{&p.delta[i], values, nil})
		if l.Activation == kernels.CopyGELU || l.Activation == kernels.CopyGELUTanh {
			all = append(all, copyPlace{&p.slope[i], values, nil})
		}
	}
	return all
}

func (t *trainRun) places() *copyPlaces {
	n := len(t.Layers)
	p := &copyPlaces{run: t, outputs: make([]driver.Pointer, n), delta: make([]driver.Pointer, n), slope: make([]driver.Pointer, n)}
	for _, l := range t.Layers {
		if l.Bias >= 0 {
			p.biases += l.Out
		}
	}
	return p
}

// bytes is the most that a card holds for so many copies, 0 for what they share.
func (t *trainRun) bytes(copies int64) (sum int64) {
	for _, m := range t.places().list(copies) {
		sum += 16 + 4*m.numbers
	}
	return sum
}

// biasColumns are the columns that add up to biases, once the places are known.
func (p *copyPlaces) biasColumns() (all []trainColumn) {
	for i, l := range p.run.Layers {
		for o := range l.Out {
			if l.Bias >= 0 {
				all = append(all, trainColumn{Delta: p.delta[i] + driver.Pointer(4*o), Step: int64(p.run.tile) * int64(l.Out), Row: int32(l.Out), To: int32(l.Bias + o)})
			}
		}
	}
	return all
}

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
		at, err := w.alloc(max(16, 4*m.numbers))
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

// step launches one step of n copies. The epoch has so many samples.
func (p *copyPlaces) step(l launcher, n, step, epoch int) error {
	t := p.run
	at := t.steps[step].batch * t.Batch
	length := min(t.Batch, epoch-at)
	for lo := 0; lo < length; lo += t.Tile {
		if err := p.tile(l, n, step, at, lo, length); err != nil {
			return err
		}
	}
	return launchTrainMove(l, trainMoveArgs{Theta: p.theta, Gradient: p.gradient, First: p.first, Second: p.second, Failed: p.failed, Size: int64(t.Size),
		CopyStep: t.Steps[step], Rule: int32(t.Rule), Step: int32(step), Copies: int32(n)})
}

// tile adds the gradients of the samples from lo on, up to a tile, of the batch that begins at sample `at` of the epoch and
// has that length.
func (p *copyPlaces) tile(l launcher, n, step, at, lo, length int) error {
	t, count := p.run, min(p.run.Tile, length-lo)
	err := launchTrainBatch(l, trainBatchArgs{Order: p.order + driver.Pointer(4*(at+lo)), Weights: p.weights, Owner: p.ownerPlace(), Samples: p.samples, X: p.x,
		Index: p.index, Place: p.place, Scale: p.scale, Rows: p.rows,
		Width: int64(t.width), Input: int64(t.X.Cols), Count: int32(count), First: int32(lo), Capacity: int32(t.tile), Copies: int32(n), Length: float32(length)})
	for i := range t.Layers {
		err = first(err, p.product(l, p.forward(i, n, count)))
	}
	last := len(t.Layers) - 1
	err = first(err, launchTrainLoss(l, trainLossArgs{Logits: p.outputs[last], Seeds: p.delta[last], Index: p.index, Place: p.place, Rows: p.rows, Labels: p.labels, Scale: p.scale,
		Failed: p.failed, Classes: int32(t.Layers[last].Out), Capacity: int32(t.tile), Copies: int32(n), Kind: int32(t.Loss), Step: int32(step)}))
	for i := last; i > 0; i-- {
		err = first(err, p.product(l, p.gradientOf(i, n, lo > 0)), p.product(l, p.back(i, n, count)))
	}
	err = first(err, p.product(l, p.gradientOf(0, n, lo > 0)))
	s := trainSumsArgs{Columns: p.columns, Gradient: p.gradient, Rows: p.rows, Size: int64(t.Size), Count: int32(p.biases), Copies: int32(n)}
	if lo > 0 {
		s.Add = 1
	}
	return first(err, launchTrainSums(l, s))
}

// ownerPlace is 0 where weights are of samples.
func (p *copyPlaces) ownerPlace() driver.Pointer {
	if p.run.Owner == nil {
		return 0
	}
	return p.owner
}

func (p *copyPlaces) product(l launcher, a trainProductArgs) error {
	return launchTrainProduct(l, p.run.name(p.run.Precision, int(a.M), int(a.N), int(a.Count)), a)
}

// below is what comes into a layer: where it lies, and numbers of a row.
func (p *copyPlaces) below(i int) (driver.Pointer, int64) {
	if i == 0 {
		return p.x, int64(p.run.X.Cols)
	}
	return p.outputs[i-1], int64(p.run.Layers[i-1].Out)
}

// forward is a layer's outputs for up to `rows` samples of n copies.
func (p *copyPlaces) forward(i, n, rows int) trainProductArgs {
	t, l := p.run, p.run.Layers[i]
	from, width := p.below(i)
	lines, out, size := int64(t.tile), int64(l.Out), int64(t.Size)
	a := trainProductArgs{Rows: p.rows, Kind: trainForward, Activation: int32(l.Activation)}
	a.gemmArgs = gemmArgs{A: from, StepA: lines * width, RowA: width, ColA: 1, B: p.theta + driver.Pointer(4*l.Weight), StepB: size, RowB: out, ColB: 1,
		C: p.outputs[i], StepC: lines * out, RowC: out, M: int32(rows), N: int32(l.Out), K: int32(l.In), Count: int32(n), Alpha: 1}
	if l.Bias >= 0 {
		a.Bias, a.StepBias = p.theta+driver.Pointer(4*l.Bias), size
	}
	a.Slope = p.slope[i]
	return a
}

// gradientOf is the gradient of a layer's weight, or what a tile adds to it.
func (p *copyPlaces) gradientOf(i, n int, add bool) trainProductArgs {
	t, l := p.run, p.run.Layers[i]
	from, width := p.below(i)
	lines, out := int64(t.tile), int64(l.Out)
	a := trainProductArgs{Rows: p.rows, Kind: trainGradient}
	a.gemmArgs = gemmArgs{A: from, StepA: lines * width, RowA: 1, ColA: width, B: p.delta[i], StepB: lines * out, RowB: out, ColB: 1,
		C: p.gradient + driver.Pointer(4*l.Weight), StepC: int64(t.Size), RowC: out, M: int32(l.In), N: int32(l.Out), K: int32(t.tile), Count: int32(n), Alpha: 1}
	if add {
		a.Beta = 1
	}
	return a
}

// back is the gradient with respect to what layer i−1 gives before its activation.
func (p *copyPlaces) back(i, n, rows int) trainProductArgs {
	t, l, below := p.run, p.run.Layers[i], p.run.Layers[i-1]
	lines, in, out := int64(t.tile), int64(l.In), int64(l.Out)
	a := trainProductArgs{Rows: p.rows, Outputs: p.outputs[i-1], Kind: trainBack, Activation: int32(below.Activation)}
	a.gemmArgs = gemmArgs{A: p.delta[i], StepA: lines * out, RowA: out, ColA: 1, B: p.theta + driver.Pointer(4*l.Weight), StepB: int64(t.Size), RowB: 1, ColB: out,
		C: p.delta[i-1], StepC: lines * in, RowC: in, M: int32(rows), N: int32(l.In), K: int32(l.Out), Count: int32(n), Alpha: 1}
	a.Slope = p.slope[i-1]
	return a
}

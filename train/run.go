package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"attrib/kernels"
)

// Options of a training run. The zero value trains in memory from the model's own seed.
type Options struct {
	Out             string                         // folder for the log and checkpoints. Default: none are written
	CheckpointEvery int                            // epochs between checkpoints. Default: 5
	Resume          bool                           // continue the run found in Out. Default: Out must hold none
	Weights         []float32                      // weights in place of Data.Weight. Default: nil, Data.Weight
	Initial         Params                         // initial parameters. Default: nil, drawn from the seed
	Order           [][]int                        // sample order of every epoch. Default: nil, drawn from the seed
	Network         func() (Network, error)        // gradients, needed when Model.Builder is set. Default: NewNetwork
	Progress        func(epochs int, loss float32) // called after every epoch. Default: nil
}

// ErrHoldsRun says that the output folder holds a training run already.
var ErrHoldsRun = errors.New("the folder holds a training run: resume it or choose another folder")

// Run trains the model and returns its final parameters and the log that replays them. The objective is the weighted
// mean over a batch with a fixed denominator, Σ w_i ℓ_i / (batch length): a sample of weight 0 is removed while
// batches and denominator stay. The same input gives the same bits on every machine (for the loss in the log, on every
// machine of one architecture).
//
// When ctx ends, Run stops with its error: at once, or, when Out is set, after the epoch in hand and with a checkpoint.
// A later Run with Resume continues from the last checkpoint in Out and ends in the same bits, also after a crash.
func Run(ctx context.Context, m Model, d Data, o Options) (Params, *Log, error) {
	t, err := newTrainer(m, d, o)
	if err != nil {
		return nil, nil, err
	}
	first, err := t.open()
	if err != nil {
		return nil, nil, err
	}
	inner := ctx
	if o.Out != "" {
		inner = context.WithoutCancel(ctx)
	}
	for e := first; e < m.Epochs; e++ {
		loss, err := t.epoch(inner, e, t.orderOf(e), t.steps.of(e))
		if err != nil {
			return nil, nil, err
		}
		t.record(e, loss)
		if o.Progress != nil {
			o.Progress(e+1, loss)
		}
		if err := t.save(e+1, ctx.Err() != nil); err != nil {
			return nil, nil, err
		}
		if ctx.Err() != nil && e+1 < m.Epochs {
			return nil, nil, fmt.Errorf("stopped after epoch %d of %d: %w", e+1, m.Epochs, context.Cause(ctx))
		}
	}
	return t.params, t.log, nil
}

// trainer is the state of one run.
type trainer struct {
	model   Model
	data    Data
	opt     Options
	net     Network
	weights []float32 // nil: all 1
	params  Params
	grad    Params
	rule    rule
	state   []Params // what the rule keeps
	steps   *stepper
	log     *Log

	x           []float32
	y           []int32
	scale, loss []float32
}

func newTrainer(m Model, d Data, o Options) (*trainer, error) {
	t := &trainer{model: m, data: d, opt: o, weights: d.Weight}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if o.Weights != nil {
		t.weights = o.Weights
	}
	build := o.Network
	if build == nil {
		build = func() (Network, error) { return NewNetwork(m) }
	}
	var err error
	if t.net, err = build(); err != nil {
		return nil, err
	}
	if err := d.Validate(m.Input, t.net.Classes()); err != nil {
		return nil, err
	}
	if err := checkWeights(t.weights, d.Len()); err != nil {
		return nil, err
	}
	if net, ok := t.net.(*layerNet); ok {
		if err := checkTokens(net.Net, d.X); err != nil {
			return nil, err
		}
	}
	return t, t.start()
}

// start sets the initial state and the header of the log.
func (t *trainer) start() error {
	specs := t.net.Specs()
	initial := t.opt.Initial
	if initial == nil {
		initial = InitialParams(specs, t.model.Init.Seed)
	}
	matched, err := initial.Match(specs)
	if err != nil {
		return fmt.Errorf("initial parameters: %w", err)
	}
	if err := t.checkOrder(); err != nil {
		return err
	}
	if t.steps, err = newStepper(t.model, t.lengthOf); err != nil {
		return err
	}
	t.params, t.grad, t.rule = matched.Clone(), matched.Zero(), t.model.Optimizer.rule()
	for range t.rule.states() {
		t.state = append(t.state, matched.Zero())
	}
	t.log = &Log{Header: t.header(matched)}
	t.room(min(t.model.Batch, t.data.Len()))
	return nil
}

// room makes room for batches of n samples. An order that names samples more than once has longer ones than the data.
func (t *trainer) room(n int) {
	if n > len(t.y) {
		t.x, t.y = make([]float32, n*t.data.X.Cols), make([]int32, n)
		t.scale, t.loss = make([]float32, n), make([]float32, n)
	}
}

func (t *trainer) checkOrder() error {
	if t.opt.Order == nil {
		return nil
	}
	if len(t.opt.Order) != t.model.Epochs {
		return fmt.Errorf("orders of %d epochs are given, the model has %d", len(t.opt.Order), t.model.Epochs)
	}
	for e, order := range t.opt.Order {
		if len(order) == 0 {
			return fmt.Errorf("order of epoch %d is empty", e+1)
		}
		for _, i := range order {
			if i < 0 || i >= t.data.Len() {
				return fmt.Errorf("order of epoch %d: row %d is outside the %d samples", e+1, i, t.data.Len())
			}
		}
	}
	return nil
}

// lengthOf is the number of samples that epoch e visits.
func (t *trainer) lengthOf(e int) int {
	if t.opt.Order != nil {
		return len(t.opt.Order[e])
	}
	return t.data.Len()
}

func (t *trainer) orderOf(e int) []int {
	if t.opt.Order != nil {
		return t.opt.Order[e]
	}
	return EpochOrder(t.model.Init.Seed, e, t.data.Len())
}

// epoch is epoch e (from 0): it trains on the samples in that order and returns the mean weighted loss, each sample's taken just before the
// step that uses it. steps gives the hyperparameters of every batch.
func (t *trainer) epoch(ctx context.Context, e int, order []int, steps func(batch int) Step) (float32, error) {
	total := 0.0
	for at, batch := 0, 0; at < len(order); at, batch = at+t.model.Batch, batch+1 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		part := order[at:min(at+t.model.Batch, len(order))]
		number := t.steps.begin[e] + batch
		sum, err := t.step(part, steps(batch), number)
		if err != nil {
			return 0, fmt.Errorf("epoch %d: batch %d (step %d, rows %s): %w", e+1, batch+1, number+1, someRows(part), err)
		}
		total += sum
	}
	return float32(total / float64(len(order))), nil
}

// step takes one step on the samples, as the number of steps before it says, and returns the sum of their weighted
// losses.
func (t *trainer) step(batch []int, s Step, number int) (float64, error) {
	scale := t.scaleOf(batch)
	if err := t.backward(batch, scale); err != nil {
		return 0, err
	}
	sum := 0.0
	for k, l := range t.loss[:len(batch)] {
		if !finite(l) && scale[k] != 0 {
			return 0, fmt.Errorf("the loss of row %d is %v: lower the learning rate", batch[k], l)
		}
		if scale[k] != 0 {
			sum += float64(float64(l) * float64(scale[k]) * float64(len(batch)))
		}
	}
	if t.weights != nil && slices.Contains(scale, 0) && slices.ContainsFunc(t.grad, func(g Tensor) bool { return !kernels.Finite(g.Data) }) {
		if err := t.without(batch, scale); err != nil {
			return 0, err
		}
	}
	return sum, t.descend(s, number)
}

// backward sets the gradient and the samples' losses.
func (t *trainer) backward(batch []int, scale []float32) error {
	n := len(batch)
	t.data.gather(batch, t.x, t.y)
	return t.net.Backward(t.params, kernels.F32(n, t.data.X.Cols, t.x[:n*t.data.X.Cols]), t.y[:n], scale, t.grad, t.loss[:n])
}

// without sets the gradient to that of the samples that have a weight: a factor of 0 does not rid it of what is not finite in
// the others.
func (t *trainer) without(batch []int, scale []float32) error {
	var rows []int
	var kept []float32
	for k, i := range batch {
		if t.weights[i] != 0 {
			rows, kept = append(rows, i), append(kept, scale[k])
		}
	}
	if len(rows) > 0 {
		return t.backward(rows, kept)
	}
	for _, g := range t.grad {
		clear(g.Data)
	}
	return nil
}

// scaleOf are the samples' weights over the length of their batch, until the next call.
func (t *trainer) scaleOf(batch []int) []float32 {
	t.room(len(batch))
	for k, i := range batch {
		w := float32(1)
		if t.weights != nil {
			w = t.weights[i]
		}
		t.scale[k] = w / float32(len(batch))
	}
	return t.scale[:len(batch)]
}

// descend moves the parameters by one step.
func (t *trainer) descend(s Step, number int) error {
	state := make([][]float32, len(t.state))
	for k := range t.params {
		for i := range state {
			state[i] = t.state[i][k].Data
		}
		if !t.rule.update(t.params[k].Data, t.grad[k].Data, state, s, number) {
			return fmt.Errorf("tensor %q is no longer finite: lower the learning rate", t.params[k].Name)
		}
	}
	return nil
}

func someRows(rows []int) string {
	if len(rows) <= 4 {
		return fmt.Sprint(rows)
	}
	return fmt.Sprintf("%d, %d, %d … %d", rows[0], rows[1], rows[2], rows[len(rows)-1])
}

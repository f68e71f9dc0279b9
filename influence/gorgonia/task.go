package gorgonia

import (
	"context"
	"fmt"
	"math"
	"sync"

	"gorgonia.org/tensor"

	"attrib/influence"
	"attrib/kernels"
	"attrib/train"
)

// Options of New. The zero value is usable.
type Options struct {
	Batch int          // samples in one run of the graph; results do not depend on it. Default: 64
	DType tensor.Dtype // arithmetic of the graph, tensor.Float32 or tensor.Float64. Default: tensor.Float32
}

// Task is a gorgonia graph as an influence.Task. It is safe for concurrent use.
type Task struct {
	loss    string
	batch   int
	input   int
	classes int
	layers  []denseLayer
	signals func(context.Context, train.Params, influence.Batch, influence.Objective) (*influence.Factors, error)
	logits  func(train.Params, kernels.Matrix, []float32) error
	scaled  func(p train.Params, x kernels.Matrix, y []int32, scale []float32, grad train.Params, loss []float32) error
}

// New builds, analyses and tries the graph: the signals of three random samples must agree with finite differences in
// float64, and a sample's must not depend on the others. loss is the training loss (train.CrossEntropy or
// train.SquaredError).
func New(build Builder, loss string, o Options) (*Task, error) {
	if build == nil {
		return nil, fmt.Errorf("the graph has no builder")
	}
	if loss != train.CrossEntropy && loss != train.SquaredError {
		return nil, fmt.Errorf("loss %q is not supported; use %q or %q", loss, train.CrossEntropy, train.SquaredError)
	}
	if o.Batch < 0 {
		return nil, fmt.Errorf("a batch of %d samples", o.Batch)
	}
	if o.Batch == 0 {
		o.Batch = 64
	}
	if err := selfCheck(build); err != nil {
		return nil, err
	}
	t := &Task{loss: loss, batch: o.Batch}
	switch o.DType {
	case tensor.Dtype{}, tensor.Float32:
		return t, prepare[float32](t, build)
	case tensor.Float64:
		return t, prepare[float64](t, build)
	}
	return nil, fmt.Errorf("element type %v is not supported; use %v or %v", o.DType, tensor.Float32, tensor.Float64)
}

// prepare builds the first engine and ties the task's methods to it.
func prepare[T float](t *Task, build Builder) error {
	e, err := newEngine[T](build, t.batch)
	if err != nil {
		return err
	}
	p := &pool[T]{build: build, batch: t.batch, free: []*engine[T]{e}}
	t.input, t.classes, t.layers = e.input, e.classes, e.layers
	t.signals = func(ctx context.Context, params train.Params, b influence.Batch, o influence.Objective) (*influence.Factors, error) {
		e, err := p.take(params)
		if err != nil {
			return nil, err
		}
		defer p.put(e)
		return signals(ctx, t, e, b, o)
	}
	t.logits = func(params train.Params, x kernels.Matrix, out []float32) error {
		e, err := p.take(params)
		if err != nil {
			return err
		}
		defer p.put(e)
		return logits(e, x, out)
	}
	t.scaled = func(params train.Params, x kernels.Matrix, y []int32, scale []float32, grad train.Params, loss []float32) error {
		e, err := p.take(params)
		if err != nil {
			return err
		}
		defer p.put(e)
		return batchGradient(t, e, x, y, scale, grad, loss)
	}
	return nil
}

// pool keeps engines for concurrent callers.
type pool[T float] struct {
	build Builder
	batch int
	mu    sync.Mutex
	free  []*engine[T]
}

func (p *pool[T]) take(params train.Params) (*engine[T], error) {
	e := p.idle()
	if e == nil {
		var err error
		if e, err = newEngine[T](p.build, p.batch); err != nil {
			return nil, err
		}
	}
	values := make([][]T, len(params))
	for k, t := range params {
		values[k] = convert[T](t.Data)
	}
	return e, e.set(values)
}

func (p *pool[T]) idle() *engine[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return nil
	}
	e := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return e
}

func (p *pool[T]) put(e *engine[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, e)
}

func convert[T, F float](v []F) []T {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return out
}

// Layers are the graph's dense layers in the order in which its parameters name their weights.
func (t *Task) Layers() []influence.Layer {
	out := make([]influence.Layer, len(t.layers))
	for i, l := range t.layers {
		out[i] = influence.Layer{Name: l.name, In: l.in, Out: l.out, Positions: 1, Bias: l.bias != nil}
		if l.bias != nil {
			out[i].In++
		}
	}
	return out
}

// Specs are the parameter tensors with PyTorch's layouts: per layer the weight (out, in), then its bias (out).
func (t *Task) Specs() []train.Spec {
	var out []train.Spec
	for _, l := range t.layers {
		out = append(out, train.Spec{Name: l.weight.Name(), Shape: []int{l.out, l.in}, FanIn: l.in})
		if l.bias != nil {
			out = append(out, train.Spec{Name: l.bias.Name(), Shape: []int{l.out}, FanIn: l.in})
		}
	}
	return out
}

// Input is the width of a sample.
func (t *Task) Input() int { return t.input }

// Classes is the width of the logits.
func (t *Task) Classes() int { return t.classes }

// Signals computes the per-sample signals of the batch, of any length. Parameters of another name or shape, samples of
// another width, labels outside the classes and signals that are not finite are errors that name tensor or sample.
func (t *Task) Signals(ctx context.Context, p influence.Params, b influence.Batch, o influence.Objective) (*influence.Factors, error) {
	matched, err := p.Match(t.Specs())
	if err != nil {
		return nil, err
	}
	if err := t.check(b); err != nil {
		return nil, err
	}
	return t.signals(ctx, matched, b, o)
}

func (t *Task) check(b influence.Batch) error {
	if b.X.Type != kernels.TypeF32 || b.X.Cols != t.input {
		return fmt.Errorf("samples have %d values of %v, the graph takes %d of %v", b.X.Cols, b.X.Type, t.input, kernels.TypeF32)
	}
	if err := b.X.Validate(); err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	if len(b.Y) != b.X.Rows {
		return fmt.Errorf("%d labels for %d samples", len(b.Y), b.X.Rows)
	}
	for i, y := range b.Y {
		if y < 0 || int(y) >= t.classes {
			return fmt.Errorf("sample %d: label %d is outside the %d classes", b.ID(i), y, t.classes)
		}
	}
	if i := b.X.FirstNonFinite(); i >= 0 {
		return fmt.Errorf("sample %d holds a NaN or an infinity", b.ID(i))
	}
	return nil
}

func isFinite[T float](v []T) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}

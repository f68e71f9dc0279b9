package gorgonia

import (
	"errors"
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/kernels/blas/gonumblas"
)

// UseKernels gives gorgonia the float32 products of this project's kernels, for the whole process. Products then have the bits
// of the machine's class of instructions (package kernels/blas).
func UseKernels() { G.Use(gonumblas.Implementation{}) }

type float interface{ float32 | float64 }

func dtypeFor[T float]() tensor.Dtype {
	if _, ok := any(T(0)).(float64); ok {
		return tensor.Float64
	}
	return tensor.Float32
}

// engine runs one user graph on batches of a fixed size, in float32 or float64. It belongs to one goroutine.
type engine[T float] struct {
	batch, input, classes int
	layers                []denseLayer
	forward, backward     *machine[T]
	params                [][]T // per layer: weight as (in, out), bias (nil when there is none)
	x                     []T
}

// newEngine builds the graph twice: forward for the logits, backward for the signals.
func newEngine[T float](build Builder, batch int) (e *engine[T], err error) {
	building.Lock()
	defer building.Unlock()
	defer func() {
		if r := recover(); r != nil {
			e, err = nil, fmt.Errorf("the graph's builder failed: %v", r)
		}
	}()
	e = &engine[T]{batch: batch}
	if e.forward, err = e.compile(build, false); err != nil {
		return nil, err
	}
	if e.backward, err = e.compile(build, true); err != nil {
		return nil, err
	}
	e.x = make([]T, batch*e.input)
	return e, nil
}

func (e *engine[T]) compile(build Builder, probes bool) (*machine[T], error) {
	net, err := build(G.NewGraph(), e.batch, dtypeFor[T]())
	if err != nil {
		return nil, err
	}
	a, err := analyse(net, e.batch)
	if err != nil {
		return nil, err
	}
	if got, want := net.Input.Dtype(), dtypeFor[T](); got != want {
		return nil, fmt.Errorf("the input %q is of type %v, want %v as the builder was told", net.Input.Name(), got, want)
	}
	e.input, e.classes, e.layers = net.Input.Shape()[1], net.Logits.Shape()[1], a.layers
	c, err := rewrite(a, probes)
	if err != nil {
		return nil, err
	}
	return newMachine[T](c)
}

// set takes parameters in state_dict order and layout: per layer the weight (out, in) and, if there is one, the bias.
func (e *engine[T]) set(params [][]T) error {
	e.params = e.params[:0]
	k := 0
	for _, l := range e.layers {
		w := make([]T, l.in*l.out)
		for o := range l.out {
			for i := range l.in {
				w[i*l.out+o] = params[k][o*l.in+i]
			}
		}
		e.params = append(e.params, w, nil)
		k++
		if l.bias != nil {
			e.params[len(e.params)-1] = params[k]
			k++
		}
	}
	if k != len(params) {
		return fmt.Errorf("%d parameter tensors, the graph has %d", len(params), k)
	}
	return nil
}

// logits runs the graph forward on rows samples (rows ≤ batch), the rest of the batch being zeros. The result is valid
// until the next call.
func (e *engine[T]) logits(x []T) ([]T, error) {
	clear(e.x)
	copy(e.x, x)
	if err := e.forward.run(e.x, e.params, nil); err != nil {
		return nil, err
	}
	return values[T](e.forward.logits)[:len(x)/e.input*e.classes], nil
}

// signals runs the graph backward from seed, the objective's gradient with respect to the logits of the samples that
// logits was called with. Per layer it returns activations (batch×in) and output gradients (batch×out), valid until
// the next call.
func (e *engine[T]) signals(seed []T) (active, delta [][]T, err error) {
	full := make([]T, e.batch*e.classes)
	copy(full, seed)
	if err := e.backward.run(e.x, e.params, full); err != nil {
		return nil, nil, err
	}
	for l := range e.layers {
		active = append(active, values[T](e.backward.active[l]))
		delta = append(delta, values[T](e.backward.delta[l]))
	}
	return active, delta, nil
}

func (e *engine[T]) close() error { return errors.Join(e.forward.vm.Close(), e.backward.vm.Close()) }

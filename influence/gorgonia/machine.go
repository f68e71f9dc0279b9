package gorgonia

import (
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// machine is a compiled copy of the graph.
type machine[T float] struct {
	clone         *clone
	vm            G.VM
	logits        G.Value
	active, delta []G.Value // per layer
}

func newMachine[T float](c *clone) (*machine[T], error) {
	m := &machine[T]{clone: c}
	G.Read(c.logits, &m.logits)
	if c.seed != nil {
		if err := m.differentiate(); err != nil {
			return nil, err
		}
	}
	m.vm = G.NewTapeMachine(c.graph)
	return m, nil
}

// differentiate adds the backward pass from Σ logits·seed to the probes.
func (m *machine[T]) differentiate() error {
	weighted, err := G.HadamardProd(m.clone.logits, m.clone.seed)
	if err != nil {
		return err
	}
	cost, err := G.Sum(weighted)
	if err != nil {
		return err
	}
	grads, err := G.Grad(cost, m.clone.probe...)
	if err != nil {
		return fmt.Errorf("gorgonia cannot differentiate the graph: %w", err)
	}
	m.active, m.delta = make([]G.Value, len(grads)), make([]G.Value, len(grads))
	for l := range grads {
		G.Read(m.clone.active[l], &m.active[l])
		G.Read(grads[l], &m.delta[l])
	}
	return nil
}

// run binds fresh values to all leaves (operations of gorgonia may work in place) and runs the program.
func (m *machine[T]) run(x []T, params [][]T, seed []T) error {
	c := m.clone
	bind := func(n *G.Node, v []T) error {
		return G.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(slices.Clone(v))))
	}
	err := bind(c.input, x)
	for l := range c.weight {
		if err == nil {
			err = bind(c.weight[l], params[2*l])
		}
		if err == nil && c.bias[l] != nil {
			err = bind(c.bias[l], params[2*l+1])
		}
		if err == nil && seed != nil {
			err = bind(c.probe[l], make([]T, c.probe[l].Shape().TotalSize()))
		}
	}
	if err == nil && seed != nil {
		err = bind(c.seed, seed)
	}
	if err != nil {
		return err
	}
	defer m.vm.Reset()
	return m.vm.RunAll()
}

// values are the numbers of a value that a machine read.
func values[T float](v G.Value) []T {
	if one, ok := v.Data().(T); ok {
		return []T{one}
	}
	return v.Data().([]T)
}

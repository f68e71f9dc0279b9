package train

import (
	"fmt"
	"slices"

	"attrib/kernels"
)

// Features are the outputs of the first so many layers of a model at parameters p, a row for every row of x, in PyTorch's
// order: what a head or an adapter is trained on when these layers stay as they are.
func Features(m Model, p Params, x kernels.Matrix, layers int) (kernels.Matrix, error) {
	if err := m.checkFrozen(layers); err != nil {
		return kernels.Matrix{}, err
	}
	l, err := newLayerNet(m, 1)
	if err != nil {
		return kernels.Matrix{}, err
	}
	if p, err = p.Match(l.Specs()); err != nil {
		return kernels.Matrix{}, err
	}
	if err := l.check(x); err != nil {
		return kernels.Matrix{}, err
	}
	l.Pack(l.theta, p.values())
	var out []float32
	for at := 0; at < x.Rows; at += l.tile {
		l.load(x, at, min(l.tile, x.Rows-at))
		out = append(out, l.pass.Outputs(layers)...)
	}
	return kernels.F32(x.Rows, product(l.Output(layers)), out), nil
}

// Head is the model of the layers behind the first so many, which takes Features of the model as samples, and the part
// of p that it has: training it (with Run, Many or Coalitions) trains those layers while the first are frozen.
func Head(m Model, p Params, layers int) (Model, Params, error) {
	if err := m.checkFrozen(layers); err != nil {
		return Model{}, nil, err
	}
	net, err := NewNet(m)
	if err != nil {
		return Model{}, nil, err
	}
	head := m
	head.Layers = slices.Clone(m.Layers[layers:])
	head.Input, head.Shape = product(net.Output(layers)), nil
	if shape := net.Output(layers); len(shape) > 1 {
		head.Shape = shape
	}
	specs, err := NewNet(head)
	if err != nil {
		return Model{}, nil, err
	}
	var own Params
	for _, s := range specs.Specs() {
		if t, ok := p.Get(s.Name); ok {
			own = append(own, t)
		}
	}
	own, err = own.Match(specs.Specs())
	return head, own.Clone(), err
}

func (m Model) checkFrozen(layers int) error {
	if m.Builder == "" && (layers < 1 || layers >= len(m.Layers)) {
		return fmt.Errorf("%d frozen layers, want 1 to %d: at least the last of the model's %d is trained", layers, len(m.Layers)-1, len(m.Layers))
	}
	return nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

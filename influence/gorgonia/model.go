package gorgonia

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/train"
)

// FromModel is the builder of a model that lists its layers: dense ones with tanh or nothing behind them, for which a
// graph stands beside the layers of package train/nn. Others are refused by name.
func FromModel(m train.Model) (Builder, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.Builder != "" {
		return nil, fmt.Errorf("model %q is built by the registered graph %q", m.Name, m.Builder)
	}
	for i, l := range m.Layers {
		if l.Type != train.Dense || l.NoBias || l.Activation != train.Tanh && l.Activation != train.None {
			return nil, fmt.Errorf("layers[%d] (%q): no graph is made of a layer of type %q with activation %q (noBias %v); use influence.NewTask, which computes it without one", i, l.Name, l.Type, l.Activation, l.NoBias)
		}
	}
	return func(g *G.ExprGraph, batch int, dtype tensor.Dtype) (*Net, error) {
		x := G.NewMatrix(g, dtype, G.WithShape(batch, m.Input), G.WithName("input"))
		net := &Net{Input: x}
		for _, l := range m.Layers {
			w := G.NewMatrix(g, dtype, G.WithShape(l.In, l.Out), G.WithName(l.Name+".weight"))
			b := G.NewVector(g, dtype, G.WithShape(l.Out), G.WithName(l.Name+".bias"))
			net.Parameters = append(net.Parameters, w, b)
			var err error
			if x, err = dense(x, w, b, l.Activation); err != nil {
				return nil, fmt.Errorf("layer %q: %w", l.Name, err)
			}
		}
		net.Logits = x
		return net, nil
	}, nil
}

func dense(x, w, b *G.Node, activation string) (*G.Node, error) {
	y, err := G.Mul(x, w)
	if err != nil {
		return nil, err
	}
	row, err := G.Reshape(b, tensor.Shape{1, b.Shape()[0]})
	if err != nil {
		return nil, err
	}
	if y, err = G.BroadcastAdd(y, row, nil, []byte{0}); err != nil {
		return nil, err
	}
	if activation == train.Tanh {
		return G.Tanh(y)
	}
	return y, nil
}

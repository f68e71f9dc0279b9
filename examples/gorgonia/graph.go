package main

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/influence/gorgonia"
)

// Sizes of the network: 8×8 pixels in, ten digits out.
const (
	inputs  = 64
	hidden  = 24
	classes = 10
)

// skip is a tanh network with a connection past its hidden layer, which the layers of a model.json cannot say:
//
//	logits = tanh(x·W₁ + b₁)·W₂ + b₂ + x·S
//
// It is ordinary gorgonia: no value is set and nothing is said about gradients. The names of the parameters are those
// of the tensors in a checkpoint, where a weight has PyTorch's layout (out, in).
func skip(g *G.ExprGraph, batch int, dtype tensor.Dtype) (*gorgonia.Net, error) {
	x := G.NewMatrix(g, dtype, G.WithShape(batch, inputs), G.WithName("x"))
	w1 := G.NewMatrix(g, dtype, G.WithShape(inputs, hidden), G.WithName("hidden.weight"))
	b1 := G.NewMatrix(g, dtype, G.WithShape(1, hidden), G.WithName("hidden.bias"))
	w2 := G.NewMatrix(g, dtype, G.WithShape(hidden, classes), G.WithName("out.weight"))
	b2 := G.NewMatrix(g, dtype, G.WithShape(1, classes), G.WithName("out.bias"))
	s := G.NewMatrix(g, dtype, G.WithShape(inputs, classes), G.WithName("skip.weight"))

	h, err := affine(x, w1, b1)
	if err != nil {
		return nil, err
	}
	if h, err = G.Tanh(h); err != nil {
		return nil, err
	}
	y, err := affine(h, w2, b2)
	if err != nil {
		return nil, err
	}
	past, err := G.Mul(x, s)
	if err != nil {
		return nil, err
	}
	logits, err := G.Add(y, past)
	return &gorgonia.Net{Input: x, Logits: logits, Parameters: G.Nodes{w1, b1, w2, b2, s}}, err
}

// affine is x·w + b, the bias being added to every row.
func affine(x, w, b *G.Node) (*G.Node, error) {
	y, err := G.Mul(x, w)
	if err != nil {
		return nil, err
	}
	return G.BroadcastAdd(y, b, nil, []byte{0})
}

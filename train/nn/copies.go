package nn

import (
	"fmt"

	"attrib/kernels"
)

// Copies describes the network to a device that trains copies of it (kernels.CopyTrainer), or says which layer such a device
// cannot take: it takes dense layers of whole samples, with every activation.
func (n *Net) Copies() ([]kernels.CopyLayer, error) {
	var out []kernels.CopyLayer
	for _, d := range n.nodes {
		switch {
		case d.Type != Dense:
			return nil, fmt.Errorf("layer %q is of type %q", d.Name, d.Type)
		case d.in.rows != 1:
			return nil, fmt.Errorf("layer %q takes %v", d.Name, d.in)
		}
		out = append(out, kernels.CopyLayer{In: d.inner, Out: d.classes, Weight: d.weight, Bias: d.bias, Activation: copyActivations[d.Activation]})
	}
	return out, nil
}

var copyActivations = map[string]kernels.CopyActivation{
	None: kernels.CopyIdentity, Tanh: kernels.CopyTanh, ReLU: kernels.CopyReLU, GELU: kernels.CopyGELU, GELUTanh: kernels.CopyGELUTanh,
}

// CopyLoss is the network's loss as such a device takes it.
func (n *Net) CopyLoss() kernels.CopyLoss {
	if n.loss == SquaredError {
		return kernels.CopySquaredError
	}
	return kernels.CopyCrossEntropy
}

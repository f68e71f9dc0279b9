package gorgonia

import (
	"fmt"

	"attrib/kernels"
	"attrib/train"
)

// Network lets train.Run train the graph: its batch gradients are sums of the per-sample ones.
func (t *Task) Network() train.Network { return network{t} }

type network struct{ t *Task }

func (n network) Specs() []train.Spec { return n.t.Specs() }
func (n network) Classes() int        { return n.t.classes }

func (n network) Forward(p train.Params, x kernels.Matrix, logits []float32) error {
	if err := n.width(x); err != nil {
		return err
	}
	return n.t.logits(p, x, logits)
}

func (n network) Backward(p train.Params, x kernels.Matrix, y []int32, scale []float32, grad train.Params, loss []float32) error {
	if err := n.width(x); err != nil {
		return err
	}
	return n.t.scaled(p, x, y, scale, grad, loss)
}

func (n network) width(x kernels.Matrix) error {
	if x.Cols != n.t.input {
		return fmt.Errorf("samples have %d values, the graph takes %d", x.Cols, n.t.input)
	}
	return nil
}

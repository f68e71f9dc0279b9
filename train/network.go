package train

import (
	"fmt"

	"attrib/kernels"
)

// Network computes gradients of one kind of model. It keeps scratch memory between calls, so each goroutine needs its
// own. Its results must be the same bits each time.
type Network interface {
	// Specs are the parameter tensors in state_dict order.
	Specs() []Spec
	// Classes is the width of the logits.
	Classes() int
	// Forward writes the logits (x.Rows × Classes) of the rows of x into logits.
	Forward(p Params, x kernels.Matrix, logits []float32) error
	// Backward sets grad to Σ_i scale[i]·∇ℓ_i over the rows of x, and loss[i] to ℓ_i. grad has the shapes of Specs.
	Backward(p Params, x kernels.Matrix, y []int32, scale []float32, grad Params, loss []float32) error
}

// NewNetwork makes the plain-Go network of a model that lists its layers.
func NewNetwork(m Model) (Network, error) {
	if m.Builder != "" {
		return nil, fmt.Errorf("model %q is built by the registered graph %q: pass its network", m.Name, m.Builder)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return newDenseNet(m), nil
}

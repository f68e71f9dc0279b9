package train

import (
	"fmt"
	"runtime"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/train/nn"
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

// NewNetwork makes the network of a model that lists its layers. It computes large products on all processors.
func NewNetwork(m Model) (Network, error) { return NewNetworkOn(m, nil) }

// NewNetworkOn is NewNetwork with products computed by a device, nil for the CPU: such as blas.Offload. Its results have
// the CPU's bits where the device's products do; its errors are the network's.
func NewNetworkOn(m Model, device blas.Device) (Network, error) {
	l, err := newLayerNet(m, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	l.pass.On(device)
	return l, nil
}

// NewNet lays out the network of a model that lists its layers.
func NewNet(m Model) (*nn.Net, error) {
	if m.Builder != "" {
		return nil, fmt.Errorf("model %q is built by the registered graph %q: pass its network", m.Name, m.Builder)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return nn.New(m.Layers, m.Input, m.Shape, m.Loss)
}

// layerNet is a Network over package nn. It takes a batch tile by tile.
type layerNet struct {
	*nn.Net
	pass        *nn.Pass
	tile        int
	theta, grad []float32
}

func newLayerNet(m Model, workers int) (*layerNet, error) {
	net, err := NewNet(m)
	if err != nil {
		return nil, err
	}
	tile := net.Tile()
	return &layerNet{net, net.NewPass(1, tile, workers), tile, make([]float32, net.Size()), make([]float32, net.Size())}, nil
}

// load begins a tile of rows of x, from row at.
func (l *layerNet) load(x kernels.Matrix, at, rows int) {
	for i := range rows {
		copy(l.pass.X[i*x.Cols:(i+1)*x.Cols], x.Row(at+i))
	}
	l.pass.Begin(1, rows, false, l.theta, 0)
	l.pass.Forward()
}

func (l *layerNet) check(x kernels.Matrix) error {
	if x.Cols != l.Input() {
		return fmt.Errorf("samples have %d values, the model takes %d", x.Cols, l.Input())
	}
	return checkTokens(l.Net, x)
}

// checkTokens reports values that are no tokens of a network that takes tokens.
func checkTokens(n *nn.Net, x kernels.Matrix) error {
	if n.Tokens() == 0 {
		return nil
	}
	for i := range x.Rows {
		if err := n.CheckTokens(x.Row(i)); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (l *layerNet) Forward(p Params, x kernels.Matrix, logits []float32) error {
	if err := l.check(x); err != nil {
		return err
	}
	l.Pack(l.theta, p.values())
	for at := 0; at < x.Rows; at += l.tile {
		l.load(x, at, min(l.tile, x.Rows-at))
		copy(logits[at*l.Classes():], l.pass.Logits())
	}
	return l.pass.Err()
}

func (l *layerNet) Backward(p Params, x kernels.Matrix, y []int32, scale []float32, grad Params, loss []float32) error {
	if err := l.check(x); err != nil {
		return err
	}
	l.Pack(l.theta, p.values())
	clear(l.grad)
	beta := float32(0)
	for at := 0; at < x.Rows; at += l.tile {
		rows := min(l.tile, x.Rows-at)
		l.load(x, at, rows)
		copy(l.pass.Y, y[at:at+rows])
		copy(l.pass.Scale, scale[at:at+rows])
		l.pass.Loss(loss[at : at+rows])
		l.pass.Backward(l.grad, 0, beta)
		if err := l.pass.Err(); err != nil {
			return err
		}
		beta = 1
	}
	l.Unpack(grad.values(), l.grad)
	return nil
}

// LogitFunc is a function of one sample's logits: its value and its gradient.
type LogitFunc = nn.LogitFunc

// ReferenceLoss is the training loss of a sample with that label, written without care for overflow.
func ReferenceLoss(kind string, label int) LogitFunc { return nn.ReferenceLoss(kind, label) }

// Reference is the float64 oracle of a network of layers, one number at a time, straight from the chain rule: the value
// of f at the logits of sample x, and its gradient with respect to every tensor of p (state_dict order and layout).
// Tests hold the fast forms against it.
func Reference(m Model, p [][]float64, x []float64, f LogitFunc) (float64, [][]float64) {
	return reference(m).Gradient(p, x, f)
}

// ReferenceLogits are the logits of one sample.
func ReferenceLogits(m Model, p [][]float64, x []float64) []float64 { return reference(m).Logits(p, x) }

func reference(m Model) nn.ReferenceNet {
	return nn.ReferenceNet{Layers: m.Layers, Input: m.Input, Image: m.Shape}
}

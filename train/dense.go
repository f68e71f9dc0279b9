package train

import (
	"fmt"
	"math"

	"attrib/kernels"
)

// denseNet is a stack of dense layers in float32.
type denseNet struct {
	model Model
	act   [][]float32 // act[0] the batch, act[l+1] the output of layer l after its activation
	back  [2][]float32
	z     []float64 // one sample's logits
	prob  []float64 // and their gradient
}

func newDenseNet(m Model) *denseNet {
	return &denseNet{model: m, act: make([][]float32, len(m.Layers)+1)}
}

func (d *denseNet) Specs() []Spec {
	var out []Spec
	for _, l := range d.model.Layers {
		out = append(out, Spec{l.Name + ".weight", []int{l.Out, l.In}, l.In}, Spec{l.Name + ".bias", []int{l.Out}, l.In})
	}
	return out
}

func (d *denseNet) Classes() int { return d.model.Classes() }

func (d *denseNet) Forward(p Params, x kernels.Matrix, logits []float32) error {
	if x.Cols != d.model.Input {
		return fmt.Errorf("samples have %d values, the model takes %d", x.Cols, d.model.Input)
	}
	d.forward(p, x)
	copy(logits, d.act[len(d.act)-1])
	return nil
}

func (d *denseNet) forward(p Params, x kernels.Matrix) {
	d.act[0] = grow(d.act[0], x.Rows*x.Cols)
	v := x.Floats()
	for i := range x.Rows {
		copy(d.act[0][i*x.Cols:], v[i*x.Stride:i*x.Stride+x.Cols])
	}
	for i, l := range d.model.Layers {
		d.act[i+1] = grow(d.act[i+1], x.Rows*l.Out)
		mulNT(d.act[i+1], d.act[i], p[2*i].Data, p[2*i+1].Data, x.Rows, l.Out, l.In)
		if l.Activation == Tanh {
			for j, v := range d.act[i+1] {
				d.act[i+1][j] = tanh(v)
			}
		}
	}
}

func (d *denseNet) Backward(p Params, x kernels.Matrix, y []int32, scale []float32, grad Params, loss []float32) error {
	if x.Cols != d.model.Input {
		return fmt.Errorf("samples have %d values, the model takes %d", x.Cols, d.model.Input)
	}
	d.forward(p, x)
	delta := d.lossGradient(x.Rows, y, scale, loss)
	for i := len(d.model.Layers) - 1; i >= 0; i-- {
		l := d.model.Layers[i]
		mulTN(grad[2*i].Data, delta, d.act[i], x.Rows, l.Out, l.In)
		sumRows(grad[2*i+1].Data, delta, x.Rows)
		if i == 0 {
			break
		}
		d.back[i%2] = grow(d.back[i%2], x.Rows*l.In)
		prev := d.back[i%2]
		mulNN(prev, delta, p[2*i].Data, x.Rows, l.Out, l.In)
		if d.model.Layers[i-1].Activation == Tanh {
			for j, h := range d.act[i] {
				prev[j] *= 1 - float32(h*h)
			}
		}
		delta = prev
	}
	return nil
}

// lossGradient overwrites the logits with scale[i]·∂ℓ_i/∂logits.
func (d *denseNet) lossGradient(rows int, y []int32, scale, loss []float32) []float32 {
	z := d.act[len(d.act)-1]
	c := d.model.Classes()
	d.z, d.prob = growDouble(d.z, c), growDouble(d.prob, c)
	for i := range rows {
		zi := z[i*c : i*c+c]
		for j, v := range zi {
			d.z[j] = float64(v)
		}
		loss[i] = float32(LossGradient(d.model.Loss, d.z, int(y[i]), d.prob))
		for j := range zi {
			zi[j] = float32(d.prob[j] * float64(scale[i]))
		}
	}
	return z
}

// LossGradient sets grad to the gradient of a sample's loss with respect to its logits and returns the loss. It works
// in float64: a loss of CrossEntropy neither overflows nor cancels.
func LossGradient(loss string, logits []float64, label int, grad []float64) float64 {
	if loss == SquaredError {
		sum := 0.0
		for j, z := range logits {
			grad[j] = z
			if j == label {
				grad[j]--
			}
			sum += float64(grad[j] * grad[j])
		}
		return sum / 2
	}
	top := logits[0]
	for _, z := range logits {
		top = max(top, z)
	}
	sum := 0.0
	for j, z := range logits {
		grad[j] = exp(z - top)
		sum += grad[j]
	}
	for j := range grad {
		grad[j] /= sum
	}
	grad[label]--
	return math.Log(sum) + top - logits[label]
}

func sumRows(out, a []float32, rows int) {
	clear(out)
	for i := range rows {
		for j, v := range a[i*len(out) : (i+1)*len(out)] {
			out[j] += v
		}
	}
}

func grow(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}

func growDouble(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}

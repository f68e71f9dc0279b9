package train

import (
	"fmt"

	"attrib/kernels"
)

// predictRows bounds the rows of one forward pass, and with them its memory.
const predictRows = 1024

// Logits are the network's outputs (x.Rows × classes, F32) for the rows of x.
func Logits(net Network, p Params, x kernels.Matrix) (kernels.Matrix, error) {
	matched, err := p.Match(net.Specs())
	if err != nil {
		return kernels.Matrix{}, err
	}
	c := net.Classes()
	out := make([]float32, x.Rows*c)
	for at := 0; at < x.Rows; at += predictRows {
		n := min(predictRows, x.Rows-at)
		if err := net.Forward(matched, x.Slice(at, at+n), out[at*c:(at+n)*c]); err != nil {
			return kernels.Matrix{}, err
		}
	}
	return kernels.F32(x.Rows, c, out), nil
}

// Evaluate returns the mean loss (weights of d do not count) and the part of samples whose largest logit is their
// label's.
func Evaluate(m Model, net Network, p Params, d Data) (loss, accuracy float64, err error) {
	if err := d.Validate(m.Input, net.Classes()); err != nil {
		return 0, 0, err
	}
	logits, err := Logits(net, p, d.X)
	if err != nil {
		return 0, 0, err
	}
	c := net.Classes()
	grad, double := make([]float64, c), make([]float64, c)
	hits := 0
	for i, y := range d.Y {
		z := logits.Floats()[i*c : i*c+c]
		for j, v := range z {
			double[j] = float64(v)
		}
		l := LossGradient(m.Loss, double, int(y), grad)
		if l != l {
			return 0, 0, fmt.Errorf("row %d: the loss is not a number", i)
		}
		loss += l
		if argmax(z) == int(y) {
			hits++
		}
	}
	n := float64(d.Len())
	return loss / n, float64(hits) / n, nil
}

func argmax(z []float32) int {
	best := 0
	for j, v := range z {
		if v > z[best] {
			best = j
		}
	}
	return best
}

package train

import "math"

// LogitFunc is a function of one sample's logits: its value and its gradient.
type LogitFunc func(z []float64) (float64, []float64)

// Reference is the float64 oracle of the dense network, one number at a time, straight from the chain rule: the value
// of f at the logits of sample x, and its gradient with respect to every tensor of p (state_dict order and layout).
// Tests hold the fast forms against it.
func Reference(m Model, p [][]float64, x []float64, f LogitFunc) (float64, [][]float64) {
	acts := refForward(m, p, x)
	value, delta := f(acts[len(acts)-1])
	grads := make([][]float64, len(p))
	for l := len(m.Layers) - 1; l >= 0; l-- {
		in := acts[l]
		weight := make([]float64, len(delta)*len(in))
		below := make([]float64, len(in))
		for o, d := range delta {
			for i, a := range in {
				weight[o*len(in)+i] = d * a
				below[i] += d * p[2*l][o*len(in)+i]
			}
		}
		grads[2*l], grads[2*l+1] = weight, delta
		if l > 0 && m.Layers[l-1].Activation == Tanh {
			for i, a := range in {
				below[i] *= 1 - a*a
			}
		}
		delta = below
	}
	return value, grads
}

// refForward returns the activations: the sample, then the output of every layer.
func refForward(m Model, p [][]float64, x []float64) [][]float64 {
	acts := [][]float64{x}
	for l, layer := range m.Layers {
		out := make([]float64, layer.Out)
		for o := range out {
			out[o] = p[2*l+1][o]
			for i, a := range acts[l] {
				out[o] += p[2*l][o*layer.In+i] * a
			}
			if layer.Activation == Tanh {
				out[o] = math.Tanh(out[o])
			}
		}
		acts = append(acts, out)
	}
	return acts
}

// ReferenceLoss is the training loss of a sample with that label, written without care for overflow.
func ReferenceLoss(kind string, label int) LogitFunc {
	return func(z []float64) (float64, []float64) {
		grad := make([]float64, len(z))
		if kind == SquaredError {
			loss := 0.0
			for j := range z {
				grad[j] = z[j]
				if j == label {
					grad[j]--
				}
				loss += grad[j] * grad[j] / 2
			}
			return loss, grad
		}
		sum := 0.0
		for j := range z {
			sum += math.Exp(z[j])
		}
		for j := range z {
			grad[j] = math.Exp(z[j]) / sum
		}
		grad[label]--
		return math.Log(sum) - z[label], grad
	}
}

// Doubles are the values of the tensors in float64.
func (p Params) Doubles() [][]float64 {
	out := make([][]float64, len(p))
	for k, t := range p {
		out[k] = make([]float64, len(t.Data))
		for i, v := range t.Data {
			out[k][i] = float64(v)
		}
	}
	return out
}

// ReferenceLogits are the logits of one sample.
func ReferenceLogits(m Model, p [][]float64, x []float64) []float64 {
	acts := refForward(m, p, x)
	return acts[len(acts)-1]
}

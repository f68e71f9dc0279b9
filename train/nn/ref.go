package nn

import "math"

// LogitFunc is a function of one sample's logits: its value and its gradient.
type LogitFunc func(z []float64) (float64, []float64)

// ReferenceNet is the float64 oracle of a network: one sample and one number at a time, in PyTorch's layouts, straight
// from the definitions and the chain rule. Tests hold the fast forms against it.
type ReferenceNet struct {
	Layers []Layer
	Input  int   // values of a sample
	Image  []int // shape of a sample, as for Check
}

// Logits are the logits of one sample with parameters p (state_dict order and layout).
func (n ReferenceNet) Logits(p [][]float64, x []float64) []float64 {
	steps := n.forward(p, x)
	return steps[len(steps)-1].out
}

// Gradient is the value of f at the logits of sample x, and its gradient with respect to every tensor of p.
func (n ReferenceNet) Gradient(p [][]float64, x []float64, f LogitFunc) (float64, [][]float64) {
	steps := n.forward(p, x)
	value, delta := f(steps[len(steps)-1].out)
	grads := make([][]float64, len(p))
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		for j := range delta {
			delta[j] *= refSlope(s.layer.Activation, s.pre[j])
		}
		own := make([][]float64, len(s.params))
		for k, t := range s.params {
			own[k] = make([]float64, len(t))
		}
		below := make([]float64, len(s.in))
		s.products(func(out, in int, coefficient float64, tensor, at int) {
			own[tensor][at] += delta[out] * s.in[in]
			below[in] += delta[out] * coefficient
		})
		switch s.layer.Type {
		case Embedding:
			for o, d := range delta {
				own[0][int(s.in[o/s.layer.Out])*s.layer.Out+o%s.layer.Out] += d
			}
		case LayerNorm:
			below = s.normBack(delta, own)
		default:
			if len(own) > 1 {
				for o, d := range delta {
					own[1][s.channel(o)] += d
				}
			}
		}
		copy(grads[s.first:], own)
		delta = below
	}
	return value, grads
}

// refStep is a layer on one sample.
type refStep struct {
	layer  Layer
	params [][]float64
	first  int // where params begin among all
	takes  size
	gives  size
	in     []float64
	pre    []float64 // before the activation
	out    []float64
}

func (n ReferenceNet) forward(p [][]float64, x []float64) []refStep {
	takes, gives, err := shapes(n.Layers, n.Input, n.Image, SquaredError)
	if err != nil {
		panic(err)
	}
	var steps []refStep
	at := 0
	for i, l := range n.Layers {
		count := 2
		if l.NoBias || l.Type == Embedding {
			count = 1
		}
		s := refStep{layer: l, params: p[at : at+count], first: at, takes: takes[i], gives: gives[i], in: x}
		at += count
		s.compute()
		steps = append(steps, s)
		x = s.out
	}
	return steps
}

func (s *refStep) compute() {
	s.pre = make([]float64, s.gives.values())
	switch s.layer.Type {
	case Embedding:
		for o := range s.pre {
			s.pre[o] = s.params[0][int(s.in[o/s.layer.Out])*s.layer.Out+o%s.layer.Out]
		}
	case LayerNorm:
		for row := range s.takes.rows {
			x := s.in[row*s.layer.In : (row+1)*s.layer.In]
			mean, deviation := s.moments(x)
			for j, v := range x {
				s.pre[row*s.layer.In+j] = (v-mean)/deviation*s.params[0][j] + s.params[1][j]
			}
		}
	default:
		s.products(func(out, in int, coefficient float64, _, _ int) { s.pre[out] += s.in[in] * coefficient })
		if len(s.params) > 1 {
			for o := range s.pre {
				s.pre[o] += s.params[1][s.channel(o)]
			}
		}
	}
	s.out = make([]float64, len(s.pre))
	for j, z := range s.pre {
		s.out[j] = refActivation(s.layer.Activation, z)
	}
}

// products calls f for every product in a dense or convolution layer: which output, which input, the weight between
// them, and where the weight is.
func (s *refStep) products(f func(out, in int, coefficient float64, tensor, at int)) {
	l := s.layer
	switch l.Type {
	case Dense:
		for row := range s.gives.rows {
			for o := range l.Out {
				for i := range l.In {
					f(row*l.Out+o, row*l.In+i, s.params[0][o*l.In+i], 0, o*l.In+i)
				}
			}
		}
	case Conv2d:
		g := geometryOf(l, s.takes)
		h, w := g.outputs()
		for o := range l.Out {
			for oy := range h {
				for ox := range w {
					for c := range l.In {
						for ky := range g.kh {
							for kx := range g.kw {
								y, x := oy*g.sh-g.ph+ky, ox*g.sw-g.pw+kx
								if y < 0 || y >= g.height || x < 0 || x >= g.width {
									continue
								}
								at := ((o*l.In+c)*g.kh+ky)*g.kw + kx
								f((o*h+oy)*w+ox, (c*g.height+y)*g.width+x, s.params[0][at], 0, at)
							}
						}
					}
				}
			}
		}
	}
}

// channel is the bias that output o has.
func (s *refStep) channel(o int) int {
	if s.layer.Type == Conv2d {
		return o / s.gives.rows
	}
	return o % s.layer.Out
}

func (s *refStep) moments(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	variance := 0.0
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	epsilon := s.layer.Epsilon
	if epsilon == 0 {
		epsilon = DefaultEpsilon
	}
	return mean, math.Sqrt(variance + epsilon)
}

func (s *refStep) normBack(delta []float64, own [][]float64) []float64 {
	n := s.layer.In
	below := make([]float64, len(s.in))
	for row := range s.takes.rows {
		x, d := s.in[row*n:(row+1)*n], delta[row*n:(row+1)*n]
		mean, deviation := s.moments(x)
		sum, along := 0.0, 0.0
		for j := range x {
			hat := (x[j] - mean) / deviation
			own[0][j] += d[j] * hat
			own[1][j] += d[j]
			sum += d[j] * s.params[0][j]
			along += d[j] * s.params[0][j] * hat
		}
		for j := range x {
			hat := (x[j] - mean) / deviation
			below[row*n+j] = (d[j]*s.params[0][j] - sum/float64(n) - hat*along/float64(n)) / deviation
		}
	}
	return below
}

func refActivation(name string, z float64) float64 {
	switch name {
	case Tanh:
		return math.Tanh(z)
	case ReLU:
		return max(0, z)
	case GELU:
		return z * (1 + math.Erf(z/math.Sqrt2)) / 2
	case GELUTanh:
		return z / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(z+0.044715*z*z*z)))
	}
	return z
}

func refSlope(name string, z float64) float64 {
	switch name {
	case Tanh:
		return 1 - math.Tanh(z)*math.Tanh(z)
	case ReLU:
		if z > 0 {
			return 1
		}
		return 0
	case GELU:
		return (1+math.Erf(z/math.Sqrt2))/2 + z*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)
	case GELUTanh:
		k := math.Sqrt(2 / math.Pi)
		t := math.Tanh(k * (z + 0.044715*z*z*z))
		return (1+t)/2 + z/2*(1-t*t)*k*(1+3*0.044715*z*z)
	}
	return 1
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

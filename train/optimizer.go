package train

import "math"

// Names of optimisers, in PyTorch's conventions.
const (
	SGD   = "sgd"   // v ← μv + (g + wd·θ), θ ← θ − η·v (torch.optim.SGD)
	Adam  = "adam"  // g ← g + wd·θ, then Kingma and Ba, 2015 (torch.optim.Adam)
	AdamW = "adamw" // θ ← θ − η·wd·θ, then the same without wd in g: Loshchilov and Hutter, 2019 (torch.optim.AdamW)
)

// Optimizer says how a step moves the parameters. Fields of the other optimisers are left out.
type Optimizer struct {
	Name         string  `json:"name"`
	LearningRate float64 `json:"learningRate"`
	Momentum     float64 `json:"momentum"` // sgd
	WeightDecay  float64 `json:"weightDecay"`
	Beta1        float64 `json:"beta1,omitempty"`   // adam, adamw. Default: .9
	Beta2        float64 `json:"beta2,omitempty"`   // adam, adamw. Default: .999
	Epsilon      float64 `json:"epsilon,omitempty"` // adam, adamw. Default: 1e-8
}

// Defaults of adam and adamw, PyTorch's.
const (
	defaultBeta1   = .9
	defaultBeta2   = .999
	defaultEpsilon = 1e-8
)

func (o Optimizer) check(bad report) {
	if o.Name != SGD && o.Name != Adam && o.Name != AdamW {
		bad(`field "optimizer.name": %q is not supported; use %q, %q or %q`, o.Name, SGD, Adam, AdamW)
	}
	if !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0) {
		bad(`field "optimizer.learningRate": %v, want a positive number`, o.LearningRate)
	}
	if !(o.WeightDecay >= 0) || math.IsInf(o.WeightDecay, 0) {
		bad(`field "optimizer.weightDecay": %v, want a number ≥ 0`, o.WeightDecay)
	}
	part := func(field string, v float64) {
		if !(v >= 0 && v < 1) {
			bad(`field "optimizer.%s": %v, want 0 ≤ %[1]s < 1`, field, v)
		}
	}
	part("momentum", o.Momentum)
	part("beta1", o.Beta1)
	part("beta2", o.Beta2)
	if !(o.Epsilon >= 0) || math.IsInf(o.Epsilon, 0) {
		bad(`field "optimizer.epsilon": %v, want a number ≥ 0`, o.Epsilon)
	}
	if o.Name == SGD && (o.Beta1 != 0 || o.Beta2 != 0 || o.Epsilon != 0) {
		bad(`fields "optimizer.beta1", "beta2" and "epsilon" do not belong to %q`, SGD)
	}
	if (o.Name == Adam || o.Name == AdamW) && o.Momentum != 0 {
		bad(`field "optimizer.momentum": %v does not belong to %q; use "beta1"`, o.Momentum, o.Name)
	}
}

// rule moves parameters by one step. It works value by value, so that copies of a network that lie one behind the
// other may be moved together or apart.
type rule interface {
	// states names what is kept for every parameter, as what follows the tensor's name in a file.
	states() []string
	// update moves theta against grad by step t, counted from 0 over the whole run, with the hyperparameters of s. It
	// may overwrite grad. It says whether theta is finite.
	update(theta, grad []float32, state [][]float32, s Step, t int) (finite bool)
}

// rule is the optimiser's.
func (o Optimizer) rule() rule {
	switch o.Name {
	case Adam:
		return adam{}
	case AdamW:
		return adam{decoupled: true}
	}
	return sgd{}
}

// step holds the optimiser's hyperparameters at that learning rate.
func (o Optimizer) step(rate float64) Step {
	s := Step{Count: 1, LearningRate: rate, Momentum: o.Momentum, WeightDecay: o.WeightDecay}
	if o.Name == Adam || o.Name == AdamW {
		or := func(v, otherwise float64) float64 {
			if v == 0 {
				return otherwise
			}
			return v
		}
		s.Beta1, s.Beta2, s.Epsilon = or(o.Beta1, defaultBeta1), or(o.Beta2, defaultBeta2), or(o.Epsilon, defaultEpsilon)
	}
	return s
}

// sgd keeps the velocity.
type sgd struct{}

func (sgd) states() []string { return []string{""} }

// update is v ← μv + (g + wd·θ), θ ← θ − η·v, every operation rounded, in this order.
func (sgd) update(theta, grad []float32, state [][]float32, s Step, _ int) bool {
	rate, momentum, decay := float32(s.LearningRate), float32(s.Momentum), float32(s.WeightDecay)
	v := state[0]
	var a, b, c, d float32 // x − x is NaN when x is NaN or infinite; four sums, so that none waits for the other
	for len(theta) >= 4 && len(v) >= 4 && len(grad) >= 4 {
		p, u, g := (*[4]float32)(theta), (*[4]float32)(v), (*[4]float32)(grad)
		u0 := float32(momentum*u[0]) + (g[0] + float32(decay*p[0]))
		u1 := float32(momentum*u[1]) + (g[1] + float32(decay*p[1]))
		u2 := float32(momentum*u[2]) + (g[2] + float32(decay*p[2]))
		u3 := float32(momentum*u[3]) + (g[3] + float32(decay*p[3]))
		p0, p1 := p[0]-float32(rate*u0), p[1]-float32(rate*u1)
		p2, p3 := p[2]-float32(rate*u2), p[3]-float32(rate*u3)
		u[0], u[1], u[2], u[3] = u0, u1, u2, u3
		p[0], p[1], p[2], p[3] = p0, p1, p2, p3
		a, b, c, d = a+(p0-p0), b+(p1-p1), c+(p2-p2), d+(p3-p3)
		theta, v, grad = theta[4:], v[4:], grad[4:]
	}
	for i := range theta {
		v[i] = float32(momentum*v[i]) + (grad[i] + float32(decay*theta[i]))
		theta[i] -= float32(rate * v[i])
		a += theta[i] - theta[i]
	}
	return a+b+c+d == 0
}

// adam keeps the means of gradients and of their squares.
type adam struct{ decoupled bool }

func (adam) states() []string { return []string{".exp_avg", ".exp_avg_sq"} }

// adamFactors are the numbers of a step as it uses them.
type adamFactors struct{ size, root, b1, b2, rest, decay, shrink, epsilon float32 }

// factors are those of step t; corrections of bias are taken in float64.
func (s Step) factors(t int) adamFactors {
	correct := func(beta float64) float64 { return 1 - math.Pow(beta, float64(t+1)) }
	return adamFactors{
		size: float32(s.LearningRate / correct(s.Beta1)), root: float32(math.Sqrt(correct(s.Beta2))),
		b1: float32(1 - s.Beta1), b2: float32(s.Beta2), rest: float32(1 - s.Beta2),
		decay: float32(s.WeightDecay), shrink: float32(1 - s.LearningRate*s.WeightDecay), epsilon: float32(s.Epsilon),
	}
}

// update follows the order of operations of PyTorch's single-tensor form.
func (a adam) update(theta, grad []float32, state [][]float32, s Step, t int) bool {
	mean, square, f := state[0], state[1], s.factors(t)
	worst := float32(0)
	for i, g := range grad[:len(theta)] {
		p := theta[i]
		if a.decoupled {
			p = float32(p * f.shrink)
		} else {
			g += float32(f.decay * p)
		}
		mean[i] += float32(f.b1 * (g - mean[i]))
		square[i] = float32(f.b2*square[i]) + float32(f.rest*float32(g*g))
		bottom := float32(math.Sqrt(float64(square[i])))/f.root + f.epsilon
		p -= float32(f.size * (mean[i] / bottom))
		theta[i] = p
		worst += p - p
	}
	return worst == 0
}

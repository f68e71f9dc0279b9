package train

import (
	"context"
	"fmt"

	"attrib/kernels/blas"
	"attrib/kernels/vec"
)

// copyGroup is a worker's state: some copies that are trained together. What belongs to copy k of a layer follows
// that of copy k−1 without a gap, for as many rows as the batch in hand has.
type copyGroup struct {
	*coalitionPlan
	weights    [][]float32 // one row a copy; their number is that of the copies
	failed     []error     // by copy: why its result is void
	theta, vel []float32   // copies × layout.size

	rows   int // of the batch in hand
	shared bool
	x      []float32    // the samples: one batch for all copies when shared, else each copy's own
	act    [][]float32  // outputs of the layers; the last turns from logits into their gradient
	back   [2][]float32 // gradients of hidden layers
	scale  []float32    // weight over batch length
	y      []int32
	ones   []float32
}

func newCopyGroup(p *coalitionPlan) *copyGroup {
	values := func(perSample int) []float32 { return make([]float32, p.copies*p.layout.batch*perSample) }
	g := &copyGroup{
		coalitionPlan: p, x: values(p.model.Input), scale: values(1),
		theta: make([]float32, p.copies*p.layout.size), vel: make([]float32, p.copies*p.layout.size),
		y: make([]int32, p.copies*p.layout.batch), ones: make([]float32, p.layout.batch),
	}
	for _, l := range p.model.Layers {
		g.act = append(g.act, values(l.Out))
	}
	g.back[0], g.back[1] = values(p.layout.hidden()), values(p.layout.hidden())
	for i := range g.ones {
		g.ones[i] = 1
	}
	return g
}

// reset starts new copies, one for every row of weights.
func (g *copyGroup) reset(weights [][]float32) {
	g.weights, g.failed = weights, make([]error, len(weights))
	clear(g.vel)
	for k := range weights {
		copy(g.theta[k*g.layout.size:], g.initial)
	}
}

// train runs all epochs, or as many as can matter: it stops when the first copy has failed or stop says so. Copies
// that fail leave their reason in failed; the others go on.
func (g *copyGroup) train(ctx context.Context, stop func() bool) error {
	step := 0
	for e, order := range g.orders {
		for at, batch := 0, 1; at < len(order); at, batch = at+g.model.Batch, batch+1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if g.failed[0] != nil || stop() {
				return nil
			}
			step++
			part := order[at:min(at+g.model.Batch, len(order))]
			err := g.step(part, func(k int, err error) {
				if g.failed[k] == nil {
					g.failed[k] = fmt.Errorf("epoch %d: batch %d (step %d, rows %s): %w: lower the learning rate", e+1, batch, step, someRows(part), err)
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// step is one step of every copy. It tells fail of copies that are no longer finite.
func (g *copyGroup) step(batch []int, fail func(k int, err error)) error {
	g.gather(batch)
	if err := g.forward(); err != nil {
		return err
	}
	g.lossGradient(batch, fail)
	if err := g.backward(); err != nil {
		return err
	}
	rate, decay := float32(g.model.Optimizer.LearningRate), float32(g.model.Optimizer.WeightDecay)
	for k := range g.weights {
		at := k * g.layout.size
		theta := g.theta[at : at+g.layout.size]
		if !descend(theta, g.vel[at:at+g.layout.size], rate, decay) {
			fail(k, fmt.Errorf("tensor %q is no longer finite", g.layout.tensorAt(firstBad(theta))))
		}
	}
	return nil
}

// forward computes the outputs of all layers.
func (g *copyGroup) forward() error {
	for i, l := range g.model.Layers {
		o := blas.Options{Workers: 1, Bias: g.theta[g.layout.bias(i):], BiasStep: g.layout.size}
		out := g.act[i][:len(g.weights)*g.rows*l.Out]
		err := blas.GemmBatch(len(g.weights), 1, g.input(i), g.weight(g.theta, i), 0, g.perCopy(out, l.Out), o)
		if err != nil {
			return err
		}
		if l.Activation == Tanh {
			vec.Tanh(out, out)
		}
	}
	return nil
}

// backward sets the velocity to μ·velocity + gradient, in the products that compute the gradient.
func (g *copyGroup) backward() error {
	n, momentum, o := len(g.weights), float32(g.model.Optimizer.Momentum), blas.Options{Workers: 1}
	last := len(g.model.Layers) - 1
	delta := g.perCopy(g.act[last], g.model.Layers[last].Out)
	for i := last; i >= 0; i-- {
		l, in := g.model.Layers[i], g.input(i)
		in.Matrix = in.T()
		if err := blas.GemmBatch(n, 1, in, delta, momentum, g.weight(g.vel, i), o); err != nil {
			return err
		}
		ones := blas.Batch{Matrix: blas.Dense(1, g.rows, g.ones)}
		bias := blas.Batch{Matrix: blas.Dense(1, l.Out, g.vel[g.layout.bias(i):]), Step: g.layout.size}
		if err := blas.GemmBatch(n, 1, ones, delta, momentum, bias, o); err != nil {
			return err
		}
		if i == 0 {
			break
		}
		prev := g.back[i%2][:n*g.rows*l.In]
		weight := g.weight(g.theta, i)
		weight.Matrix = weight.T()
		if err := blas.GemmBatch(n, 1, delta, weight, 0, g.perCopy(prev, l.In), o); err != nil {
			return err
		}
		if g.model.Layers[i-1].Activation == Tanh {
			vec.TanhGrad(prev, g.act[i-1][:len(prev)])
		}
		delta = g.perCopy(prev, l.In)
	}
	return nil
}

// input are what goes into layer i.
func (g *copyGroup) input(i int) blas.Batch {
	switch {
	case i > 0:
		return g.perCopy(g.act[i-1], g.model.Layers[i].In)
	case g.shared:
		return blas.Batch{Matrix: blas.Dense(g.rows, g.model.Input, g.x)}
	}
	return g.perCopy(g.x, g.model.Input)
}

// perCopy are matrices of one row a sample, copy after copy.
func (g *copyGroup) perCopy(v []float32, width int) blas.Batch {
	return blas.Batch{Matrix: blas.Dense(g.rows, width, v), Step: g.rows * width}
}

// weight are the (in, out) weights of layer i, or what lies in v as they do.
func (g *copyGroup) weight(v []float32, i int) blas.Batch {
	l := g.model.Layers[i]
	return blas.Batch{Matrix: blas.Dense(l.In, l.Out, v[g.layout.at[i]:]), Step: g.layout.size}
}

package train

import (
	"context"
	"fmt"

	"attrib/kernels"
	"attrib/train/nn"
)

// copyGroup is a worker's state: some copies that are trained together, each a lane of a pass.
type copyGroup struct {
	*coalitionPlan
	weights [][]float32 // one row a copy; their number is that of the copies
	own     [][]float32 // where weights of owners are written out
	failed  []error     // by copy: why its result is void
	theta   []float32   // copies × parameters, as grad and every state
	grad    []float32
	state   [][]float32

	pass   *nn.Pass
	rows   int // samples of each copy in the tile in hand
	shared bool
	idle   bool // some copy had rows of weight 0 in this step
	losses []float32
}

func newCopyGroup(p *coalitionPlan) *copyGroup {
	values := func() []float32 { return make([]float32, p.copies*p.net.Size()) }
	g := &copyGroup{
		coalitionPlan: p, theta: values(), grad: values(),
		pass: p.net.NewPass(p.copies, p.tile(), 1), losses: make([]float32, p.copies*p.tile()),
	}
	g.pass.On(p.products)
	for range p.rule.states() {
		g.state = append(g.state, values())
	}
	return g
}

// reset starts new copies, one for every row of weights.
func (g *copyGroup) reset(weights [][]float32) {
	g.weights, g.failed = g.spread(weights), make([]error, len(weights))
	for _, s := range g.state {
		clear(s)
	}
	for k := range weights {
		copy(g.theta[k*g.net.Size():], g.initial)
	}
}

// spread are weights of samples, for weights of their owners.
func (g *copyGroup) spread(weights [][]float32) [][]float32 {
	if g.owner == nil {
		return weights
	}
	for k, w := range weights {
		if k == len(g.own) {
			g.own = append(g.own, make([]float32, len(g.owner)))
		}
		for i, p := range g.owner {
			g.own[k][i] = w[p]
		}
	}
	return g.own[:len(weights)]
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
			part := order[at:min(at+g.model.Batch, len(order))]
			err := g.step(part, step, func(k int, err error) {
				if g.failed[k] == nil {
					g.failed[k] = atStep(e, batch-1, step, part, err)
				}
			})
			if err != nil {
				return fmt.Errorf("epoch %d: batch %d: %w", e+1, batch, err)
			}
			step++
		}
	}
	return nil
}

// step is one step of every copy, the number of steps before it given. It tells fail of copies that are no longer
// finite. Its error is that of the device that computes products.
func (g *copyGroup) step(batch []int, number int, fail func(k int, err error)) error {
	if err := g.gradient(batch, fail); err != nil {
		return err
	}
	if err := g.clean(batch); err != nil {
		return err
	}
	size := g.net.Size()
	for k := range g.weights {
		lo, hi := k*size, (k+1)*size
		state := make([][]float32, len(g.state))
		for s := range state {
			state[s] = g.state[s][lo:hi]
		}
		if !g.rule.update(g.theta[lo:hi], g.grad[lo:hi], state, g.steps.at(number), number) {
			fail(k, g.badParameter(firstBad(g.theta[lo:hi])))
		}
	}
	return nil
}

// gradient sets grad to that of a batch, and tells fail of losses.
func (g *copyGroup) gradient(batch []int, fail func(k int, err error)) error {
	size, tile := g.net.Size(), g.tile()
	g.idle = false
	for at := 0; at < len(batch); at += tile {
		part := batch[at:min(at+tile, len(batch))]
		g.gather(part, float32(len(batch)))
		g.pass.Begin(len(g.weights), g.rows, g.shared, g.theta, size)
		g.pass.Forward()
		if err := g.pass.Err(); err != nil {
			return err
		}
		g.pass.Loss(g.losses)
		g.checkLosses(part, fail)
		g.pass.Backward(g.grad, size, beta(at))
		if err := g.pass.Err(); err != nil {
			return err
		}
	}
	return nil
}

// clean takes the gradients that are not finite again, of sound copies, without rows of weight 0: that factor does not rid a
// gradient of what is not finite in them.
func (g *copyGroup) clean(batch []int) error {
	size := g.net.Size()
	for k := range g.weights {
		grad := g.grad[k*size : (k+1)*size]
		if !g.idle || g.failed[k] != nil || kernels.Finite(grad) {
			continue
		}
		clear(grad)
		for at := 0; at < len(batch); at += g.tile() {
			g.alone(k, batch[at:min(at+g.tile(), len(batch))], float32(len(batch)), beta(at))
		}
		if err := g.pass.Err(); err != nil {
			return err
		}
	}
	return nil
}

// alone adds the gradient of a part of a batch of that length for copy k alone, to beta times what is there.
func (g *copyGroup) alone(k int, part []int, length, beta float32) {
	size, w := g.net.Size(), g.weights[k]
	if g.rows = present(w, part); g.rows == 0 {
		return
	}
	g.gatherOwn(0, w, part, length)
	g.pass.Begin(1, g.rows, false, g.theta[k*size:], size)
	g.pass.Forward()
	g.pass.Loss(g.losses)
	g.pass.Backward(g.grad[k*size:], size, beta)
}

// atStep says where a copy failed; epoch, batch and step are counted from 0.
func atStep(epoch, batch, step int, rows []int, err error) error {
	return fmt.Errorf("epoch %d: batch %d (step %d, rows %s): %w: lower the learning rate", epoch+1, batch+1, step+1, someRows(rows), err)
}

func badLoss(row int, loss float32) error { return fmt.Errorf("the loss of row %d is %v", row, loss) }

// badParameter is about value i of a copy.
func (p *coalitionPlan) badParameter(i int) error {
	return fmt.Errorf("tensor %q is no longer finite", p.net.TensorAt(i))
}

// beta is what is kept of a gradient before the tile that begins at that sample is added.
func beta(at int) float32 {
	if at == 0 {
		return 0
	}
	return 1
}

func (g *copyGroup) checkLosses(batch []int, fail func(k int, err error)) {
	for row, loss := range g.losses[:len(g.weights)*g.rows] {
		if !finite(loss) && g.pass.Scale[row] != 0 {
			k := row / g.rows
			fail(k, badLoss(g.sample(k, row%g.rows, batch), loss))
		}
	}
}

// firstBad is the first value that is not finite, 0 when there is none.
func firstBad(v []float32) int {
	for i, x := range v {
		if !finite(x) {
			return i
		}
	}
	return 0
}

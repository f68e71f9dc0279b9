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
	shared, err := g.gradient(batch, true, fail)
	if err == nil && shared && g.spoilt() {
		_, err = g.gradient(batch, false, fail)
	}
	if err != nil {
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

// gradient sets grad to that of a batch, and says whether copies shared samples, which they do only where they may.
func (g *copyGroup) gradient(batch []int, share bool, fail func(k int, err error)) (shared bool, err error) {
	size, tile := g.net.Size(), g.tile()
	for at := 0; at < len(batch); at += tile {
		part := batch[at:min(at+tile, len(batch))]
		g.gather(part, float32(len(batch)), share)
		shared = shared || g.shared
		g.pass.Begin(len(g.weights), g.rows, g.shared, g.theta, size)
		g.pass.Forward()
		if err := g.pass.Err(); err != nil {
			return shared, err
		}
		g.pass.Loss(g.losses)
		g.checkLosses(part, fail)
		g.pass.Backward(g.grad, size, beta(at))
		if err := g.pass.Err(); err != nil {
			return shared, err
		}
	}
	return shared, nil
}

// spoilt says whether a sound copy has a gradient that is not finite: samples that are shared may be those that it lacks,
// whose weight of 0 does not rid a gradient of what is not finite in them.
func (g *copyGroup) spoilt() bool {
	size := g.net.Size()
	for k, failed := range g.failed {
		if failed == nil && !kernels.Finite(g.grad[k*size:(k+1)*size]) {
			return true
		}
	}
	return false
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

// gather puts a part of a batch of that length in place. Samples of weight 0 are left out: their gradient is zero, and
// to add it changes no bit. Copies with fewer samples than the others are filled up with rows of weight 0. A part of
// which some copy misses little is shared by all, where that may be.
func (g *copyGroup) gather(part []int, length float32, share bool) {
	most := 1
	for _, w := range g.weights {
		count := 0
		for _, i := range part {
			if w[i] != 0 {
				count++
			}
		}
		most = max(most, count)
	}
	if g.shared = share && 10*most > 9*len(part); g.shared {
		g.gatherShared(part, length)
		return
	}
	g.rows = most
	for k, w := range g.weights {
		g.gatherOwn(k, w, part, length)
	}
}

func (g *copyGroup) gatherShared(part []int, length float32) {
	p := g.pass
	g.rows = len(part)
	g.data.gather(part, p.X, p.Y)
	for k, w := range g.weights {
		copy(p.Y[k*g.rows:], p.Y[:g.rows])
		scale := p.Scale[k*g.rows : (k+1)*g.rows]
		for r, i := range part {
			scale[r] = w[i] / length
		}
	}
}

func (g *copyGroup) gatherOwn(k int, w []float32, part []int, length float32) {
	p, at, end, width := g.pass, k*g.rows, (k+1)*g.rows, g.model.Input
	for _, i := range part {
		if w[i] == 0 {
			continue
		}
		copy(p.X[at*width:(at+1)*width], g.data.row(i))
		p.Y[at], p.Scale[at] = g.data.Y[i], w[i]/length
		at++
	}
	clear(p.X[at*width : end*width])
	clear(p.Y[at:end])
	clear(p.Scale[at:end])
}

// sample is the row of the data that lies in row r of copy k.
func (g *copyGroup) sample(k, r int, part []int) int {
	if g.shared {
		return part[r]
	}
	for _, i := range part {
		if g.weights[k][i] == 0 {
			continue
		}
		if r == 0 {
			return i
		}
		r--
	}
	return -1
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

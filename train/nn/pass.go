package nn

import (
	"context"
	"fmt"
	"slices"

	"attrib/kernels/blas"
	"attrib/kernels/vec"
)

// Pass runs a network forward and backward over a batch: for one set of parameters, or for many copies of the network
// at once, a lane each. It keeps what it needs between calls; a goroutine needs its own.
//
// A caller fills X, Y and Scale, and calls Begin, Forward, Loss and Backward in this order.
type Pass struct {
	X     []float32 // the samples, row after row: one batch for all lanes when shared, else lane after lane
	Y     []int32   // labels, lane after lane
	Scale []float32 // lane after lane: what a sample's loss counts in the sum that is differentiated

	frame
	products   products
	net        *Net
	most       int // lanes · samples that fit
	shared     bool
	theta      []float32
	step       int         // between the parameters of two lanes; 0 when they share them
	act        [][]float32 // outputs of the layers
	pre        [][]float32 // of gelu: φ′ of the outputs, or the outputs before the activation when tangents follow
	aux        [][]float32 // what a layer keeps for the way back: unfolded images, normalised values
	inverse    [][]float32 // of a layer norm: 1/σ of every row
	delta      [][]float32 // gradients with respect to the outputs; before the activation once Backward is through
	slope      [][]float32 // φ′ of the outputs, kept for tangents only
	bend       [][]float32 // φ″ of the outputs times the gradient, kept for tangents only
	prob       []float32   // softmax of the logits, kept for tangents only
	scratch    []float32
	ones       []float32
	curvatures bool
}

// frame is how many lanes of how many samples there are.
type frame struct{ lanes, rows, workers int }

// count is the number of samples in all lanes.
func (f frame) count() int { return f.lanes * f.rows }

// lanesOf is a batch of matrices, one a lane, perSample rows for every sample and without gaps.
func (f frame) lanesOf(v []float32, perSample, width int) blas.Batch {
	return blas.Batch{Matrix: blas.Dense(f.rows*perSample, width, v), Step: f.rows * perSample * width}
}

// NewPass makes a pass for up to so many lanes of so many samples. Products of one lane may use that many workers.
func (n *Net) NewPass(lanes, samples, workers int) *Pass {
	most := lanes * samples
	p := &Pass{
		net: n, frame: frame{workers: workers}, most: most,
		X: make([]float32, most*n.input), Y: make([]int32, most), Scale: make([]float32, most),
	}
	wide, unfolded := 1, 0
	for _, d := range n.nodes {
		p.act = append(p.act, make([]float32, most*d.out.values()))
		p.delta = append(p.delta, make([]float32, most*d.out.values()))
		p.pre = append(p.pre, make([]float32, most*d.kept()))
		p.aux = append(p.aux, make([]float32, most*d.auxiliary()))
		p.inverse = append(p.inverse, make([]float32, most*d.inverses()))
		wide, unfolded = max(wide, d.out.rows), max(unfolded, d.folded())
	}
	p.scratch, p.ones = make([]float32, most*unfolded), make([]float32, samples*wide)
	for i := range p.ones {
		p.ones[i] = 1
	}
	return p
}

// values is what a pass holds for every sample: as many as NewPass makes.
func (d *node) values() int64 {
	return int64(2*d.out.values() + d.kept() + d.auxiliary() + d.inverses() + d.folded())
}

// kept is how many values the activation keeps for the way back.
func (d *node) kept() int {
	if d.Activation == GELU || d.Activation == GELUTanh {
		return d.out.values()
	}
	return 0
}

// Begin says what the next batch is: so many lanes of so many samples, which all lanes share or not. The parameters
// of lane k begin at theta[k·step], in the layout of Pack.
func (p *Pass) Begin(lanes, samples int, shared bool, theta []float32, step int) {
	if lanes*samples > p.most || lanes < 1 || samples < 0 {
		panic(fmt.Sprintf("nn: %d lanes of %d samples in a pass for %d", lanes, samples, p.most))
	}
	p.lanes, p.rows, p.shared, p.theta, p.step = lanes, samples, shared, theta, step
}

// Forward computes the logits.
func (p *Pass) Forward() {
	for i, d := range p.net.nodes {
		out := p.act[i][:p.count()*d.out.values()]
		d.forward(p, i, out)
		switch {
		case d.kept() == 0:
			activate(d.Activation, out)
		case p.curvatures:
			copy(p.pre[i], out)
			activate(d.Activation, out)
		default:
			activateKeeping(d.Activation, out, p.pre[i])
		}
	}
}

// Logits are those of the last Forward: lane after lane, sample after sample. They belong to the pass.
func (p *Pass) Logits() []float32 {
	return p.act[len(p.act)-1][:p.count()*p.net.Classes()]
}

// Outputs copies the outputs of the first layers, so many of them at least one, sample after sample in the shape that
// Net.Output says and in PyTorch's order. The pass must have run one lane.
func (p *Pass) Outputs(layers int) []float32 {
	d := p.net.nodes[layers-1]
	out := slices.Clone(p.act[layers-1][:p.rows*d.out.values()])
	switch {
	case d.out.isImage():
		reorder(out, d.out.values(), kernelOrder(d.out.features, d.out.rows))
	case d.Type == LayerNorm:
		reorder(out, d.out.values(), d.torch)
	}
	return out
}

// Seeds is where the gradient of the outputs with respect to the logits goes, laid out as Logits. Loss fills it; a
// caller with another function of the logits fills it itself.
func (p *Pass) Seeds() []float32 {
	return p.delta[len(p.delta)-1][:p.count()*p.net.Classes()]
}

// Backward carries Seeds back through the network. grad of lane k, at grad[k·step] in the layout of Pack, becomes
// beta·grad + Σ over the lane's samples. With grad nil only the signals are computed.
func (p *Pass) Backward(grad []float32, step int, beta float32) {
	for i := len(p.net.nodes) - 1; i >= 0; i-- {
		d := p.net.nodes[i]
		p.bendBack(i)
		if grad != nil {
			d.gradient(p, i, grad, step, beta)
		}
		if i > 0 {
			d.back(p, i, p.delta[i-1][:p.count()*d.in.values()])
		}
	}
}

// bendBack turns the gradient with respect to a layer's output into that with respect to its value before the
// activation.
func (p *Pass) bendBack(i int) {
	d := p.net.nodes[i]
	n := p.count() * d.out.values()
	delta := p.delta[i][:n]
	if p.curvatures {
		derivatives(d.Activation, p.act[i][:n], p.pre[i], p.slope[i][:n], p.bend[i][:n])
		multiply(p.bend[i][:n], delta)
		multiply(delta, p.slope[i][:n])
		return
	}
	switch d.Activation {
	case Tanh:
		vec.TanhGrad(delta, p.act[i][:n])
	case ReLU:
		for j, h := range p.act[i][:n] {
			if !(h > 0) {
				delta[j] = 0
			}
		}
	case GELU, GELUTanh:
		multiply(delta, p.pre[i][:n])
	}
}

// products are computed by a device, or by the CPU where there is none.
type products struct {
	on  blas.Device
	err error // the first of the device; nothing is computed after it
}

// On has products computed by a device from now on, nil for the CPU. A caller asks for Err before it uses anything that the
// pass has computed. The context of a call is not the device's: one product at a time is done whatever happens.
func (p *Pass) On(device blas.Device) { p.products = products{on: device} }

// Err is the first error of the device. What the pass holds after it is not to be used.
func (p *Pass) Err() error { return p.products.err }

// multiply sets c_k to a_k·b_k + beta·c_k for every lane, with a bias in place of beta·c when there is one. Lanes that
// share b are one product.
func (p *products) multiply(lanes int, a, b blas.Batch, beta float32, c blas.Batch, o blas.Options) {
	if lanes > 1 && b.Step == 0 && o.BiasStep == 0 && !a.Trans && a.Step == a.Rows*a.Cols && c.Step == c.Rows*c.Cols {
		a.Rows, c.Rows, lanes = a.Rows*lanes, c.Rows*lanes, 1
	}
	switch {
	case p.err != nil:
	case p.on != nil:
		p.err = p.on.GemmBatch(context.Background(), lanes, 1, a, b, beta, c, o)
	default:
		if err := blas.GemmBatch(lanes, 1, a, b, beta, c, o); err != nil {
			panic(err) // shapes are this package's own
		}
	}
}

package nn

import (
	"fmt"
	"sync"
)

// Hessian multiplies vectors with the Hessian of L(θ) = Σ_i scale_i·ℓ_i(θ), the exact one and not Gauss-Newton's, many
// vectors at once.
type Hessian struct {
	net     *Net
	tile    int
	lanes   int // vectors that a worker takes at a time
	base    *Pass
	workers []*tangents
	losses  []float32
}

// Batch is a batch of samples.
type Batch struct {
	X     []float32 // samples · Net.Input
	Y     []int32   // labels
	Scale []float32 // what a sample's loss counts in the sum
}

// vectorBytes is what the vectors that a worker takes at a time may hold: they stay in its cache.
const vectorBytes = 1 << 20

// NewHessian makes room for products with up to workers goroutines.
func (n *Net) NewHessian(workers int) *Hessian {
	workers = max(workers, 1)
	h := &Hessian{net: n, tile: n.Tile()}
	h.lanes = int(max(1, vectorBytes/n.tangentBytes(h.tile)))
	h.base = n.NewPass(1, h.tile, workers)
	h.base.keepCurvatures()
	h.losses = make([]float32, h.tile)
	for range workers {
		h.workers = append(h.workers, n.newTangents(h.base, h.lanes, h.tile))
	}
	return h
}

// keepCurvatures makes Backward keep what tangents need.
func (p *Pass) keepCurvatures() {
	p.curvatures = true
	for _, d := range p.net.nodes {
		p.slope = append(p.slope, make([]float32, p.most*d.out.values()))
		p.bend = append(p.bend, make([]float32, p.most*d.out.values()))
	}
	p.prob = make([]float32, p.most*p.net.Classes())
}

// Bytes is what the Hessian holds.
func (h *Hessian) Bytes() int64 {
	n := h.net
	return n.Bytes(h.tile)*2 + int64(len(h.workers)*h.lanes)*n.tangentBytes(h.tile)
}

// Multiply computes products for k vectors at parameters theta: hv (k×Size) = beta·hv + H·v for the rows of v (k×Size),
// and slope[r·samples+i] = v_r·∇ℓ_i, unscaled, the derivative of sample i's loss along vector r; slope may be nil.
// Vectors and parameters are in the layout of Pack. A vector's result does not depend on the others.
func (h *Hessian) Multiply(theta []float32, b Batch, k int, v, hv []float32, beta float32, slope []float32) {
	n := h.net
	samples := len(b.Y)
	if len(theta) < n.size || len(v) < k*n.size || len(hv) < k*n.size || len(b.X) != samples*n.input || len(b.Scale) != samples || slope != nil && len(slope) < k*samples {
		panic(fmt.Sprintf("nn: Hessian products of %d vectors of %d and %d samples: %d values of parameters, %d of vectors, %d of results, %d of samples, %d scales, %d slopes",
			k, n.size, samples, len(theta), len(v), len(hv), len(b.X), len(b.Scale), len(slope)))
	}
	if samples == 0 {
		scaleBy(hv[:k*n.size], beta)
	}
	for at := 0; at < samples; at += h.tile {
		rows := min(h.tile, samples-at)
		h.prepare(theta, b, at, rows)
		h.tileProducts(k, v, hv, beta, slope, at, samples)
		beta = 1
	}
}

// prepare runs the pass that all vectors share.
func (h *Hessian) prepare(theta []float32, b Batch, at, rows int) {
	p, width := h.base, h.net.input
	copy(p.X, b.X[at*width:(at+rows)*width])
	copy(p.Y, b.Y[at:at+rows])
	copy(p.Scale, b.Scale[at:at+rows])
	p.Begin(1, rows, false, theta, 0)
	p.Forward()
	p.Loss(h.losses)
	p.Backward(nil, 0, 0)
}

// tileProducts shares the vectors among the workers.
func (h *Hessian) tileProducts(k int, v, hv []float32, beta float32, slope []float32, at, samples int) {
	var mu sync.Mutex
	next := 0
	take := func() (lo, hi int) {
		mu.Lock()
		defer mu.Unlock()
		lo, hi = next, min(next+h.lanes, k)
		next = hi
		return lo, hi
	}
	work := func(t *tangents) {
		size := h.net.size
		for lo, hi := take(); lo < hi; lo, hi = take() {
			var s []float32
			if slope != nil {
				s = slope[lo*samples+at:]
			}
			t.multiply(hi-lo, v[lo*size:hi*size], hv[lo*size:hi*size], beta, s, samples)
		}
	}
	if len(h.workers) == 1 || k <= h.lanes {
		work(h.workers[0])
		return
	}
	var wg sync.WaitGroup
	for _, t := range h.workers {
		wg.Go(func() { work(t) })
	}
	wg.Wait()
}

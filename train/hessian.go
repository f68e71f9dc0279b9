package train

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"attrib/kernels"
	"attrib/train/nn"
)

// Hessian multiplies vectors with the Hessian of L(θ) = Σ_i scale_i·ℓ_i(θ), the exact one (not Gauss-Newton's, not
// Fisher's), many vectors at once. It keeps scratch memory between calls: a goroutine needs its own.
type Hessian struct {
	net     *nn.Net
	engine  *nn.Hessian
	workers int
	theta   []float32
	v, hv   []float32
}

// productVectors is how many vectors are held in the engine's layout at a time.
const productVectors = 256

// NewHessian is for models that list their layers. It uses up to workers goroutines. Default: GOMAXPROCS.
func NewHessian(m Model, workers int) (*Hessian, error) {
	net, err := NewNet(m)
	if err != nil {
		return nil, err
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Hessian{net: net, engine: net.NewHessian(workers), workers: workers, theta: make([]float32, net.Size())}, nil
}

// Products are H·v at parameters p for every row of v (k × p.Count(), F32: the tensors' values one behind the other in
// state_dict order and layout), in products of the same shape, and slopes (k × samples): slopes[r, i] = v_r·∇ℓ_i, the
// derivative of sample i's loss along vector r, not scaled. The batch is the rows of x with labels y, each scaled
// (the weighted mean of a batch of b samples has scale w_i/b; weight decay is the caller's to add). A row's result
// does not depend on the other rows, nor on the number of workers.
func (h *Hessian) Products(p Params, x kernels.Matrix, y []int32, scale []float32, v kernels.Matrix) (products, slopes kernels.Matrix, err error) {
	if p, err = p.Match(h.net.Specs()); err != nil {
		return products, slopes, err
	}
	if err := h.check(x, y, scale, v); err != nil {
		return products, slopes, err
	}
	b := nn.Batch{X: make([]float32, x.Rows*x.Cols), Y: y, Scale: scale}
	for i := range x.Rows {
		copy(b.X[i*x.Cols:], x.Row(i))
	}
	h.net.Pack(h.theta, p.values())
	size := h.net.Size()
	outcome, derivative := make([]float32, v.Rows*size), make([]float32, v.Rows*x.Rows)
	for at := 0; at < v.Rows; at += productVectors {
		h.some(b, v.Slice(at, min(at+productVectors, v.Rows)), outcome[at*size:], derivative[at*x.Rows:])
	}
	return kernels.F32(v.Rows, size, outcome), kernels.F32(v.Rows, x.Rows, derivative), nil
}

// some does up to productVectors vectors.
func (h *Hessian) some(b nn.Batch, v kernels.Matrix, products, slopes []float32) {
	k, size := v.Rows, h.net.Size()
	h.v, h.hv = grow(h.v, k*size), grow(h.hv, k*size)
	h.each(k, func(r int) { h.net.Pack(h.v[r*size:], h.split(v.Row(r))) })
	h.engine.Multiply(h.theta, b, k, h.v, h.hv, 0, slopes)
	h.each(k, func(r int) { h.net.Unpack(h.split(products[r*size:(r+1)*size]), h.hv[r*size:]) })
}

// each calls do for k rows, a part of them by every worker.
func (h *Hessian) each(k int, do func(r int)) {
	var wg sync.WaitGroup
	for w := range h.workers {
		wg.Go(func() {
			for r := w; r < k; r += h.workers {
				do(r)
			}
		})
	}
	wg.Wait()
}

// split are the tensors of one row.
func (h *Hessian) split(row []float32) [][]float32 {
	var out [][]float32
	for _, s := range h.net.Specs() {
		n := s.Values()
		out, row = append(out, row[:n]), row[n:]
	}
	return out
}

func (h *Hessian) check(x kernels.Matrix, y []int32, scale []float32, v kernels.Matrix) error {
	var all []error
	if v.Cols != h.net.Size() || v.Type != kernels.TypeF32 {
		all = append(all, fmt.Errorf("vectors have %d values of type %v, the model has %d parameters of type %v", v.Cols, v.Type, h.net.Size(), kernels.TypeF32))
	}
	if len(scale) != x.Rows {
		all = append(all, fmt.Errorf("%d scales for %d samples", len(scale), x.Rows))
	}
	for i, s := range scale {
		if !finite(s) {
			all = append(all, fmt.Errorf("row %d: scale %v", i, s))
			break
		}
	}
	if x.Rows == 0 {
		return errors.Join(append(all, errors.New("the batch is empty"))...)
	}
	all = append(all, Data{X: x, Y: y}.Validate(h.net.Input(), h.net.Classes()), checkTokens(h.net, x))
	return errors.Join(all...)
}

func grow(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}

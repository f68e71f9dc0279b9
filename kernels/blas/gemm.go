package blas

import (
	"errors"
	"fmt"
	"runtime"

	"attrib/kernels/simd"
)

// Options of a product. The zero value uses every core and the best path of the machine.
type Options struct {
	// Workers is the number of goroutines for a large product. Small ones take one. Default GOMAXPROCS.
	Workers int
	// Path is the class of instructions. Default [simd.Active].
	Path simd.Path
	// Bias is added to every row of every product, in place of β·C; β must then be 0. Product i uses
	// Bias[i·BiasStep:], as many values as C has columns. Default none.
	Bias []float32
	// BiasStep is the distance between the biases of two products, 0 when they share one. Default 0.
	BiasStep int
}

// Gemm sets c (m×n) to alpha·op(a)·op(b) + beta·c, where op(a) is m×k and op(b) k×n, transposed when their Trans is set.
// c is not transposed and overlaps neither a nor b.
func Gemm(alpha float32, a, b Matrix, beta float32, c Matrix, o Options) error {
	return GemmBatch(1, alpha, Batch{Matrix: a}, Batch{Matrix: b}, beta, Batch{Matrix: c}, o)
}

// GemmBatch does count products of one shape: c_i = alpha·op(a_i)·op(b_i) + beta·c_i. Operands may be shared (Step 0);
// results may not share an element.
func GemmBatch(count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error {
	p, err := newProduct(count, alpha, a, b, beta, c, o)
	if err != nil || p.count == 0 || p.m == 0 || p.n == 0 {
		return err
	}
	p.run()
	return nil
}

// product is a checked batch of products: what to do, and what the strips need to know of the operands.
type product struct {
	count, m, n, k int
	alpha, beta    float32
	a, b, c        Batch
	bias           []float32
	biasStep       int
	path           simd.Path
	workers        int
}

func newProduct(count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) (*product, error) {
	path, err := simd.Resolve(o.Path)
	m, k := a.Dims()
	k2, n := b.Dims()
	all := []error{err, a.check("A", count), b.check("B", count), c.check("C", count), checkBias(count, n, beta, o)}
	if count < 0 {
		all = append(all, fmt.Errorf("blas: a batch of %d products", count))
	}
	if c.Trans {
		all = append(all, errors.New("blas: C is transposed"))
	}
	if k != k2 || c.Rows != m || c.Cols != n {
		all = append(all, fmt.Errorf("blas: shapes do not match: (%d×%d)·(%d×%d) into %d×%d", m, k, k2, n, c.Rows, c.Cols))
	}
	if !c.apart(count) {
		all = append(all, fmt.Errorf("blas: %d results of %d×%d with stride %d overlap at a step of %d", count, c.Rows, c.Cols, c.stride(), c.Step))
	}
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	if alpha == 0 {
		k = 0
	}
	p := &product{count, m, n, k, alpha, beta, a, b, c, o.Bias, o.BiasStep, path, o.Workers}
	if p.workers <= 0 {
		p.workers = runtime.GOMAXPROCS(0)
	}
	return p, nil
}

func checkBias(count, n int, beta float32, o Options) error {
	switch {
	case o.Workers < 0:
		return fmt.Errorf("blas: %d workers", o.Workers)
	case o.Bias == nil:
		return nil
	case beta != 0:
		return errors.New("blas: a bias and β other than 0")
	case !(Batch{Matrix: Dense(1, n, o.Bias), Step: max(o.BiasStep, 0)}).fits(max(count, 1)) || o.BiasStep < 0:
		return fmt.Errorf("blas: %d values of bias are too few for %d rows of %d at a step of %d", len(o.Bias), count, n, o.BiasStep)
	}
	return nil
}

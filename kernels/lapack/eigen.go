package lapack

import (
	"errors"
	"math"
)

// EigenSym is A = V·diag(values)·Vᵀ for a symmetric matrix of which triangle t is given: the eigenvalues, rising, and
// the n×n matrix V whose column i is the unit vector of value i. A is not changed. Values and A·V − V·diag(values) are
// exact to about n·2⁻⁵²·‖A‖, V is orthogonal to about n·2⁻⁵². Memory is seven times that of A.
//
// The matrix is reduced to tridiagonal form by reflections, which is solved by divide and conquer, as by LAPACK's dsyevd.
func EigenSym(t Triangle, a Matrix, o Options) (values []float64, vectors Matrix, err error) {
	workers, k, err := o.resolve()
	if err := errors.Join(err, a.checkSquare("A")); err != nil {
		return nil, Matrix{}, err
	}
	n := a.Rows
	if n == 0 {
		return nil, Dense(0, 0, nil), nil
	}
	width := roundUp(n, lanes)
	full, exponent, err := spread(t, a, width)
	if err != nil {
		return nil, Matrix{}, err
	}
	tri := reduce(k, workers, n, width, full)
	d := newDivide(k, workers, tri)
	if !d.solve(0, n) {
		return nil, Matrix{}, errors.New("lapack: the eigenvalues did not converge")
	}
	vectors = Dense(n, n, d.kept)
	turn(workers, vectors, d.q)
	tri.apply(k, workers, vectors)
	for i := range d.d {
		d.d[i] = math.Ldexp(d.d[i], exponent)
	}
	return d.d, vectors, nil
}

// spread is the whole matrix divided by 2^exponent, which makes its largest element about 1, in rows of width values
// filled up with zeros.
func spread(t Triangle, a Matrix, width int) (full []float64, exponent int, err error) {
	n, largest := a.Rows, 0.0
	full = aligned(n * width)
	for i := range n {
		lo, hi := 0, i+1
		if t == Upper {
			lo, hi = i, n
		}
		for j := lo; j < hi; j++ {
			x := a.At(i, j)
			if x-x != 0 {
				return nil, 0, errors.New("lapack: the matrix is not finite")
			}
			full[i*width+j], full[j*width+i] = x, x
			largest = max(largest, math.Abs(x))
		}
	}
	_, exponent = math.Frexp(largest)
	for i := range full {
		full[i] = math.Ldexp(full[i], -exponent)
	}
	return full, exponent, nil
}

// turn sets dst to the transpose of src.
func turn(workers int, dst, src Matrix) {
	const edge = 8
	parallel(workers, (dst.Rows+edge-1)/edge, func(_, unit int) {
		for col := 0; col < dst.Cols; col += edge {
			for i := unit * edge; i < min(dst.Rows, (unit+1)*edge); i++ {
				for j := col; j < min(dst.Cols, col+edge); j++ {
					dst.Data[i*dst.Cols+j] = src.Data[j*src.Cols+i]
				}
			}
		}
	})
}

// applied is how many reflections are applied at once.
const applied = 96

// apply sets z to Q·z, blocks of reflections I − V·T·Vᵀ from the last to the first (Schreiber and Van Loan, "A
// storage-efficient WY representation for products of Householder transformations", 1989).
func (t *tridiagonal) apply(k *kernel, workers int, z Matrix) {
	p := newProduct(k, workers)
	m, turned := make([]float64, applied*t.n), make([]float64, applied*t.n)
	for first := (t.n - 2) / applied * applied; first >= 0 && t.n > 1; first -= applied {
		count := min(applied, t.n-1-first)
		from := first + 1 // rows above are not touched
		left := t.n - from
		below := Matrix{Rows: left, Cols: t.n, Stride: t.n, Data: z.Data[from*t.n:]}
		half := Dense(count, t.n, m[:count*t.n])
		clear(half.Data)
		across := view{t.v, first*t.width + from, 1, t.width}
		p.subtract(half, across, view{below.Data, 0, t.n, 1}, left)
		whole := Dense(count, t.n, turned[:count*t.n])
		clear(whole.Data)
		f := t.factors(k, first, count)
		p.subtract(whole, view{f, 0, 1, count}, view{half.Data, 0, t.n, 1}, count)
		p.subtract(below, view{t.v, first*t.width + from, t.width, 1}, view{whole.Data, 0, t.n, 1}, count)
	}
}

// factors is the upper triangle T, count×count, of a block of reflections.
func (t *tridiagonal) factors(k *kernel, first, count int) []float64 {
	f, dot := make([]float64, count*count), make([]float64, count)
	start := (first + 1) / lanes * lanes
	for j := range count {
		tau := t.tau[first+j]
		f[j*count+j] = tau
		if j == 0 {
			continue
		}
		k.dots(&dot[0], &t.v[first*t.width+start], t.width, j, &t.v[(first+j)*t.width+start], t.width-start)
		for i := range j {
			sum := 0.0
			for l := i; l < j; l++ {
				sum += float64(f[i*count+l] * dot[l])
			}
			f[i*count+j] = -tau * sum
		}
	}
	return f
}

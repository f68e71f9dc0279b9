package lapack

import "math"

// tridiagonal is a symmetric matrix as Q·T·Qᵀ, where T has diagonal d and e beside it, and Q is the product of the
// reflections I − tau·v·vᵀ, in order. Rows of v are filled up with zeros to a multiple of 32.
type tridiagonal struct {
	n, width int
	d, e     []float64 // n each; the last of e is 0
	tau      []float64
	v        []float64 // n rows of width values; row i is 0 up to column i and 1 in column i+1
}

// reflections is how many are collected before the rest of the matrix is updated.
const reflections = 32

// reduction is the way to a tridiagonal matrix, as in LAPACK's dsytrd. The matrix a is held in full, so that its rows
// are read in the order of memory.
type reduction struct {
	*tridiagonal
	*kernel
	workers int
	a       []float64 // n rows of width values; the rows and columns that are done are of no matter
	w       []float64 // rows of the other half of the update A − v·wᵀ − w·vᵀ, for the block at hand
	dot     []float64
	y       []float64
}

// reduce turns a, n rows of width values filled up with zeros, into tridiagonal form. a is written over.
func reduce(k *kernel, workers, n, width int, a []float64) *tridiagonal {
	t := &tridiagonal{n: n, width: width, d: make([]float64, n), e: make([]float64, n), tau: make([]float64, n)}
	t.v = aligned(n * width)
	r := &reduction{t, k, workers, a, aligned(reflections * width), make([]float64, 2*reflections), aligned(width)}
	p := newProduct(k, workers)
	for first := 0; first < n-1; first += reflections {
		last := min(first+reflections, n-1)
		for col := first; col < last; col++ {
			r.column(first, col)
		}
		r.update(p, first, last)
	}
	t.d[n-1] = a[(n-1)*width+n-1]
	return t
}

// row is the row of a block of rows of width values.
func (t *tridiagonal) row(m []float64, i int) []float64 { return m[i*t.width : (i+1)*t.width] }

// column makes the reflection of a column and what it needs of the update, where columns from first on are not in a
// yet.
func (r *reduction) column(first, col int) {
	x, start := r.row(r.a, col), col/lanes*lanes
	if done := col - first; done > 0 {
		for p := range done {
			r.dot[p], r.dot[reflections+p] = r.row(r.w, p)[col], r.row(r.v, first+p)[col]
		}
		r.subtractBlock(x, first, done, start)
	}
	r.d[col] = x[col]
	v := r.row(r.v, col)
	copy(v[col+1:r.n], x[col+1:r.n])
	r.e[col], r.tau[col] = reflect(v[col+1 : r.n])
	w := r.row(r.w, col-first)
	clear(w)
	if r.tau[col] != 0 {
		r.other(w, v, first, col)
	}
}

// subtractBlock subtracts Σ dot[p]·v_p + dot[32+p]·w_p from x, in columns from start on.
func (r *reduction) subtractBlock(x []float64, first, done, start int) {
	n := r.width - start
	r.combine(&x[start], &r.row(r.v, first)[start], r.width, done, &r.dot[0], n)
	r.combine(&x[start], &r.w[start], r.width, done, &r.dot[reflections], n)
}

// other sets w to tau·(A·v) − ½·tau²·(vᵀ·A·v)·v, with A as it is after the columns before.
func (r *reduction) other(w, v []float64, first, col int) {
	start, done := (col+1)/lanes*lanes, col-first
	n := r.width - start
	const rows = 32
	parallel(r.workers, (r.n-col-1+rows-1)/rows, func(_, unit int) {
		lo := col + 1 + unit*rows
		r.dots(&w[lo], &r.row(r.a, lo)[start], r.width, min(rows, r.n-lo), &v[start], n)
	})
	if done > 0 {
		r.dots(&r.dot[0], &r.w[start], r.width, done, &v[start], n)
		r.dots(&r.dot[reflections], &r.row(r.v, first)[start], r.width, done, &v[start], n)
		r.subtractBlock(w, first, done, start)
		clear(w[:col+1])
	}
	tau := r.tau[col]
	for i := col + 1; i < r.n; i++ {
		w[i] *= tau
	}
	var product float64
	r.dots(&product, &w[start], r.width, 1, &v[start], n)
	half := -0.5 * tau * product
	for i := col + 1; i < r.n; i++ {
		w[i] += float64(half * v[i])
	}
}

// update subtracts v·wᵀ + w·vᵀ of the block from the rows and columns that are left.
func (r *reduction) update(p *product, first, last int) {
	left, count := r.n-last, last-first
	if left < 2 {
		if left == 1 {
			for q := range count {
				r.a[last*r.width+last] -= 2 * r.row(r.v, first+q)[last] * r.row(r.w, q)[last]
			}
		}
		return
	}
	c := Matrix{Rows: left, Cols: left, Stride: r.width, Data: r.a[last*r.width+last:]}
	v, w := view{r.v, first*r.width + last, r.width, 1}, view{r.w, last, r.width, 1}
	p.subtract(c, v, w, count)
	p.subtract(c, w, v, count)
}

// negligible is what is 0 beside elements of about 1, and whose squares would lose digits.
const negligible = 1e-140

// reflect turns x into v of the reflection that takes x to (beta, 0, …), with v₀ = 1, as LAPACK's dlarfg.
func reflect(x []float64) (beta, tau float64) {
	rest := 0.0
	for i, v := range x[1:] {
		if math.Abs(v) < negligible {
			x[1+i] = 0
			continue
		}
		rest += float64(v * v)
	}
	alpha := x[0]
	x[0] = 1
	if rest == 0 {
		return alpha, 0
	}
	beta = -math.Copysign(math.Sqrt(float64(alpha*alpha)+rest), alpha)
	for i := range x[1:] {
		x[1+i] /= alpha - beta
	}
	return beta, (beta - alpha) / beta
}

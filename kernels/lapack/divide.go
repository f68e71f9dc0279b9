package lapack

import "math"

// leaf is the size that is not divided further.
const leaf = 32

// divide finds the eigenvalues of a tridiagonal matrix by Cuppen's method: halves, joined by a change of rank one, with
// the deflation of LAPACK's dlaed2 and the vectors of Gu and Eisenstat, "A divide-and-conquer algorithm for the
// symmetric tridiagonal eigenproblem" (1995).
type divide struct {
	workers int
	d, e    []float64
	q       Matrix // rows are vectors
	kept    []float64
	ratio   []float64
	out     []float64
	product *product
}

func newDivide(k *kernel, workers int, t *tridiagonal) *divide {
	n := t.n
	s := &divide{workers: workers, d: t.d, e: t.e, q: Dense(n, n, make([]float64, n*n)), product: newProduct(k, workers)}
	s.kept, s.ratio, s.out = make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		s.q.Data[i*n+i] = 1
	}
	return s
}

// row is row i of the vectors, in columns lo to hi−1.
func (s *divide) row(i, lo, hi int) []float64 { return s.q.Data[i*s.q.Cols+lo : i*s.q.Cols+hi] }

// solve leaves the rising eigenvalues of rows lo to hi−1 in d and their vectors in q.
func (s *divide) solve(lo, hi int) bool {
	if hi-lo <= leaf {
		return s.iterate(lo, hi)
	}
	mid := (lo + hi) / 2
	beta := s.e[mid-1]
	rho := math.Abs(beta)
	s.d[mid-1] -= rho
	s.d[mid] -= rho
	if !s.solve(lo, mid) || !s.solve(mid, hi) {
		return false
	}
	m := &merge{divide: s, lo: lo, hi: hi, z: make([]float64, hi-lo)}
	for i := range m.z {
		if i < mid-lo {
			m.z[i] = s.q.At(lo+i, mid-1) / math.Sqrt2
		} else {
			m.z[i] = math.Copysign(1, beta) * s.q.At(lo+i, mid) / math.Sqrt2
		}
	}
	m.rho = 2 * rho
	m.run()
	return true
}

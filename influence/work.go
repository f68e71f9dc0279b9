package influence

import (
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/mat"
)

// CurvatureOps is the arithmetic of factoring the curvature of w parameters and of solving for q outputs, without the
// pass that makes it.
func CurvatureOps(w, q int) int64 {
	n := int64(w)
	return n*n*n/3 + 2*int64(q)*n*n
}

// CurvatureMemory is what the curvature of w parameters and its factor take, in bytes.
func CurvatureMemory(w int) int64 { return 16 * int64(w) * int64(w) }

// CurvatureRate is how many operations of [CurvatureOps] this machine does in a second: a small matrix is factored.
func CurvatureRate() float64 {
	const n = 384
	a := mat.NewSymDense(n, nil)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		for j := range i {
			a.SetSym(i, j, r.Float64()-.5)
		}
		a.SetSym(i, i, n)
	}
	began := time.Now()
	var c mat.Cholesky
	c.Factorize(a)
	return float64(CurvatureOps(n, 0)) / time.Since(began).Seconds()
}

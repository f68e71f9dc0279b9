package lapack

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// EigenSym is A = V·diag(values)·Vᵀ for a symmetric matrix of which triangle t is given: the eigenvalues, rising, and
// the n×n matrix V whose column i is the unit vector of value i. A is not changed. The values are within about
// n·2⁻⁵²·‖A‖, V is orthogonal to about n·2⁻⁵².
func EigenSym(t Triangle, a Matrix) (values []float64, vectors Matrix, err error) {
	if err := a.checkSquare("A"); err != nil {
		return nil, Matrix{}, err
	}
	n := a.Rows
	if n == 0 {
		return nil, Dense(0, 0, nil), nil
	}
	full := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			x := a.At(i, j)
			if t == Upper {
				x = a.At(j, i)
			}
			if x-x != 0 {
				return nil, Matrix{}, errors.New("lapack: the matrix is not finite")
			}
			full.SetSym(i, j, x)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(full, true) {
		return nil, Matrix{}, errors.New("lapack: the eigenvalues did not converge")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return e.Values(nil), Dense(n, n, v.RawMatrix().Data), nil
}

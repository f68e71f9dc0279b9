package lapack

import (
	"errors"
	"fmt"
	"math"
)

// Norm is the 1-norm of a symmetric matrix of which triangle t is given: the largest sum of magnitudes of a column.
func Norm(t Triangle, a Matrix) float64 {
	sums := make([]float64, a.Rows)
	for i := range a.Rows {
		lo, hi := 0, i+1
		if t == Upper {
			lo, hi = i, a.Rows
		}
		for j := lo; j < hi; j++ {
			x := math.Abs(a.At(i, j))
			sums[j] += x
			if i != j {
				sums[i] += x
			}
		}
	}
	largest := 0.0
	for _, s := range sums {
		largest = max(largest, s)
	}
	return largest
}

// Condition estimates ‖A‖·‖A⁻¹‖ in the 1-norm, where chol is what [Cholesky] left in triangle t of A and norm is
// [Norm] of A before. The estimate is a lower bound, seldom less than a third of the truth.
func Condition(t Triangle, chol Matrix, norm float64, o Options) (float64, error) {
	if !(norm >= 0) {
		return 0, fmt.Errorf("lapack: a norm of %g", norm)
	}
	if err := chol.checkSquare("the factor"); err != nil || chol.Rows == 0 {
		return 0, err
	}
	var failed error
	inverse := inverseNorm(chol.Rows, func(x []float64) {
		failed = errors.Join(failed, Solve(t, chol, Dense(len(x), 1, x), o))
	})
	return norm * inverse, failed
}

// inverseNorm estimates the 1-norm of a symmetric operator from what it does to at most six vectors, by Higham's
// method.
func inverseNorm(n int, apply func(x []float64)) float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1 / float64(n)
	}
	apply(x)
	estimate, last := absSum(x), -1
	for range 4 {
		for i, v := range x {
			x[i] = math.Copysign(1, v)
		}
		apply(x)
		column := largestMagnitude(x)
		if last >= 0 && math.Abs(x[column]) <= math.Abs(x[last]) {
			break
		}
		clear(x)
		x[column], last = 1, column
		apply(x)
		sum := absSum(x)
		if sum <= estimate {
			break
		}
		estimate = sum
	}
	for i := range x {
		x[i] = 1 + float64(i)/float64(max(1, n-1))
		if i%2 == 1 {
			x[i] = -x[i]
		}
	}
	apply(x)
	return max(estimate, 2*absSum(x)/float64(3*n))
}

func absSum(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Abs(v)
	}
	return sum
}

func largestMagnitude(x []float64) int {
	at := 0
	for i, v := range x {
		if math.Abs(v) > math.Abs(x[at]) {
			at = i
		}
	}
	return at
}

package lapack

import "math"

// choleskyReference is the textbook: column after column of L, in the lower triangle of a.
func choleskyReference(a Matrix) error {
	s := a.stride()
	for j := range a.Rows {
		for i := j; i < a.Rows; i++ {
			sum := a.Data[i*s+j]
			for k := range j {
				sum -= a.Data[i*s+k] * a.Data[j*s+k]
			}
			if i == j {
				if !(sum > 0) {
					return &PivotError{j, sum}
				}
				a.Data[i*s+j] = math.Sqrt(sum)
				continue
			}
			a.Data[i*s+j] = sum / a.Data[j*s+j]
		}
	}
	return nil
}

// solveReference is substitution, element after element: op(T)·X = b in place.
func solveReference(t Triangle, trans bool, a, b Matrix) {
	n := a.Rows
	element := func(i, j int) float64 {
		if trans {
			i, j = j, i
		}
		return a.At(i, j)
	}
	for step := range n {
		i, lo, hi := step, 0, step
		if (t == Lower) == trans {
			i = n - 1 - step
			lo, hi = i+1, n
		}
		for c := range b.Cols {
			sum := b.At(i, c)
			for j := lo; j < hi; j++ {
				sum -= element(i, j) * b.At(j, c)
			}
			b.Data[i*b.stride()+c] = sum / element(i, i)
		}
	}
}

package cuda

import (
	"math"

	"attrib/kernels"
)

// unitQueries are the queries scaled to unit length, in their gradients, as kernels/cpu does. A power of two goes from
// the one factor of a layer to the other, so that neither leaves the range of float32.
func unitQueries(q kernels.FactoredQueries) kernels.FactoredQueries {
	out := kernels.FactoredQueries{Rows: q.Rows, Factors: q.Factors}
	for l := range q.Factors {
		out.A, out.D = append(out.A, compact(q.A[l])), append(out.D, compact(q.D[l]))
	}
	for i := range q.Rows {
		scale := 0.0
		if norm := math.Sqrt(kernels.FactoredNorm(q.Factors, q.A, q.D, i)); norm > 0 {
			scale = 1 / norm
		}
		for l, f := range q.Factors {
			a, d := out.A[l].Slice(i*f.Positions, (i+1)*f.Positions), out.D[l].Slice(i*f.Positions, (i+1)*f.Positions)
			_, e := math.Frexp(largest(a))
			multiplyBy(a, math.Ldexp(1, -e))
			multiplyBy(d, math.Ldexp(scale, e))
		}
	}
	return out
}

// compact is a copy without gaps.
func compact(m kernels.Matrix) kernels.Matrix {
	out := kernels.F32(m.Rows, m.Cols, make([]float32, m.Rows*m.Cols))
	for i := range m.Rows {
		copy(out.Row(i), m.Row(i))
	}
	return out
}

func largest(m kernels.Matrix) float64 {
	top := 0.0
	for _, v := range m.Floats() {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}

func multiplyBy(m kernels.Matrix, scale float64) {
	for i, v := range m.Floats() {
		m.Floats()[i] = float32(float64(v) * scale)
	}
}

package cuda

import (
	"math"

	"attrib/kernels"
)

const (
	panelQueries = 64 // queries of a panel (simt.cuh)
	panelColumns = 16 // columns are padded to a multiple
)

func roundUp[N int | int64](n, to N) N { return (n + to - 1) / to * to }

// panels packs queries for the exact kernels: [panel][columns, padded][64].
func panels(q kernels.Matrix) (packed []float32, panelBytes int64) {
	depth := roundUp(q.Cols, panelColumns)
	size := depth * panelQueries
	packed = make([]float32, (q.Rows+panelQueries-1)/panelQueries*size)
	for i := range q.Rows {
		at := i/panelQueries*size + i%panelQueries
		for k, v := range q.Row(i) {
			packed[at+k*panelQueries] = v
		}
	}
	return packed, int64(4 * size)
}

// unitQueries is a copy without gaps, scaled to unit length as kernels/cpu does.
func unitRows(q kernels.Matrix) kernels.Matrix {
	out := kernels.F32(q.Rows, q.Cols, make([]float32, q.Rows*q.Cols))
	for i := range q.Rows {
		scale := 0.0
		if norm := math.Sqrt(kernels.SquaredNorm(q.Row(i))); norm > 0 {
			scale = 1 / norm
		}
		for k, v := range q.Row(i) {
			out.Row(i)[k] = float32(float64(v) * scale)
		}
	}
	return out
}

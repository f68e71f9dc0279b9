//go:build !amd64

package cpu

import "attrib/kernels/simd"

func gramTop(_ simd.Path, run []float32, top []uint32) { plainTop(run, top) }

func gramBlock(g *gram, s *gramSpare, row, col int, out []float64, stride int) {
	plainBlock(g, s, row, col, out, stride)
}

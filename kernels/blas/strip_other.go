//go:build !amd64

package blas

import "attrib/kernels/simd"

func stripCols(simd.Path) int { return genericCols }

func stripDepth(simd.Path) int { return 256 }

func multiply(_ simd.Path, s *strip) { stripGeneric(s) }

func transposeBlocks(simd.Path, []float32, []float32, int, int, int, int) (doneRows, doneCols int) {
	return 0, 0
}

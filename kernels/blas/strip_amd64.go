package blas

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. blas/gemm_amd64.s blas/transpose_amd64.s

// stripCols is the number of columns of a path's widest strip.
func stripCols(p simd.Path) int {
	return [...]int{simd.Generic: genericCols, simd.AVX2: 16, simd.AVX512: 64}[p]
}

// stripDepth is the number of steps of k between pauses of the sums.
func stripDepth(p simd.Path) int {
	return [...]int{simd.Generic: 256, simd.AVX2: 256, simd.AVX512: maxDepth}[p]
}

// multiply does a strip of at most stripCols columns.
func multiply(p simd.Path, s *strip) {
	switch p {
	case simd.AVX512:
		s.setCols(s.cols, 16)
		strips512(s)
	case simd.AVX2:
		s.setCols(s.cols, 8)
		strips256(s)
	default:
		stripGeneric(s)
	}
}

func strips512(s *strip) {
	switch (s.cols + 15) / 16 {
	case 1:
		strip512x1(s)
	case 2:
		strip512x2(s)
	case 3:
		strip512x3(s)
	default:
		strip512x4(s)
	}
}

func strips256(s *strip) {
	switch whole := s.cols%8 == 0; {
	case whole && s.cols > 8:
		strip256x2(s)
	case whole:
		strip256x1(s)
	case s.cols > 8:
		strip256x2m(s)
	default:
		strip256x1m(s)
	}
}

// transposeBlocks sets dst (cols×rows) to the transpose of src (rows×cols) for whole blocks of 8×8 and returns how many
// rows and columns of src that was.
func transposeBlocks(p simd.Path, dst, src []float32, dstStride, srcStride, rows, cols int) (doneRows, doneCols int) {
	if p == simd.Generic || rows < 8 || cols < 8 {
		return 0, 0
	}
	transpose8(&dst[0], &src[0], dstStride, srcStride, rows/8, cols/8)
	return rows &^ 7, cols &^ 7
}

//go:noescape
func strip512x4(s *strip)

//go:noescape
func strip512x3(s *strip)

//go:noescape
func strip512x2(s *strip)

//go:noescape
func strip512x1(s *strip)

//go:noescape
func strip256x2(s *strip)

//go:noescape
func strip256x2m(s *strip)

//go:noescape
func strip256x1(s *strip)

//go:noescape
func strip256x1m(s *strip)

//go:noescape
func transpose8(dst, src *float32, dstStride, srcStride, rows, cols int)

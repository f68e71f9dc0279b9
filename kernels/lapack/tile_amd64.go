package lapack

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. lapack/tile_amd64.s lapack/vector_amd64.s

var kernels = [...]kernel{
	simd.Generic: plain,
	simd.AVX2:    {4, 12, subtract256, substitute256, dots256, combine256},
	simd.AVX512:  {8, 24, subtract512, substitute512, dots512, combine512},
}

//go:noescape
func subtract256(t *tile)

//go:noescape
func subtract512(t *tile)

//go:noescape
func substitute256(t *tile)

//go:noescape
func substitute512(t *tile)

//go:noescape
func dots256(out, rows *float64, stride, count int, x *float64, n int)

//go:noescape
func dots512(out, rows *float64, stride, count int, x *float64, n int)

//go:noescape
func combine256(y, rows *float64, stride, count int, factors *float64, n int)

//go:noescape
func combine512(y, rows *float64, stride, count int, factors *float64, n int)

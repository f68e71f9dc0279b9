package lapack

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. lapack/tile_amd64.s

var kernels = [...]kernel{
	simd.Generic: plain,
	simd.AVX2:    {4, 12, subtract256, substitute256},
	simd.AVX512:  {8, 24, subtract512, substitute512},
}

//go:noescape
func subtract256(t *tile)

//go:noescape
func subtract512(t *tile)

//go:noescape
func substitute256(t *tile)

//go:noescape
func substitute512(t *tile)

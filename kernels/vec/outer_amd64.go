package vec

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. vec/outer_amd64.s

var outers = [...]func(*outerTile){simd.Generic: genericOuter, simd.AVX2: outer256, simd.AVX512: outer512}

//go:noescape
func outer256(t *outerTile)

//go:noescape
func outer512(t *outerTile)

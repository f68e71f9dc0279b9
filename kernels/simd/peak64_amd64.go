package simd

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. simd/peak64_amd64.s

var loops64 = map[Path]loop64{Generic: {scalar64, 16}, AVX2: {double256, 2 * 4 * 12}, AVX512: {double512, 2 * 8 * 24}}

// double256 does 12 independent multiply-adds of 4 lanes a round.
//
//go:noescape
func double256(rounds int) float64

// double512 does 24 independent multiply-adds of 8 lanes a round.
//
//go:noescape
func double512(rounds int) float64

package simd

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. simd/peak_amd64.s

var loops = map[Path]loop{Generic: {scalar, 16}, AVX2: {fma256, 2 * 8 * 48}, AVX512: {fma512, 2 * 16 * 96}}

// fma256 does 48 multiply-adds of 8 lanes a round, 12 independent ones at a time.
//
//go:noescape
func fma256(rounds int) float32

// fma512 does 96 multiply-adds of 16 lanes a round, 24 independent ones at a time.
//
//go:noescape
func fma512(rounds int) float32

package simd

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. simd/bandwidth_amd64.s

var readers = map[Path]func([]byte){
	Generic: readGeneric,
	AVX2:    func(m []byte) { pieces(m, read256) },
	AVX512:  func(m []byte) { pieces(m, read512) },
}

//go:noescape
func read256(x *byte, n int)

//go:noescape
func read512(x *byte, n int)

package cpu

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. cpu/factored_amd64.s

// multiplyAdds are, by path, dst += x·y, fused, for n numbers in whole vectors.
var multiplyAdds = map[simd.Path]func(dst, x, y *float32, n int){simd.AVX512: multiplyAdd512, simd.AVX2: multiplyAdd256}

//go:noescape
func multiplyAdd512(dst, x, y *float32, n int)

//go:noescape
func multiplyAdd256(dst, x, y *float32, n int)

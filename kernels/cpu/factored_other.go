//go:build !amd64

package cpu

import "attrib/kernels/simd"

var multiplyAdds map[simd.Path]func(dst, x, y *float32, n int)

//go:build !amd64

package cpu

import "attrib/kernels/simd"

var units map[simd.Path]*unit

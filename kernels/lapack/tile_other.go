//go:build !amd64

package lapack

import "attrib/kernels/simd"

var kernels = [...]kernel{simd.Generic: plain}

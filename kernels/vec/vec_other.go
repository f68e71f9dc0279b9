//go:build !amd64

package vec

import "attrib/kernels/simd"

var units = [...]unit{simd.Generic: generic}

//go:build !amd64

package walk

import "attrib/kernels/simd"

var units = [...]unit{simd.Generic: {}}

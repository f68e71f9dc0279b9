//go:build !amd64

package project

import "attrib/kernels/simd"

var units = [...]unit{simd.Generic: plain}

//go:build !amd64

package vec

import "attrib/kernels/simd"

var outers = [...]func(*outerTile){simd.Generic: genericOuter}

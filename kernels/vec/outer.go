package vec

import (
	"fmt"

	"attrib/kernels/simd"
)

// outerTile is a sum of outer products: element (o, j) of dst is Σ_p d[p,o]·a[p,j]. The assembly reads it by the names
// of its fields; distances are in values.
type outerTile struct {
	dst, a, d          *float32
	rowDst, rowA, rowD int // from row to row, and from position to position
	rows, cols         int // of dst
	positions          int // at least 1
}

// outerCols is the number of columns that are done for all rows when there are several positions: their a stay in the
// first cache.
const outerCols = 128

// OuterSum sets dst, rows × cols without gaps, to the sum of positions outer products: element (o, j) becomes
// Σ_p d[p·strideD+o]·a[p·strideA+j], every product and every sum rounded, in the order of p. All paths give the same
// bits.
func OuterSum(dst []float32, rows, cols, positions int, d []float32, strideD int, a []float32, strideA int) {
	if rows <= 0 || cols <= 0 || positions <= 0 {
		panic(fmt.Sprintf("vec: OuterSum of %d×%d over %d positions", rows, cols, positions))
	}
	if strideD < rows || strideA < cols || !fits(len(dst), rows, cols, cols) || !fits(len(d), positions, rows, strideD) || !fits(len(a), positions, cols, strideA) {
		panic(fmt.Sprintf("vec: OuterSum of %d×%d over %d positions with strides %d and %d from %d and %d values into %d",
			rows, cols, positions, strideD, strideA, len(d), len(a), len(dst)))
	}
	outerSum(outers[simd.Active()], dst, rows, cols, positions, d, strideD, a, strideA)
}

func outerSum(kernel func(*outerTile), dst []float32, rows, cols, positions int, d []float32, strideD int, a []float32, strideA int) {
	step := outerCols
	if positions == 1 {
		step = cols
	}
	for j := 0; j < cols; j += step {
		kernel(&outerTile{&dst[j], &a[j], &d[0], cols, strideA, strideD, rows, min(step, cols-j), positions})
	}
}

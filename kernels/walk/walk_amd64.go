package walk

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. walk/walk_amd64.s

var units = [...]unit{
	simd.Generic: {},
	simd.AVX2: {
		lanes: 4,
		sum: func(omega []int64, x []int32, sums []int64, gain *[8]int64) {
			sum256(&omega[0], &x[0], &sums[0], len(omega)/4, &gain[0])
		},
		best: func(omega []int64, x []int32, had, sums []int64, gain *[8]int64) {
			best256(&omega[0], &x[0], &had[0], &sums[0], len(omega)/4, &gain[0])
		},
		curve: func(omega []int64, x []int32, had, credit, sums, knots []int64, gain *[8]int64) {
			curve256(&omega[0], &x[0], &had[0], &credit[0], &sums[0], &knots[0], len(omega)/4, &gain[0])
		},
	},
	simd.AVX512: {
		lanes: 8,
		sum: func(omega []int64, x []int32, sums []int64, gain *[8]int64) {
			sum512(&omega[0], &x[0], &sums[0], len(omega)/8, &gain[0])
		},
		best: func(omega []int64, x []int32, had, sums []int64, gain *[8]int64) {
			best512(&omega[0], &x[0], &had[0], &sums[0], len(omega)/8, &gain[0])
		},
		curve: func(omega []int64, x []int32, had, credit, sums, knots []int64, gain *[8]int64) {
			curve512(&omega[0], &x[0], &had[0], &credit[0], &sums[0], &knots[0], len(omega)/8, &gain[0])
		},
	},
}

//go:noescape
func sum256(omega *int64, x *int32, sums *int64, n int, gain *int64)

//go:noescape
func sum512(omega *int64, x *int32, sums *int64, n int, gain *int64)

//go:noescape
func best256(omega *int64, x *int32, had, sums *int64, n int, gain *int64)

//go:noescape
func best512(omega *int64, x *int32, had, sums *int64, n int, gain *int64)

//go:noescape
func curve256(omega *int64, x *int32, had, credit, sums, knots *int64, n int, gain *int64)

//go:noescape
func curve512(omega *int64, x *int32, had, credit, sums, knots *int64, n int, gain *int64)

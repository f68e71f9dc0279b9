package cpu

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. cpu/score_amd64.s cpu/few_amd64.s cpu/fold_amd64.s cpu/rows_amd64.s

var units = map[simd.Path]*unit{
	simd.AVX512: {
		lanes: 16, most: 4, cached: 1 << 15, sumLanes: 8,
		dot:         []func(*block){dot512x1, dot512x2, dot512x3, dot512x4},
		distance:    []func(*block){distance512x1, distance512x2, distance512x3, distance512x4},
		fewDot:      [...]func(*block){dot512few1, dot512few2, dot512few3, dot512few4},
		fewDistance: [...]func(*block){distance512few1, distance512few2, distance512few3, distance512few4},
		pick:        []func(*pick) int{pick512x1, pick512x2, pick512x3, pick512x4},
		add:         [...]func(*adds){sum512, positive512, greatest512, squares512},
		largest:     largest512,
		scaleRows:   scaleRows512,
		norms:       norms512,
		widenBF16:   widenBF16512,
		widenF16:    widenF16512,
		widenI8:     widenI8512,
		transpose:   transpose8,
	},
	simd.AVX2: {
		lanes: 8, most: 2, cached: 1 << 12, sumLanes: 4, sumRows: 1 << 13,
		dot:         []func(*block){dot256x1, dot256x2},
		distance:    []func(*block){distance256x1, distance256x2},
		fewDot:      [...]func(*block){dot256few1, dot256few2, dot256few3, dot256few4},
		fewDistance: [...]func(*block){distance256few1, distance256few2, distance256few3, distance256few4},
		pick:        []func(*pick) int{pick256x1, pick256x2},
		add:         [...]func(*adds){sum256, positive256, greatest256, squares256},
		largest:     largest256,
		scaleRows:   scaleRows256,
		norms:       norms256,
		widenBF16:   widenBF16256,
		widenF16:    widenF16256,
		widenI8:     widenI8256,
		transpose:   transpose8,
	},
}

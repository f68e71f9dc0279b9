package vec

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. vec/vec_amd64.s

var units = [...]unit{
	simd.Generic: generic,
	simd.AVX2: {
		exp:      func(dst, x []float32) { exp256(&dst[0], &x[0], len(x)) },
		tanh:     func(dst, x []float32) { tanh256(&dst[0], &x[0], len(x)) },
		tanhGrad: func(delta, h []float32) { tanhGrad256(&delta[0], &h[0], len(h)) },
		multiply: func(dst, a, b []float32) { multiply256(&dst[0], &a[0], &b[0], len(dst)) },
		blend:    func(x, a, b, y []float32) { blend256(&x[0], &a[0], &b[0], &y[0], len(x)) },
		rowSums: func(x []float32, rows, cols, stride int, peak, sum []float32) {
			rowSums256(&x[0], rows, cols, stride, &peak[0], &sum[0])
		},
		shiftRows: func(dst, x []float32, rows, cols, stride int, peak, log []float32) {
			shiftRows256(&dst[0], &x[0], rows, cols, stride, &peak[0], &log[0])
		},
	},
	simd.AVX512: {
		exp:      func(dst, x []float32) { exp512(&dst[0], &x[0], len(x)) },
		tanh:     func(dst, x []float32) { tanh512(&dst[0], &x[0], len(x)) },
		tanhGrad: func(delta, h []float32) { tanhGrad512(&delta[0], &h[0], len(h)) },
		multiply: func(dst, a, b []float32) { multiply512(&dst[0], &a[0], &b[0], len(dst)) },
		blend:    func(x, a, b, y []float32) { blend512(&x[0], &a[0], &b[0], &y[0], len(x)) },
		rowSums: func(x []float32, rows, cols, stride int, peak, sum []float32) {
			rowSums512(&x[0], rows, cols, stride, &peak[0], &sum[0])
		},
		shiftRows: func(dst, x []float32, rows, cols, stride int, peak, log []float32) {
			shiftRows512(&dst[0], &x[0], rows, cols, stride, &peak[0], &log[0])
		},
	},
}

//go:noescape
func exp256(dst, x *float32, n int)

//go:noescape
func exp512(dst, x *float32, n int)

//go:noescape
func tanh256(dst, x *float32, n int)

//go:noescape
func tanh512(dst, x *float32, n int)

//go:noescape
func tanhGrad256(delta, h *float32, n int)

//go:noescape
func multiply256(dst, a, b *float32, n int)

//go:noescape
func blend256(x, a, b, y *float32, n int)

//go:noescape
func tanhGrad512(delta, h *float32, n int)

//go:noescape
func multiply512(dst, a, b *float32, n int)

//go:noescape
func blend512(x, a, b, y *float32, n int)

//go:noescape
func rowSums256(x *float32, rows, cols, stride int, peak, sum *float32)

//go:noescape
func rowSums512(x *float32, rows, cols, stride int, peak, sum *float32)

//go:noescape
func shiftRows256(dst, x *float32, rows, cols, stride int, peak, log *float32)

//go:noescape
func shiftRows512(dst, x *float32, rows, cols, stride int, peak, log *float32)

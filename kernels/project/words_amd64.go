package project

import "attrib/kernels/simd"

var units = [...]unit{
	simd.Generic: plain,
	simd.AVX2: {
		lanes: 8,
		words: func(out []uint32, groups int, counter *[4]uint32, keys *[20]uint32) {
			words256(&out[0], groups, counter, keys)
		},
		signs: func(dst []float32, words []uint32) { signs256(&dst[0], &words[0], len(dst)/32) },
		normals: func(dst []float32, words []uint32, table []float32) {
			normals256(&dst[0], &words[0], len(dst)/8, &table[0])
		},
	},
	simd.AVX512: {
		lanes: 16,
		words: func(out []uint32, groups int, counter *[4]uint32, keys *[20]uint32) {
			words512(&out[0], groups, counter, keys)
		},
		signs: func(dst []float32, words []uint32) { signs512(&dst[0], &words[0], len(dst)/32) },
		normals: func(dst []float32, words []uint32, table []float32) {
			if n := len(dst) / 16; n > 0 {
				normals512(&dst[0], &words[0], n, &table[0])
			}
			if at := len(dst) / 16 * 16; at < len(dst) { // a block is half a vector
				normals256(&dst[at], &words[at/2], 1, &table[0])
			}
		},
	},
}

//go:noescape
func words256(out *uint32, groups int, counter *[4]uint32, keys *[20]uint32)

//go:noescape
func words512(out *uint32, groups int, counter *[4]uint32, keys *[20]uint32)

//go:noescape
func signs256(dst *float32, words *uint32, n int)

//go:noescape
func signs512(dst *float32, words *uint32, n int)

//go:noescape
func normals256(dst *float32, words *uint32, n int, table *float32)

//go:noescape
func normals512(dst *float32, words *uint32, n int, table *float32)

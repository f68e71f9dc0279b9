// Package project makes the random signs of projections. [Signs] gives a row of a sign matrix, [Apply] multiplies by one.
//
// The signs come from a counter-based generator (package internal/philox), keyed by seed, matrix, row and column: the same
// bits on every machine and in every order, and in the Python package attrib_torch. Entry (r, c) of matrix m is bit c mod 32
// of word (c mod 128) div 32 of block (c div 128, r, m), where 0 stands for +1 and 1 for −1.
//
// A two-sided projection (LoGra: Choe et al. 2024, arXiv 2405.13954) takes layer l's activations by matrix 2l and its output
// gradients by matrix 2l+1, each divided by the root of the number of its rows.
package project

import (
	"encoding/binary"
	"math"

	"attrib/internal/philox"
	"attrib/kernels"
)

// Matrix is a matrix of random signs.
type Matrix struct {
	key    [2]uint32
	number [2]uint32
}

// New is the matrix of that number under a seed.
func New(seed [32]byte, number uint64) Matrix {
	var w [8]uint32
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(seed[4*i:])
	}
	x := philox.Block([4]uint32{w[2], w[3], w[4], w[5]}, [2]uint32{w[0] ^ w[6], w[1] ^ w[7]})
	return Matrix{[2]uint32{w[0] ^ x[0], w[1] ^ x[1]}, [2]uint32{uint32(number) ^ x[2], uint32(number>>32) ^ x[3]}}
}

// Signs sets dst to entries 0 … len(dst)−1 of a row: +1 or −1.
func (m Matrix) Signs(row uint32, dst []float32) {
	for b := 0; b < len(dst); b += 128 {
		words := philox.Block([4]uint32{uint32(b / 128), row, m.number[0], m.number[1]}, m.key)
		for i := range min(128, len(dst)-b) {
			dst[b+i] = math.Float32frombits(0x3f800000 | words[i/32]>>(i%32)<<31)
		}
	}
}

// Apply projects the lines of x (n×w, F32) to k numbers each: x·Pᵀ with P (k×w) the signs over √k, in float64, rounded once.
func (m Matrix) Apply(x kernels.Matrix, k int) kernels.Matrix {
	out := kernels.F32(x.Rows, k, make([]float32, x.Rows*k))
	signs, scale := make([]float32, x.Cols), 1/math.Sqrt(float64(k))
	for r := range k {
		m.Signs(uint32(r), signs)
		for i := range x.Rows {
			sum := 0.0
			for j, v := range x.Row(i) {
				sum += float64(v) * float64(signs[j])
			}
			out.Row(i)[r] = float32(sum * scale)
		}
	}
	return out
}

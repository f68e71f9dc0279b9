package project

import (
	"math"
	"math/bits"

	"attrib/internal/philox"
	"attrib/kernels"
)

// refEntry is an entry from its definition, in float64, without the factor that a projection has.
func (m Matrix) refEntry(kind Kind, row, column uint32) float64 {
	if kind == Sign {
		words := philox.Block([4]uint32{column / 128, row, m.number[0], m.number[1]}, m.key)
		return 1 - 2*float64(words[column%128/32]>>(column%32)&1)
	}
	words := philox.Block([4]uint32{column / 8, row, m.number[0], m.number[1]}, m.key)
	half := words[column%8/2] >> (16 * (column % 2))
	x := float64(magnitudes()[half&0xfff])
	if half>>15&1 == 1 {
		return -x
	}
	return x
}

// place is where nonzero t of s of a column stands, and whether it is negative.
func (m Matrix) place(column, t uint32, k, s int) (row int, negative bool) {
	w := philox.Block([4]uint32{column, t, m.number[0], m.number[1]}, m.key)
	return placeOf(w[0], w[1], int(t), k, s)
}

// placeOf makes a place of two words: nonzero t lies in rows t·k/s … (t+1)·k/s − 1.
func placeOf(w0, w1 uint32, t, k, s int) (row int, negative bool) {
	from, to := t*k/s, (t+1)*k/s
	at, _ := bits.Mul32(w0, uint32(to-from))
	return from + int(at), w1&1 == 1
}

// refProject is x·Pᵀ from the definition, in float64, rounded once.
func (m Matrix) refProject(x kernels.Matrix, k int, o Options) kernels.Matrix {
	out, s := kernels.F32(x.Rows, k, make([]float32, x.Rows*k)), o.nonzeros(k)
	for i := range x.Rows {
		sums := make([]float64, k)
		for c, v := range x.Row(i) {
			if o.Kind == Sparse {
				for t := range s {
					row, negative := m.place(uint32(c), uint32(t), k, s)
					sums[row] += map[bool]float64{false: 1, true: -1}[negative] * float64(v)
				}
				continue
			}
			for r := range sums {
				sums[r] += m.refEntry(o.Kind, uint32(r), uint32(c)) * float64(v)
			}
		}
		for r, v := range sums {
			out.Row(i)[r] = float32(v / math.Sqrt(float64(o.divisor(k))))
		}
	}
	return out
}

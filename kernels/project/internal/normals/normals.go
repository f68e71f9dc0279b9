// Package normals computes the table of magnitudes of normal numbers that package project reads from a file: the file is the
// same for every machine, the last bits of this computation are not.
package normals

import (
	"encoding/binary"
	"math"
)

// Len is the number of magnitudes.
const Len = 4096

// Table are the magnitudes as float32, little-endian: |x| in the middle of each of Len parts of equal probability of the standard
// normal distribution, times what makes their mean square 1.
func Table() []byte {
	v, square := make([]float64, Len), 0.0
	for i := range v {
		v[i] = math.Sqrt2 * math.Erfinv((float64(i)+.5)/Len)
		square += v[i] * v[i] / Len
	}
	var out []byte
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(x/math.Sqrt(square))))
	}
	return out
}

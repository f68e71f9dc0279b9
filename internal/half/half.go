// Package half converts between single precision and the two 16-bit formats: IEEE 754 binary16 (F16) and the upper half
// of a single (BF16). Rounding is to nearest, ties to even. What is too large becomes an infinity, as in PyTorch and NumPy.
package half

import "math"

// FromF16 is the value of a binary16 number, exactly.
func FromF16(h uint16) float32 {
	sign, exponent, mantissa := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 0: // zero or denormal: mantissa · 2⁻²⁴
		v := float32(mantissa) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | mantissa<<13)
}

// ToF16 rounds to binary16.
func ToF16(x float32) uint16 {
	b := math.Float32bits(x)
	sign, b := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case b > 0x7f800000: // a NaN keeps what fits of its payload, and stays one
		return sign | 0x7e00 | uint16(b>>13)&0x1ff
	case b >= 0x477ff000: // 65520 and more
		return sign | 0x7c00
	case b < 0x38800000: // below 2⁻¹⁴: a denormal. Adding 1/2 puts its units in the last places and rounds
		v := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(v)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1 // round the 13 bits that are dropped
	return sign | uint16((b-112<<23)>>13)
}

// FromBF16 is the value of a BF16 number, exactly.
func FromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// ToBF16 rounds to BF16.
func ToBF16(x float32) uint16 {
	b := math.Float32bits(x)
	if b&0x7fffffff > 0x7f800000 {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

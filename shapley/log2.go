package shapley

import "math/bits"

// logFraction is the number of fraction bits of fixedLog2.
const logFraction = 56

// ln2 is ⌊ln 2 · 2⁶⁴⌋.
const ln2 = 0xB17217F7D1CF79AB

// fixedLog2 is log2(y)·2⁵⁶ for y ≥ 1, low by less than 2⁻⁵³·2⁵⁶: bit by bit, by squaring the mantissa (Knuth, TAOCP 1,
// 1.2.2, exercise 25). Integers only, so that it is the same on every machine.
func fixedLog2(y uint64) uint64 {
	whole := bits.Len64(y) - 1
	m := y << (63 - whole) // mantissa in [1, 2), as m·2⁻⁶³
	result := uint64(whole) << logFraction
	for bit := logFraction - 1; bit >= 0; bit-- {
		hi, lo := bits.Mul64(m, m) // m² in [1, 4), as hi·2⁻⁶²
		if hi>>63 == 1 {
			result |= 1 << bit
			m = hi
		} else {
			m = hi<<1 | lo>>63
		}
	}
	return result
}

// fixedLog1p is ln(1 + x/unit)·2^c rounded, for unit ≥ 1, c ≤ 31 and x, unit < 2³³.
func fixedLog1p(x, unit uint64, c int) int64 {
	natural, _ := bits.Mul64(fixedLog2(unit+x)-fixedLog2(unit), ln2) // ln(1+x/unit)·2⁵⁶
	shift := logFraction - c
	return int64((natural + 1<<(shift-1)) >> shift)
}

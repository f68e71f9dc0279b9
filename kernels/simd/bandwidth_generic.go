package simd

import "encoding/binary"

var readSink [64]uint64 // keeps the compiler from dropping the loop

func readGeneric(m []byte) {
	var a, b, c, d uint64
	for ; len(m) >= 32; m = m[32:] {
		a |= binary.NativeEndian.Uint64(m)
		b |= binary.NativeEndian.Uint64(m[8:])
		c |= binary.NativeEndian.Uint64(m[16:])
		d |= binary.NativeEndian.Uint64(m[24:])
	}
	if a|b|c|d == 0 {
		readSink[0] = 1 // never: the memory was written
	}
}

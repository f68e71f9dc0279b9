package vec

import "unsafe"

// genericOuter is the tile in plain Go.
func genericOuter(t *outerTile) {
	dst := unsafe.Slice(t.dst, (t.rows-1)*t.rowDst+t.cols)
	a := unsafe.Slice(t.a, (t.positions-1)*t.rowA+t.cols)
	d := unsafe.Slice(t.d, (t.positions-1)*t.rowD+t.rows)
	for o := range t.rows {
		row := dst[o*t.rowDst : o*t.rowDst+t.cols]
		for p := range t.positions {
			outer(row, d[p*t.rowD+o], a[p*t.rowA:p*t.rowA+t.cols], p == 0)
		}
	}
}

// outer sets or adds d·a. The conversions keep the compiler from fusing, so every machine gets the same bits.
func outer(dst []float32, d float32, a []float32, first bool) {
	a = a[:len(dst)]
	if first {
		for j := range dst {
			dst[j] = d * a[j]
		}
		return
	}
	for j := range dst {
		dst[j] += float32(d * a[j])
	}
}

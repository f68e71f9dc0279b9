package cpu

import "math"

// plainTop is gramTop in plain Go.
func plainTop(run []float32, top []uint32) {
	for i, v := range run {
		top[i%gramCols] = max(top[i%gramCols], math.Float32bits(v)&0x7fffffff)
	}
}

// plainBlock adds the chunk to a block row after row, in float64, three rows by three columns at a time.
func plainBlock(g *gram, s *gramSpare, row, col int, out []float64, stride int) {
	for from := 0; from < g.rows*gramCols; from += gramRun * gramCols {
		to := min(g.rows, gramRun+from/gramCols) * gramCols
		s.a, s.b = widened(s.a, g.panel(row)[from:to]), widened(s.b, g.panel(col)[from:to])
		for i := 0; i < gramCols; i += 3 {
			for j := 0; j < gramCols; j += 3 {
				outer33(s.a[i:], s.b[j:], out[i*stride+j:], stride)
			}
		}
	}
}

// widened is v in float64, in dst where that has room.
func widened(dst []float64, v []float32) []float64 {
	if cap(dst) < len(v) {
		dst = make([]float64, len(v))
	}
	dst = dst[:len(v)]
	for i, x := range v {
		dst[i] = float64(x)
	}
	return dst
}

// outer33 adds the products of three columns of each of two panels to rows of out, row after row of the panels. The
// products of two float32 are exact in float64, so fusing changes nothing.
func outer33(p, q, out []float64, stride int) {
	o0, o1, o2 := out[:3], out[stride:stride+3], out[2*stride:2*stride+3]
	s00, s01, s02, s10, s11, s12, s20, s21, s22 := o0[0], o0[1], o0[2], o1[0], o1[1], o1[2], o2[0], o2[1], o2[2]
	for k := 0; k+2 < len(p) && k+2 < len(q); k += gramCols {
		x, y, z := q[k], q[k+1], q[k+2]
		a := p[k]
		s00 += a * x
		s01 += a * y
		s02 += a * z
		b := p[k+1]
		s10 += b * x
		s11 += b * y
		s12 += b * z
		c := p[k+2]
		s20 += c * x
		s21 += c * y
		s22 += c * z
	}
	o0[0], o0[1], o0[2], o1[0], o1[1], o1[2], o2[0], o2[1], o2[2] = s00, s01, s02, s10, s11, s12, s20, s21, s22
}

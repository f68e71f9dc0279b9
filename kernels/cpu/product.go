package cpu

// run is the number of elements that are added up in one go. Part of the device's arithmetic.
const run = 256

// tripleRows and sextRows are the pointers of a register block. A block that sticks out over the last row repeats it;
// what it computes there is not used.
type (
	triple [3][]float32
	sext   [6][]float32
)

// dot33 adds the nine products of three queries and three rows to s (s[3·query+row]). All slices have len(q[0])
// elements. The conversions to float32 forbid fusing.
func dot33(q, g *triple, s *[9]float32) {
	for lo := 0; lo < len(q[0]); lo += run {
		hi := min(lo+run, len(q[0]))
		q0, q1, q2 := q[0][lo:hi], q[1][lo:hi], q[2][lo:hi]
		g0, g1, g2 := g[0][lo:hi], g[1][lo:hi], g[2][lo:hi]
		q1, q2 = q1[:len(q0)], q2[:len(q0)]
		g0, g1, g2 = g0[:len(q0)], g1[:len(q0)], g2[:len(q0)]
		var s00, s01, s02, s10, s11, s12, s20, s21, s22 float32
		for k, a := range q0 {
			x, y, z := g0[k], g1[k], g2[k]
			s00 += float32(a * x)
			s01 += float32(a * y)
			s02 += float32(a * z)
			b := q1[k]
			s10 += float32(b * x)
			s11 += float32(b * y)
			s12 += float32(b * z)
			c := q2[k]
			s20 += float32(c * x)
			s21 += float32(c * y)
			s22 += float32(c * z)
		}
		s[0] += s00
		s[1] += s01
		s[2] += s02
		s[3] += s10
		s[4] += s11
		s[5] += s12
		s[6] += s20
		s[7] += s21
		s[8] += s22
	}
}

// dot16 adds the six products of one query and six rows to s, in the order of dot33.
func dot16(q []float32, g *sext, s *[6]float32) {
	for lo := 0; lo < len(q); lo += run {
		hi := min(lo+run, len(q))
		q0 := q[lo:hi]
		g0, g1, g2 := g[0][lo:hi][:len(q0)], g[1][lo:hi][:len(q0)], g[2][lo:hi][:len(q0)]
		g3, g4, g5 := g[3][lo:hi][:len(q0)], g[4][lo:hi][:len(q0)], g[5][lo:hi][:len(q0)]
		var s0, s1, s2, s3, s4, s5 float32
		for k, a := range q0 {
			s0 += float32(a * g0[k])
			s1 += float32(a * g1[k])
			s2 += float32(a * g2[k])
			s3 += float32(a * g3[k])
			s4 += float32(a * g4[k])
			s5 += float32(a * g5[k])
		}
		s[0] += s0
		s[1] += s1
		s[2] += s2
		s[3] += s3
		s[4] += s4
		s[5] += s5
	}
}

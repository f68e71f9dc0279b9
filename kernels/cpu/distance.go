package cpu

// dist33 subtracts the nine squared distances of three queries and three rows from s, in the order of dot33.
func dist33(q, g *triple, s *[9]float32) {
	for lo := 0; lo < len(q[0]); lo += run {
		hi := min(lo+run, len(q[0]))
		q0, q1, q2 := q[0][lo:hi], q[1][lo:hi], q[2][lo:hi]
		g0, g1, g2 := g[0][lo:hi], g[1][lo:hi], g[2][lo:hi]
		q1, q2 = q1[:len(q0)], q2[:len(q0)]
		g0, g1, g2 = g0[:len(q0)], g1[:len(q0)], g2[:len(q0)]
		var s00, s01, s02, s10, s11, s12, s20, s21, s22 float32
		for k, a := range q0 {
			x, y, z := g0[k], g1[k], g2[k]
			s00 += square(a - x)
			s01 += square(a - y)
			s02 += square(a - z)
			b := q1[k]
			s10 += square(b - x)
			s11 += square(b - y)
			s12 += square(b - z)
			c := q2[k]
			s20 += square(c - x)
			s21 += square(c - y)
			s22 += square(c - z)
		}
		for i, v := range [9]float32{s00, s01, s02, s10, s11, s12, s20, s21, s22} {
			s[i] -= v
		}
	}
}

// dist16 subtracts the six squared distances of one query and six rows from s, in the order of dot33.
func dist16(q []float32, g *sext, s *[6]float32) {
	for lo := 0; lo < len(q); lo += run {
		hi := min(lo+run, len(q))
		q0 := q[lo:hi]
		g0, g1, g2 := g[0][lo:hi][:len(q0)], g[1][lo:hi][:len(q0)], g[2][lo:hi][:len(q0)]
		g3, g4, g5 := g[3][lo:hi][:len(q0)], g[4][lo:hi][:len(q0)], g[5][lo:hi][:len(q0)]
		var s0, s1, s2, s3, s4, s5 float32
		for k, a := range q0 {
			s0 += square(a - g0[k])
			s1 += square(a - g1[k])
			s2 += square(a - g2[k])
			s3 += square(a - g3[k])
			s4 += square(a - g4[k])
			s5 += square(a - g5[k])
		}
		for i, v := range [6]float32{s0, s1, s2, s3, s4, s5} {
			s[i] -= v
		}
	}
}

// square rounds before the sum: no fusing.
func square(d float32) float32 { return float32(d * d) }

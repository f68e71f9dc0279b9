package blas

// genericCols is the number of columns of a strip in plain Go.
const genericCols = 4

// stripGeneric is the strip in plain Go: products are rounded before they are added, on every architecture.
func stripGeneric(s *strip) {
	i := 0
	if s.cols == genericCols {
		for ; i+2 <= s.rows; i += 2 {
			s.pair(i)
		}
	}
	for ; i < s.rows; i++ {
		for j := range s.cols {
			s.finish(i, j, s.dot(i, j))
		}
	}
}

// pair does two rows of four columns.
func (s *strip) pair(i int) {
	var sum [8]float32
	if s.resume {
		copy(sum[:4], s.part[i*s.rowPart:])
		copy(sum[4:], s.part[(i+1)*s.rowPart:])
	}
	c0, c1, c2, c3, d0, d1, d2, d3 := sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]
	a, next, ai, bi := s.a[i*s.rowA:], s.a[(i+1)*s.rowA:], 0, 0
	for range s.depth {
		b := s.b[bi : bi+4]
		x, y := a[ai], next[ai]
		c0 += float32(x * b[0])
		c1 += float32(x * b[1])
		c2 += float32(x * b[2])
		c3 += float32(x * b[3])
		d0 += float32(y * b[0])
		d1 += float32(y * b[1])
		d2 += float32(y * b[2])
		d3 += float32(y * b[3])
		ai += s.stepA
		bi += s.stepB
	}
	for j, v := range [4]float32{c0, c1, c2, c3} {
		s.finish(i, j, v)
	}
	for j, v := range [4]float32{d0, d1, d2, d3} {
		s.finish(i+1, j, v)
	}
}

func (s *strip) dot(i, j int) float32 {
	var sum float32
	if s.resume {
		sum = s.part[i*s.rowPart+j]
	}
	for k := range s.depth {
		sum += float32(s.a[i*s.rowA+k*s.stepA] * s.b[k*s.stepB+j])
	}
	return sum
}

// finish puts a sum where it goes: to wait, or scaled and added to into the result.
func (s *strip) finish(i, j int, sum float32) {
	if s.pause {
		s.part[i*s.rowPart+j] = sum
		return
	}
	sum = float32(s.alpha * sum)
	if s.beta != 0 {
		sum += float32(s.beta * s.add[i*s.rowAdd+j])
	}
	s.c[i*s.rowC+j] = sum
}

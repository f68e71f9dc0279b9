package lapack

// sliver is the sliver of row row+i of the block, i a multiple of 8: element (row+i+r, c) is sliver[8·c+r].
func (s *substitution) sliver(row, i int) []float64 {
	width := row + block
	return s.slivers[i*width:][:round*width]
}

// together is the number of slivers that are packed at once, so that lines and pages of E are used while they are near.
const together = 5

// pack copies a block of rows of E, filled up to a multiple of 8 with those of the identity.
func (s *substitution) pack(row, rows int) {
	if n := block * (row + block); cap(s.slivers) < n {
		s.slivers = aligned(block * roundUp(s.n, block))
	} else {
		s.slivers = s.slivers[:n]
	}
	count := (rows + round - 1) / round
	parallel(s.workers, (count+together-1)/together, func(_, unit int) {
		from, to := unit*together, min(count, (unit+1)*together)
		if s.e.row == 1 || s.e.row == -1 {
			s.packAcross(row, from, to)
		} else {
			for i := from; i < to; i++ {
				s.packAlong(s.sliver(row, i*round), row+i*round)
			}
		}
		for i := from; i < to; i++ {
			finish(s.sliver(row, i*round), row+i*round, s.n)
		}
	})
}

// finish inverts the diagonal of the sliver whose first row is given and makes rows past the last those of the
// identity.
func finish(sliver []float64, first, n int) {
	for r := range round {
		diagonal := &sliver[round*(first+r)+r]
		if first+r < n {
			*diagonal = 1 / *diagonal
			continue
		}
		for c := range first + round {
			sliver[c*round+r] = 0
		}
		*diagonal = 1
	}
}

// packAcross copies slivers from to to−1 where the elements of a column are next to each other.
func (s *substitution) packAcross(row, from, to int) {
	for c := range min(s.n, row+to*round) {
		for i := max(from, (c-row)/round); i < to; i++ {
			first := row + i*round
			dst, at := s.sliver(row, i*round)[round*c:][:round], s.e.index(first, c)
			lo, hi := max(0, c-first), min(round, s.n-first)
			if lo == 0 && hi == round && s.e.row == 1 {
				copy(dst, s.e.data[at:])
				continue
			}
			for r := lo; r < hi; r++ { // only the triangle is read
				dst[r] = s.e.data[at+r*s.e.row]
			}
		}
	}
}

// packAlong copies the sliver whose first row is given where the elements of a row are next to each other.
func (s *substitution) packAlong(dst []float64, first int) {
	n := min(round, s.n-first)
	from := 0
	if n == round {
		var at [round]int
		for r := range at {
			at[r] = s.e.index(first+r, 0)
		}
		data, step := s.e.data, s.e.col
		for ; from < first; from++ {
			d, off := dst[round*from:round*from+round], from*step
			d[0], d[1], d[2], d[3] = data[at[0]+off], data[at[1]+off], data[at[2]+off], data[at[3]+off]
			d[4], d[5], d[6], d[7] = data[at[4]+off], data[at[5]+off], data[at[6]+off], data[at[7]+off]
		}
	}
	for r := range n {
		for c := from; c <= first+r; c++ {
			dst[round*c+r] = s.e.data[s.e.index(first+r, c)]
		}
	}
}

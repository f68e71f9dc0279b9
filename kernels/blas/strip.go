package blas

// A strip is the smallest piece of work of a kernel: some rows of op(A) times a strip of columns of op(B), over a range
// of k. The assembly reads it by the names of its fields.
type strip struct {
	a, b    []float32 // first element of op(A) and of op(B)
	c       []float32 // first element of the result
	add     []float32 // what is added beta times: C itself or a bias
	part    []float32 // where sums wait between ranges of k
	rowA    int       // distances in values: between rows of op(A)
	stepA   int       // between steps of k in op(A)
	stepB   int       // between steps of k in op(B); its columns are next to each other
	rowC    int
	rowAdd  int // 0 for a bias
	rowPart int
	rows    int
	depth   int // steps of k, at least 1
	cols    int
	alpha   float32
	beta    float32
	resume  bool // sums start from part, not from zero
	pause   bool // sums go to part and are not finished
	far     bool // the range of op(B) is too long for the first cache
	mask    uint16
	lanes   [8]int32 // the same mask for AVX2
}

// setCols sets the number of columns and the masks for lanes of the last vector.
func (s *strip) setCols(cols, lanes int) {
	s.cols = cols
	last := (cols-1)%lanes + 1
	s.mask = uint16(1<<last - 1)
	for i := range s.lanes {
		s.lanes[i] = int32(i-last) >> 31
	}
}

package lapack

// product subtracts products of matrices.
type product struct {
	*kernel
	workers     int
	left, right panels
	spare       []spare
}

func newProduct(k *kernel, workers int) *product {
	return &product{kernel: k, workers: workers, spare: make([]spare, workers)}
}

// subtract sets c (m×n) to c − aᵀ·b, where a is k×m and b k×n.
func (p *product) subtract(c Matrix, a, b view, k int) {
	for from := 0; from < k; from += block {
		depth := min(block, k-from)
		p.left.resize(depth, c.Rows)
		p.right.resize(depth, c.Cols)
		lefts, rights := (c.Rows+cols-1)/cols, (c.Cols+cols-1)/cols
		parallel(p.workers, lefts+rights, func(_, i int) {
			if i < lefts {
				load(p.left.of(i), a, from, i*cols, depth, min(cols, c.Rows-i*cols))
				return
			}
			i -= lefts
			load(p.right.of(i), b, from, i*cols, depth, min(cols, c.Cols-i*cols))
		})
		across := (rights + group - 1) / group
		parallel(p.workers, (lefts+group-1)/group*across, func(w, unit int) {
			i, j := unit/across*group, unit%across*group
			for q := j; q < min(j+group, rights); q++ {
				for r := i; r < min(i+group, lefts); r++ {
					p.block(&p.spare[w], c, depth, r, q)
				}
			}
		})
	}
}

// block does block (r, q) of c, in place or, where it is not whole, through a copy.
func (p *product) block(s *spare, c Matrix, depth, r, q int) {
	row, col := r*cols, q*cols
	out, step := c.Data[row*c.stride()+col:], c.stride()
	rows, width := min(cols, c.Rows-row), min(cols, c.Cols-col)
	if rows < cols || width < cols {
		copyBlock(s.edge[:], out, cols, step, rows, width)
		defer copyBlock(out, s.edge[:], step, cols, rows, width)
		out, step = s.edge[:], cols
	}
	p.tiles(&s.tile, p.left.of(r), p.right.of(q), depth, out, step)
}

func copyBlock(dst, src []float64, dstStride, srcStride, rows, width int) {
	for i := range rows {
		copy(dst[i*dstStride:i*dstStride+width], src[i*srcStride:])
	}
}

// tiles subtracts the product of two panels from a block of 24×24.
func (k *kernel) tiles(t *tile, a, b []float64, depth int, out []float64, step int) {
	t.stepA, t.depth, t.rowOut = cols, depth, step
	for j := 0; j < cols; j += k.cols {
		for i := 0; i < cols; i += k.rows {
			t.a, t.b, t.out = &a[i], &b[j], &out[i*step+j]
			t.next = &out[min((i+k.rows)*step+j, len(out)-1)]
			k.subtract(t)
		}
	}
}

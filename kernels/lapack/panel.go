package lapack

// panels holds a matrix as panels of 24 columns, row after row; the last one is filled up with zeros.
type panels struct {
	data   []float64
	height int // rows
}

// resize makes room for panels of so many rows and columns.
func (p *panels) resize(rows, width int) {
	p.height = rows
	if n := rows * roundUp(width, cols); cap(p.data) < n {
		p.data = aligned(n)
	} else {
		p.data = p.data[:n]
	}
}

// of is panel i.
func (p *panels) of(i int) []float64 { return p.data[i*p.height*cols : (i+1)*p.height*cols] }

// column is column j of the panels: its elements are 24 values apart.
func (p *panels) column(j int) []float64 { return p.of(j / cols)[j%cols:] }

// load copies rows × n elements of v from (row, col) into a panel and clears the rest of its columns.
func load(panel []float64, v view, row, col, rows, n int) {
	if v.col == 1 {
		for k := range rows {
			dst := panel[k*cols : (k+1)*cols]
			clear(dst[copy(dst[:n], v.data[v.index(row+k, col):]):])
		}
		return
	}
	if n < cols {
		clear(panel[:rows*cols])
	}
	j := 0
	for ; v.row == 1 && j+4 <= n; j += 4 {
		a, b := v.data[v.index(row, col+j):][:rows], v.data[v.index(row, col+j+1):][:rows]
		c, d := v.data[v.index(row, col+j+2):][:rows], v.data[v.index(row, col+j+3):][:rows]
		for k := range a {
			dst := panel[k*cols+j : k*cols+j+4]
			dst[0], dst[1], dst[2], dst[3] = a[k], b[k], c[k], d[k]
		}
	}
	for ; j < n; j++ {
		for k := range rows {
			panel[k*cols+j] = v.data[v.index(row+k, col+j)]
		}
	}
}

// store copies what load has read back.
func store(panel []float64, v view, row, col, rows, n int) {
	if v.col == 1 {
		for k := range rows {
			copy(v.data[v.index(row+k, col):][:n], panel[k*cols:])
		}
		return
	}
	j := 0
	for ; v.row == 1 && j+4 <= n; j += 4 {
		a, b := v.data[v.index(row, col+j):][:rows], v.data[v.index(row, col+j+1):][:rows]
		c, d := v.data[v.index(row, col+j+2):][:rows], v.data[v.index(row, col+j+3):][:rows]
		for k := range a {
			src := panel[k*cols+j : k*cols+j+4]
			a[k], b[k], c[k], d[k] = src[0], src[1], src[2], src[3]
		}
	}
	for ; j < n; j++ {
		for k := range rows {
			v.data[v.index(row+k, col+j)] = panel[k*cols+j]
		}
	}
}

// eight makes eight rows of a panel: from C − Σ over the rows before, from row from on, where a[k·stepA+i] belongs to
// row from+k of the panel and to row row+i, either the difference itself or, with solve, what solves for it.
func (k *kernel) eight(t *tile, a []float64, stepA int, panel []float64, from, row int, solve bool) {
	t.stepA, t.rowOut = stepA, cols
	for i := 0; i < round; i += k.rows {
		for j := 0; j < cols; j += k.cols {
			t.a, t.b, t.out = &a[i], &panel[from*cols+j], &panel[(row+i)*cols+j]
			t.next = t.out
			if solve {
				t.depth = row + i - from
				k.substitute(t)
			} else {
				t.depth = row - from
				k.subtract(t)
			}
		}
	}
}

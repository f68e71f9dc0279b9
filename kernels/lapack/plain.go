package lapack

import "unsafe"

// at is element i of the memory at p.
func at(p *float64, i int) *float64 {
	return (*float64)(unsafe.Add(unsafe.Pointer(p), 8*i))
}

func subtractPlain(t *tile) {
	for i := 0; i < 8; i += 2 {
		for j := 0; j < cols; j += 4 {
			t.pair(i, j)
		}
	}
}

// pair does two rows of four columns.
func (t *tile) pair(i, j int) {
	var c0, c1, c2, c3, d0, d1, d2, d3 float64
	a := unsafe.Slice(t.a, max(0, (t.depth-1)*t.stepA)+8)
	b := unsafe.Slice(t.b, max(1, t.depth)*cols)
	for k := range t.depth {
		x, y := a[k*t.stepA+i], a[k*t.stepA+i+1]
		b := b[k*cols+j : k*cols+j+4]
		c0 += float64(x * b[0])
		c1 += float64(x * b[1])
		c2 += float64(x * b[2])
		c3 += float64(x * b[3])
		d0 += float64(y * b[0])
		d1 += float64(y * b[1])
		d2 += float64(y * b[2])
		d3 += float64(y * b[3])
	}
	for n, v := range [8]float64{c0, c1, c2, c3, d0, d1, d2, d3} {
		*at(t.out, (i+n/4)*t.rowOut+j+n%4) -= v
	}
}

func substitutePlain(t *tile) {
	subtractPlain(t)
	for i := range 8 {
		e := at(t.a, (t.depth+i)*t.stepA)
		row := unsafe.Slice(at(t.out, i*t.rowOut), cols)
		for j := range row {
			row[j] *= *at(e, i)
		}
		for below := i + 1; below < 8; below++ {
			f, to := *at(e, below), unsafe.Slice(at(t.out, below*t.rowOut), cols)
			for j, x := range row {
				to[j] -= float64(f * x)
			}
		}
	}
}

func dotsPlain(out, rows *float64, stride, count int, x *float64, n int) {
	sums, y := unsafe.Slice(out, count), unsafe.Slice(x, n)
	for r := range sums {
		row := unsafe.Slice(at(rows, r*stride), n)
		var a, b, c, d float64
		for i := 0; i+3 < len(y) && i+3 < len(row); i += 4 {
			a += float64(row[i] * y[i])
			b += float64(row[i+1] * y[i+1])
			c += float64(row[i+2] * y[i+2])
			d += float64(row[i+3] * y[i+3])
		}
		sums[r] = (a + c) + (b + d)
	}
}

func combinePlain(y, rows *float64, stride, count int, factors *float64, n int) {
	out := unsafe.Slice(y, n)
	for r, f := range unsafe.Slice(factors, count) {
		for i, x := range unsafe.Slice(at(rows, r*stride), n) {
			out[i] -= float64(f * x)
		}
	}
}

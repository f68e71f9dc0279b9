package blas

import "attrib/kernels/simd"

// packBlock copies the block of columns of op(B) of a unit, strip after strip: row k of a strip is next to row k+1.
// Columns past the last are not written, and never read.
func (u *units) packBlock(w *worker, at unit) {
	key := packing{true, at.i * u.b.Step, at.block}
	if w.has == key {
		return
	}
	w.has = key
	width := stripCols(u.path)
	w.packB = grow(w.packB, (at.cols+width-1)/width*width*u.k)
	rowB, colB := u.b.steps()
	for col := 0; col < at.cols; col += width {
		dst := w.packB[col*u.k:]
		src := u.b.Data[key.at+(at.col+col)*colB:]
		n := min(width, at.cols-col)
		if u.b.Trans {
			transpose(u.path, dst, src, width, colB, n, u.k)
			continue
		}
		for k := range u.k {
			copy(dst[k*width:k*width+n], src[k*rowB:])
		}
	}
}

// transpose sets dst (cols×rows, rows dstStride apart) to the transpose of src (rows×cols, rows srcStride apart).
func transpose(p simd.Path, dst, src []float32, dstStride, srcStride, rows, cols int) {
	r, c := transposeBlocks(p, dst, src, dstStride, srcStride, rows, cols)
	for i := range rows {
		row := src[i*srcStride : i*srcStride+cols]
		from := 0
		if i < r {
			from = c
		}
		for j := from; j < cols; j++ {
			dst[j*dstStride+i] = row[j]
		}
	}
}

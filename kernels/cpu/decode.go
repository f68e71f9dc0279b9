package cpu

import (
	"unsafe"

	"attrib/internal/half"
	"attrib/kernels"
)

// decode writes rows of any type as single precision numbers, with the bits of Matrix.Decode.
func (u *unit) decode(dst []float32, m kernels.Matrix) {
	if m.Stride == m.Cols && m.Type != kernels.TypeI8 { // one long row
		m.Rows, m.Cols = 1, m.Rows*m.Cols
	}
	for i := range m.Rows {
		to := dst[i*m.Cols : (i+1)*m.Cols]
		switch m.Type {
		case kernels.TypeBF16:
			convert(to, row[uint16](m, i), u.lanes, 1, u.widenBF16, half.FromBF16)
		case kernels.TypeF16:
			convert(to, row[uint16](m, i), u.lanes, 1, u.widenF16, half.FromF16)
		case kernels.TypeI8:
			convert(to, row[int8](m, i), u.lanes, m.Scale[i], u.widenI8, func(v int8) float32 { return float32(v) * m.Scale[i] })
		}
	}
}

// row views a row as numbers of T, which has the size of the matrix's type.
func row[T any](m kernels.Matrix, i int) []T {
	size := m.Type.Size()
	return unsafe.Slice((*T)(unsafe.Pointer(&m.Data[i*m.Stride*size])), m.Cols)
}

// convert does whole vectors with the one function and the rest with the other.
func convert[T any](dst []float32, x []T, lanes int, scale float32, whole func(*float32, *T, int, float32), one func(T) float32) {
	n := len(x) / lanes * lanes
	if n > 0 {
		whole(&dst[0], &x[0], n, scale)
	}
	for k := n; k < len(x); k++ {
		dst[k] = one(x[k])
	}
}

// transposed sets dst (cols×rows, dstStride apart) to the transpose of src (rows×cols, srcStride apart).
func (u *unit) transposed(dst, src []float32, dstStride, srcStride, rows, cols int) {
	wholeRows, wholeCols := rows&^7, cols&^7
	if wholeRows > 0 && wholeCols > 0 {
		u.transpose(&dst[0], &src[0], dstStride, srcStride, rows/8, cols/8)
	}
	for i := range rows {
		from := 0
		if i < wholeRows {
			from = wholeCols
		}
		for j := from; j < cols; j++ {
			dst[j*dstStride+i] = src[i*srcStride+j]
		}
	}
}

package kernels

import (
	"fmt"
	"math"
	"unsafe"

	"attrib/internal/half"
)

// elements views the memory of a matrix as numbers of T, which has the size of its type.
func elements[T any](m Matrix) []T {
	if len(m.Data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&m.Data[0])), len(m.Data)/m.Type.Size())
}

// Make is a matrix of zeros of type t, whose scales are zero too.
func Make(t DType, rows, cols int) Matrix {
	size := rows * cols * t.Size()
	out := Matrix{Rows: rows, Cols: cols, Stride: cols, Type: t, Data: Bytes(make([]uint64, (size+7)/8))}
	out.Data = out.Data[:size]
	if t == TypeI8 {
		out.Scale = make([]float32, rows)
	}
	return out
}

// Decode writes the elements of a matrix of any type as single precision numbers, row after row: exactly for F32, BF16
// and F16, and float32(q)·Scale[row] for I8. dst has Rows·Cols numbers.
func (m Matrix) Decode(dst []float32) {
	for i := range m.Rows {
		m.decodeRow(i, dst[i*m.Cols:(i+1)*m.Cols])
	}
}

func (m Matrix) decodeRow(i int, dst []float32) {
	at := i * m.Stride
	switch m.Type {
	case TypeF32:
		copy(dst, m.Row(i))
	case TypeBF16:
		for j, v := range elements[uint16](m)[at : at+m.Cols] {
			dst[j] = half.FromBF16(v)
		}
	case TypeF16:
		for j, v := range elements[uint16](m)[at : at+m.Cols] {
			dst[j] = half.FromF16(v)
		}
	case TypeI8:
		scale := m.Scale[i]
		for j, v := range elements[int8](m)[at : at+m.Cols] {
			dst[j] = float32(v) * scale
		}
	}
}

// single is row i in single precision: a view, or decoded into memory that grows as needed.
func (m Matrix) single(i int, memory *[]float32) []float32 {
	if m.Type == TypeF32 {
		return m.Row(i)
	}
	if len(*memory) < m.Cols {
		*memory = make([]float32, m.Cols)
	}
	m.decodeRow(i, (*memory)[:m.Cols])
	return (*memory)[:m.Cols]
}

// Encode rounds the rows of an F32 matrix to type t, to nearest with ties to even; an I8 row is divided by its scale,
// max|x|/127, first. The error is a *RowError for a row that is not finite, that holds a value too large for t, or all
// of whose values would become zero though one of them is not. An F32 matrix is returned as it is.
func Encode(t DType, m Matrix) (Matrix, error) {
	if m.Type != TypeF32 {
		return Matrix{}, fmt.Errorf("rows are %v, want F32", m.Type)
	}
	if i := m.FirstNonFinite(); i >= 0 {
		return Matrix{}, NonFinite(int64(i))
	}
	if t == TypeF32 {
		return m, nil
	}
	out := Make(t, m.Rows, m.Cols)
	for i := range m.Rows {
		if reason := out.encodeRow(i, m.Row(i)); reason != "" {
			return Matrix{}, &RowError{What: "row", Row: int64(i), Reason: reason}
		}
	}
	return out, nil
}

// encodeRow says what keeps a row from being held, if anything does.
func (m Matrix) encodeRow(i int, row []float32) string {
	at, lost, largest := i*m.Cols, true, float32(0)
	for _, x := range row {
		largest = max(largest, x, -x)
	}
	switch m.Type {
	case TypeI8:
		scale := largest / 127
		m.Scale[i] = scale
		lost = scale == 0
		for j, x := range row {
			if scale > 0 {
				elements[int8](m)[at+j] = int8(min(127, max(-127, math.RoundToEven(float64(x/scale)))))
			}
		}
	default:
		to, infinity := half.ToF16, uint16(0x7c00)
		if m.Type == TypeBF16 {
			to, infinity = half.ToBF16, 0x7f80
		}
		for j, x := range row {
			v := to(x)
			if v&0x7fff == infinity {
				return fmt.Sprintf("holds %g, which is too large for %v", x, m.Type)
			}
			lost = lost && v&0x7fff == 0
			elements[uint16](m)[at+j] = v
		}
	}
	if lost && largest > 0 {
		return fmt.Sprintf("every value is too small for %v: the largest is %g", m.Type, largest)
	}
	return ""
}

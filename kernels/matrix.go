package kernels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// DType is the type of a matrix's elements. The zero value is TypeF32.
type DType uint8

// The element types. Their names are those of the safetensors format.
const (
	TypeF32  DType = iota // IEEE 754 single precision
	TypeBF16              // the upper 16 bits of a single
	TypeF16               // IEEE 754 half precision
	TypeI8                // two's complement, with one scale per row
)

var dtypeNames = [...]string{"F32", "BF16", "F16", "I8"}
var dtypeSizes = [...]int{4, 2, 2, 1}

// String is the type's name in safetensors files.
func (d DType) String() string {
	if int(d) < len(dtypeNames) {
		return dtypeNames[d]
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size is the number of bytes of one element, 0 for an unknown type.
func (d DType) Size() int {
	if int(d) < len(dtypeSizes) {
		return dtypeSizes[d]
	}
	return 0
}

// ParseDType is the inverse of String.
func ParseDType(name string) (DType, error) {
	for i, n := range dtypeNames {
		if n == name {
			return DType(i), nil
		}
	}
	return 0, fmt.Errorf("element type %q is not one of F32, BF16, F16, I8", name)
}

// Matrix is a row-major view of Rows×Cols elements in host byte order. It does not own its memory.
type Matrix struct {
	Rows, Cols int
	Stride     int // elements from one row to the next, at least Cols
	Type       DType
	Data       []byte
	Scale      []float32 // one factor per row, I8 only
}

// F32 views v as a rows×cols matrix of single precision numbers. It panics when v is shorter than rows·cols: that is a
// mistake of the program, not of its input.
func F32(rows, cols int, v []float32) Matrix {
	if rows < 0 || cols < 0 || len(v) < rows*cols {
		panic(fmt.Sprintf("kernels: F32(%d, %d) over %d numbers", rows, cols, len(v)))
	}
	return Matrix{Rows: rows, Cols: cols, Stride: cols, Data: Bytes(v[:rows*cols])}
}

// Bytes views the memory of v as bytes.
func Bytes[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}

// Floats views the matrix's memory as single precision numbers; row i starts at i·Stride. It panics when the type is
// not F32 or the memory is not aligned to four bytes (Validate reports both).
func (m Matrix) Floats() []float32 {
	if m.Type != TypeF32 {
		panic("kernels: Floats of a matrix of type " + m.Type.String())
	}
	if len(m.Data) < 4 {
		return nil
	}
	p := unsafe.Pointer(&m.Data[0])
	if uintptr(p)%4 != 0 {
		panic("kernels: Floats of memory that is not aligned to four bytes")
	}
	return unsafe.Slice((*float32)(p), len(m.Data)/4)
}

// Row views row i of an F32 matrix, without what lies between Cols and Stride.
func (m Matrix) Row(i int) []float32 {
	return m.Floats()[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols]
}

// Slice views rows lo ≤ i < hi.
func (m Matrix) Slice(lo, hi int) Matrix {
	out := m
	out.Rows = hi - lo
	size := m.Type.Size()
	from, to := lo*m.Stride*size, 0
	if hi > lo {
		to = ((hi-1)*m.Stride + m.Cols) * size
	} else {
		from = 0
	}
	out.Data = m.Data[from:to]
	if m.Scale != nil {
		out.Scale = m.Scale[lo:hi]
	}
	return out
}

// Validate reports everything that is wrong with the shape, together. It does not look at the elements.
func (m Matrix) Validate() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	size := m.Type.Size()
	if size == 0 {
		bad("unknown element type %v", m.Type)
	}
	if m.Rows < 0 || m.Cols < 0 {
		bad("shape %d×%d is negative", m.Rows, m.Cols)
	}
	if m.Stride < m.Cols {
		bad("stride %d is less than the %d columns", m.Stride, m.Cols)
	}
	if len(errs) == 0 && m.Rows > 0 && m.Cols > 0 {
		if need, ok := m.bytes(); !ok || need > len(m.Data) {
			bad("%d×%d elements of %v with stride %d do not fit %d bytes", m.Rows, m.Cols, m.Type, m.Stride, len(m.Data))
		}
		if len(m.Data) > 0 && uintptr(unsafe.Pointer(&m.Data[0]))%uintptr(size) != 0 {
			bad("memory is not aligned to %d bytes", size)
		}
	}
	if m.Type == TypeI8 && len(m.Scale) != m.Rows {
		bad("%d scales for %d rows", len(m.Scale), m.Rows)
	}
	if m.Type != TypeI8 && m.Scale != nil {
		bad("scales given for type %v, which has none", m.Type)
	}
	return errors.Join(errs...)
}

// bytes is the memory the matrix spans; ok is false when the number does not fit an int.
func (m Matrix) bytes() (n int, ok bool) {
	size := m.Type.Size()
	if m.Stride > 0 && m.Rows-1 > (math.MaxInt/size-m.Cols)/m.Stride {
		return 0, false
	}
	return ((m.Rows-1)*m.Stride + m.Cols) * size, true
}

// FirstNonFinite returns the lowest row of an F32 matrix that holds a NaN or an infinity, or −1.
func (m Matrix) FirstNonFinite() int {
	for i := range m.Rows {
		if !Finite(m.Row(i)) {
			return i
		}
	}
	return -1
}

// Finite says whether no element of v is a NaN or an infinity: numbers whose exponent bits are all ones.
func Finite(v []float32) bool {
	// Adding one to the exponent carries into the (cleared) sign bit exactly for those. Two numbers go at a time; a
	// carry cannot leave its half.
	const clear, one, signs = 0x7fffffff7fffffff, 0x0080000000800000, 0x8000000080000000
	var seen uint64
	b := Bytes(v)
	for ; len(b) >= 32; b = b[32:] {
		seen |= (binary.NativeEndian.Uint64(b)&clear + one) | (binary.NativeEndian.Uint64(b[8:])&clear + one) |
			(binary.NativeEndian.Uint64(b[16:])&clear + one) | (binary.NativeEndian.Uint64(b[24:])&clear + one)
	}
	for _, x := range v[len(v)-len(b)/4:] {
		seen |= uint64(math.Float32bits(x)&0x7fffffff) + 0x00800000
	}
	return seen&signs == 0
}

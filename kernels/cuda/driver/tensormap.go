package driver

import (
	"fmt"
	"unsafe"
)

// TensorMap describes a matrix to the copy engine of sm_90 (CUtensorMap). It is passed to kernels by value, as a
// __grid_constant__ parameter.
type TensorMap [128]byte

// DataType is the type of a tensor map's elements (cuda.h, CUtensorMapDataType).
type DataType uint32

// The types that the kernels copy.
const (
	Uint8    DataType = 0
	Int32    DataType = 3
	Float16  DataType = 6
	Float32  DataType = 7
	BFloat16 DataType = 9
)

func (t DataType) bytes() uint64 {
	switch t {
	case Uint8:
		return 1
	case Float16, BFloat16:
		return 2
	}
	return 4
}

// Swizzle is how 16-byte pieces are exchanged within rows of shared memory (CUtensorMapSwizzle).
type Swizzle uint32

// The spans within which pieces are exchanged, in bytes.
const (
	SwizzleNone Swizzle = 0
	Swizzle32   Swizzle = 1
	Swizzle64   Swizzle = 2
	Swizzle128  Swizzle = 3
)

const l2Promotion256 = 3 // CU_TENSOR_MAP_L2_PROMOTION_L2_256B

// TensorLayout describes a tensor of up to five dimensions, innermost first: Sizes and Box in elements, Strides in
// bytes of all dimensions but the innermost. What is read outside of it is zero.
type TensorLayout struct {
	Type    DataType
	Sizes   []uint64 // 1 … 2³²
	Strides []uint64 // multiples of 16 below 2⁴⁰; one fewer than Sizes
	Box     []uint32 // 1 … 256; what one copy brings
	Swizzle Swizzle  // the innermost extent of the box then is at most its span
}

// EncodeTiled makes the map of a tensor that begins at m+offset, at a multiple of 16 bytes, and lies within m.
func (m *Memory) EncodeTiled(offset uint64, l TensorLayout) (*TensorMap, error) {
	n := len(l.Sizes)
	if n < 1 || n > 5 || len(l.Strides) != n-1 || len(l.Box) != n {
		return nil, fmt.Errorf("tensor map of %d sizes, %d strides, %d extents of the box", n, len(l.Strides), len(l.Box))
	}
	address, err := m.span("tensor map", offset, l.extent())
	if err != nil {
		return nil, err
	}
	room := new([192]byte) // the map has to begin at a multiple of 64
	at := -int(uintptr(unsafe.Pointer(room))) & 63
	var sizes, strides [5]uint64
	var box, steps [5]uint32
	copy(sizes[:], l.Sizes)
	copy(strides[:], l.Strides)
	copy(box[:], l.Box)
	for i := range steps {
		steps[i] = 1
	}
	err = m.context.detailed(cuTensorMapEncodeTiled, fmt.Sprintf("%+v", l), uintptr(unsafe.Pointer(&room[at])), uintptr(l.Type), uintptr(n), address,
		uintptr(unsafe.Pointer(&sizes)), uintptr(unsafe.Pointer(&strides)), uintptr(unsafe.Pointer(&box)), uintptr(unsafe.Pointer(&steps)),
		0, uintptr(l.Swizzle), l2Promotion256, 0)
	if err != nil {
		return nil, err
	}
	t := TensorMap(room[at : at+128])
	return &t, nil
}

// extent is the number of bytes from the first element to behind the last.
func (l TensorLayout) extent() uint64 {
	bytes := l.Sizes[0] * l.Type.bytes()
	for i, s := range l.Strides {
		if l.Sizes[i+1] == 0 {
			return 0
		}
		bytes += (l.Sizes[i+1] - 1) * s
	}
	return bytes
}

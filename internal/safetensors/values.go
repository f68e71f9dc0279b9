package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"attrib/internal/half"
)

// Number is a Go type that a tensor can be made of.
type Number interface {
	float64 | float32 | int64 | int32 | int16 | int8 | uint64 | uint32 | uint16 | uint8
}

// New makes a tensor of v, whose element type follows from T. It copies. The shape is checked when it is written.
func New[T Number](name string, v []T, shape ...int64) Tensor {
	t := Tensor{Name: name, Type: typeOf[T](), Shape: shape}
	t.Data, _ = binary.Append(make([]byte, 0, int64(len(v))*t.Type.Size()), binary.LittleEndian, v)
	return t
}

// Values is the tensor's content as numbers. T must be the tensor's own type.
func Values[T Number](t Tensor) ([]T, error) {
	if want := typeOf[T](); t.Type != want {
		return nil, fmt.Errorf("tensor %q is %s, want %s", t.Name, t.Type, want)
	}
	v := make([]T, int64(len(t.Data))/t.Type.Size())
	if _, err := binary.Decode(t.Data, binary.LittleEndian, v); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	return v, nil
}

// Floats is the content of a tensor of any floating type as float32. F16 and BF16 are exact; F64 is rounded, and a value
// that overflows float32 is an error.
func Floats(t Tensor) ([]float32, error) {
	switch t.Type {
	case F16, BF16:
		out := make([]float32, len(t.Data)/2)
		for i := range out {
			bits := binary.LittleEndian.Uint16(t.Data[2*i:])
			if t.Type == BF16 {
				out[i] = half.FromBF16(bits)
			} else {
				out[i] = half.FromF16(bits)
			}
		}
		return out, nil
	case F64:
		v, err := Values[float64](t)
		out := make([]float32, len(v))
		for i, x := range v {
			if out[i] = float32(x); math.IsInf(float64(out[i]), 0) && !math.IsInf(x, 0) {
				return nil, fmt.Errorf("tensor %q: value %d, %v, is too large for F32", t.Name, i, x)
			}
		}
		return out, err
	}
	return Values[float32](t)
}

func typeOf[T Number]() DType {
	switch any(*new(T)).(type) {
	case float64:
		return F64
	case float32:
		return F32
	case int64:
		return I64
	case int32:
		return I32
	case int16:
		return I16
	case int8:
		return I8
	case uint64:
		return U64
	case uint32:
		return U32
	case uint16:
		return U16
	}
	return U8
}

// CheckShape is an error that names the tensor unless it has that type and shape.
func (t Tensor) CheckShape(d DType, shape ...int64) error {
	if t.Type != d || !slices.Equal(t.Shape, shape) {
		return fmt.Errorf("tensor %q is %s %v, want %s %v", t.Name, t.Type, t.Shape, d, shape)
	}
	return nil
}

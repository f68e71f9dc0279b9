package safetensors

import (
	"encoding/binary"
	"fmt"
	"slices"
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

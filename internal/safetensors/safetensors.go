// Package safetensors reads and writes the safetensors format (Hugging Face, https://github.com/huggingface/safetensors):
// eight bytes of header length, a JSON header, and the tensors' bytes, little-endian, without gaps.
//
// WriteFile and ReadFile are for files held in memory; Open reads the header of anything that is an io.ReaderAt and
// gives each tensor's place in the file, for reading a part or mapping it. Reading is strict: a header that is too
// large, repeats a key, or whose tensors overlap, leave a hole or do not fit the file is refused. Equal tensors give
// equal bytes: tensors are placed by falling element size, then by name, which also aligns them.
package safetensors

import (
	"fmt"
	"math/bits"
)

// DType is the name of an element type.
type DType string

// The element types of the format that this package knows.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

var sizes = map[DType]int64{
	F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, Bool: 1,
}

// Size is the number of bytes of one element, 0 for a type this package does not know.
func (d DType) Size() int64 { return sizes[d] }

// MaxHeader is the longest header that is read, the limit of the reference implementation.
const MaxHeader = 100 << 20

// Tensor is a tensor to write or one that was read whole. Data is little-endian and row-major.
type Tensor struct {
	Name  string
	Type  DType
	Shape []int64
	Data  []byte
}

// byteLen is the number of bytes a tensor of that type and shape takes.
func byteLen(d DType, shape []int64) (int64, error) {
	n := uint64(d.Size())
	if n == 0 {
		return 0, fmt.Errorf("element type %q is not known", string(d))
	}
	over := false
	for _, s := range shape {
		if s < 0 {
			return 0, fmt.Errorf("dimension %d is negative", s)
		}
		hi, lo := bits.Mul64(n, uint64(s))
		over = over || hi != 0 || lo > 1<<62
		n = lo
	}
	if over {
		return 0, fmt.Errorf("shape %v is too large", shape)
	}
	return int64(n), nil
}

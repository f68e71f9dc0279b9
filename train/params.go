package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"

	"attrib/train/nn"
)

// Tensor is one named float32 tensor, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Params are the tensors of a model in PyTorch's state_dict order, names and layouts: "fc1.weight" (out, in), then
// "fc1.bias" (out).
type Params []Tensor

// Get returns the tensor of that name.
func (p Params) Get(name string) (Tensor, bool) {
	i := slices.IndexFunc(p, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return p[i], true
}

// Clone is a copy that shares no memory with p.
func (p Params) Clone() Params {
	out := make(Params, len(p))
	for i, t := range p {
		out[i] = Tensor{t.Name, slices.Clone(t.Shape), slices.Clone(t.Data)}
	}
	return out
}

// Count is the number of values in all tensors.
func (p Params) Count() int {
	n := 0
	for _, t := range p {
		n += len(t.Data)
	}
	return n
}

// Hash is the SHA-256, in hexadecimal, of the tensors in order: a line `"name" [shape]` such as `"fc1.weight" [32 64]`,
// then the values as little-endian float32.
func (p Params) Hash() string {
	h := sha256.New()
	for _, t := range p {
		fmt.Fprintf(h, "%q %v\n", t.Name, t.Shape)
		writeFloats(h, t.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Zero is a set of tensors like p, filled with zeros.
func (p Params) Zero() Params {
	out := make(Params, len(p))
	for i, t := range p {
		out[i] = Tensor{t.Name, slices.Clone(t.Shape), make([]float32, len(t.Data))}
	}
	return out
}

// Match returns the tensors of p in the order of specs. A tensor that is missing, left over, or of another shape, and
// one with NaN or infinite values, is an error that names it.
func (p Params) Match(specs []Spec) (Params, error) {
	out := make(Params, 0, len(specs))
	for _, s := range specs {
		t, ok := p.Get(s.Name)
		if !ok {
			return nil, fmt.Errorf("tensor %q is missing", s.Name)
		}
		if !slices.Equal(t.Shape, s.Shape) || len(t.Data) != s.Values() {
			return nil, fmt.Errorf("tensor %q has shape %v, the model wants %v", s.Name, t.Shape, s.Shape)
		}
		for i, v := range t.Data {
			if !finite(v) {
				return nil, fmt.Errorf("tensor %q: value %d is %v", s.Name, i, v)
			}
		}
		out = append(out, t)
	}
	for _, t := range p {
		if !slices.ContainsFunc(specs, func(s Spec) bool { return s.Name == t.Name }) {
			return nil, fmt.Errorf("tensor %q is not part of the model", t.Name)
		}
	}
	return out, nil
}

// Spec is the name and shape of one parameter tensor, and how its initial values are drawn.
type Spec = nn.Spec

// newParams are tensors of zeros.
func newParams(specs []Spec) Params {
	p := make(Params, len(specs))
	for k, s := range specs {
		p[k] = Tensor{s.Name, slices.Clone(s.Shape), make([]float32, s.Values())}
	}
	return p
}

// values are the tensors' values.
func (p Params) values() [][]float32 {
	out := make([][]float32, len(p))
	for k, t := range p {
		out[k] = t.Data
	}
	return out
}

// Doubles are the values of the tensors in float64.
func (p Params) Doubles() [][]float64 {
	out := make([][]float64, len(p))
	for k, t := range p {
		out[k] = make([]float64, len(t.Data))
		for i, v := range t.Data {
			out[k][i] = float64(v)
		}
	}
	return out
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// writeFloats writes the bits of v, little endian.
func writeFloats(w io.Writer, v []float32) {
	buf := make([]byte, 0, 4*1024)
	for part := range slices.Chunk(v, 1024) {
		buf = buf[:0]
		for _, x := range part {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(x))
		}
		w.Write(buf)
	}
}

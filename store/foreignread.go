package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"

	"attrib/internal/half"
	"attrib/internal/safetensors"
	"attrib/kernels"
)

// readIDs are row ids of a file.
func (f *foreignFile) readIDs(row0 int64, n int) ([]int64, error) {
	out := make([]int64, n)
	if f.idsPath == "" {
		for i := range out {
			out[i] = f.row0 + row0 + int64(i)
		}
		return out, nil
	}
	raw, err := f.ids.read(f.idsPath, row0, n)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if f.ids.kind == "I64" {
			out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		} else {
			out[i] = int64(int32(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return out, nil
}

// read gives the bytes of n rows, little-endian.
func (t foreignTensor) read(path string, row0 int64, n int) ([]byte, error) {
	size := safetensors.DType(t.kind).Size()
	raw := make([]byte, int64(n)*t.perRow()*size)
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if k, err := file.ReadAt(raw, t.offset+row0*t.perRow()*size); k < len(raw) {
		return nil, fmt.Errorf("%s: the file was cut short: %w", path, err)
	}
	for at := int64(0); t.bigEndian && at < int64(len(raw)); at += size {
		slices.Reverse(raw[at : at+size])
	}
	return raw, nil
}

// floats reads n rows as single precision numbers. A value that is too large is refused by its row.
func (t foreignTensor) floats(path string, row0 int64, n int) ([]float32, error) {
	raw, err := t.read(path, row0, n)
	if err != nil {
		return nil, err
	}
	out, lost := make([]float32, int64(n)*t.perRow()), 0.
	for i := range out {
		switch t.kind {
		case "F32":
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		case "F16":
			out[i] = half.FromF16(binary.LittleEndian.Uint16(raw[2*i:]))
		case "BF16":
			out[i] = half.FromBF16(binary.LittleEndian.Uint16(raw[2*i:]))
		default:
			x := math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
			if out[i] = float32(x); math.IsInf(float64(out[i]), 0) && !math.IsInf(x, 0) {
				return nil, fmt.Errorf("%s: tensor %q, row %d: %g is too large for float32", path, t.name, row0+int64(i)/t.perRow(), x)
			}
			if int64(i)%t.perRow() == 0 {
				lost = 0
			}
			if out[i] == 0 && x != 0 {
				lost = x
			}
			if last := int64(i + 1); lost != 0 && last%t.perRow() == 0 && zeros(out[last-t.perRow():last]) {
				return nil, fmt.Errorf("%s: tensor %q, row %d: every value is too small for float32: one is %g", path, t.name, row0+int64(i)/t.perRow(), lost)
			}
		}
	}
	return out, nil
}

func zeros(v []float32) bool { return !slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) }

// tile reads n rows in the form of the layout.
func (f *foreignFile) tile(l Layout, row0 int64, n int) (*kernels.Tile, error) {
	t := &kernels.Tile{Rows: n}
	if len(l.Layers) == 0 && len(f.parts) == 1 {
		m, err := f.parts[0].matrix(f.path, l, row0, n, 1)
		t.Flat = m
		return t, err
	}
	if len(l.Layers) == 0 {
		flat := kernels.F32(n, l.Width, make([]float32, n*l.Width))
		at := 0
		for _, p := range f.parts {
			v, err := p.floats(f.path, row0, n)
			if err != nil {
				return nil, err
			}
			w := int(p.perRow())
			for i := range n {
				copy(flat.Row(i)[at:at+w], v[i*w:])
			}
			at += w
		}
		t.Flat = flat
		return t, nil
	}
	var m []kernels.Matrix
	for i, c := range l.columns() {
		part, err := f.parts[i].matrix(f.path, l, row0, n, c.lines)
		if err != nil {
			return nil, err
		}
		m = append(m, part)
	}
	setParts(t, m, true)
	return t, nil
}

// matrix reads n rows of so many lines, as they are where the store is to have them in the same type.
func (t foreignTensor) matrix(path string, l Layout, row0 int64, n, lines int) (kernels.Matrix, error) {
	width := int(t.perRow()) / lines
	if t.kind != l.Type || !littleEndian {
		v, err := t.floats(path, row0, n)
		if err != nil {
			return kernels.Matrix{}, err
		}
		return kernels.F32(n*lines, width, v), nil
	}
	raw, err := t.read(path, row0, n)
	return kernels.Matrix{Rows: n * lines, Cols: width, Stride: width, Type: l.dtype(), Data: raw}, err
}

package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"attrib/bench/truth"
	"attrib/internal/npy"
	"attrib/internal/safetensors"
)

// ReadScores reads scores that another program made for the outputs and samples of a truth: outputs × samples, float32
// or float64, positive where the sample helped. The file is NumPy's .npy, or .safetensors with one matrix or with one
// named "scores". What does not fit, and the first value that is not finite, is an error that names the file and the
// place.
func ReadScores(path string, t *truth.Truth) ([]float64, error) {
	read := readNPY
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy":
	case ".safetensors":
		read = readScoreTensor
	default:
		return nil, fmt.Errorf("%s: scores are read from .npy and .safetensors files", path)
	}
	v, shape, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	q, n := len(t.Outputs), len(t.Samples)
	switch {
	case len(shape) == 2 && shape[0] == q && shape[1] == n:
	case len(shape) == 2 && shape[0] == n && shape[1] == q:
		return nil, fmt.Errorf("%s: its shape is %d × %d, samples × outputs; transpose it: want %d outputs × %d samples", path, n, q, q, n)
	default:
		return nil, fmt.Errorf("%s: its shape is %v, want %d outputs × %d samples", path, shape, q, n)
	}
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s: row %d (output %q), column %d (sample %q) is %v", path, i/n, t.Outputs[i/n], i%n, t.Samples[i%n], x)
		}
	}
	return v, nil
}

func readScoreTensor(path string) ([]float64, []int, error) {
	_, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var found []safetensors.Tensor
	for _, t := range tensors {
		if t.Name == "scores" {
			found = []safetensors.Tensor{t}
			break
		}
		if len(t.Shape) == 2 {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return nil, nil, fmt.Errorf("it has %d matrices and none is named \"scores\"", len(found))
	}
	t := found[0]
	var shape []int
	for _, d := range t.Shape {
		shape = append(shape, int(d))
	}
	switch t.Type {
	case safetensors.F64:
		v, err := safetensors.Values[float64](t)
		return v, shape, err
	case safetensors.F32:
		v, err := safetensors.Values[float32](t)
		return doubles(v), shape, err
	}
	return nil, nil, fmt.Errorf("tensor %q is %s, want F32 or F64", t.Name, t.Type)
}

// readNPY reads an array of float32 or float64 whole.
func readNPY(path string) ([]float64, []int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	h, err := npy.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	var shape []int
	for _, d := range h.Shape {
		shape = append(shape, int(d))
	}
	v, err := npyValues(h, data[h.Offset:])
	if err == nil && h.Fortran && len(shape) == 2 {
		v = transposed(v, shape[0])
	}
	return v, shape, err
}

func npyValues(h npy.Header, body []byte) ([]float64, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if h.BigEndian() {
		order = binary.BigEndian
	}
	switch h.Descr[1:] {
	case "f4":
		v := make([]float32, len(body)/4)
		_, err := binary.Decode(body, order, v)
		return doubles(v), err
	case "f8":
		v := make([]float64, len(body)/8)
		_, err := binary.Decode(body, order, v)
		return v, err
	}
	return nil, fmt.Errorf("its values are %q, want float32 or float64", h.Descr)
}

// transposed turns columns that lie one after another (Fortran order), each of that many rows, into rows.
func transposed(v []float64, rows int) []float64 {
	out := make([]float64, 0, len(v))
	for r := range rows {
		for i := r; i < len(v); i += rows {
			out = append(out, v[i])
		}
	}
	return slices.Clip(out)
}

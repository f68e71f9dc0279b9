package bench

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"attrib/bench/truth"
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

// npyHeader is the dictionary of a .npy file of a plain array (NumPy's format description, NEP 1).
var npyHeader = regexp.MustCompile(`^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([0-9L, ]*)\),?\s*\}\s*$`)

func readNPY(path string) ([]float64, []int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	header, body, err := cutNPY(data)
	if err != nil {
		return nil, nil, err
	}
	m := npyHeader.FindStringSubmatch(header)
	if m == nil {
		return nil, nil, fmt.Errorf("its header %.80q is not that of a plain array", header)
	}
	var shape []int
	size := 1
	for field := range strings.SplitSeq(m[3], ",") {
		if field = strings.Trim(field, " L"); field == "" {
			continue
		}
		d, err := strconv.Atoi(field)
		if err != nil || d < 1 || size > len(body)/d {
			return nil, nil, fmt.Errorf("its shape (%s) does not fit %d bytes of values", m[3], len(body))
		}
		shape, size = append(shape, d), size*d
	}
	v, err := npyValues(m[1], body, size)
	if err == nil && m[2] == "True" && len(shape) == 2 {
		v = transposed(v, shape[0])
	}
	return v, shape, err
}

// cutNPY takes header and values apart.
func cutNPY(data []byte) (string, []byte, error) {
	if len(data) < 12 || string(data[:6]) != "\x93NUMPY" {
		return "", nil, errors.New("it is not a .npy file")
	}
	at, n := 10, int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		at, n = 12, int(binary.LittleEndian.Uint32(data[8:]))
	}
	if n < 0 || n > len(data)-at {
		return "", nil, fmt.Errorf("its header of %d bytes does not fit %d bytes", n, len(data))
	}
	return string(data[at : at+n]), data[at+n:], nil
}

func npyValues(descr string, body []byte, size int) ([]float64, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(descr, ">") {
		order = binary.BigEndian
	}
	width := map[string]int{"f4": 4, "f8": 8}[strings.TrimLeft(descr, "<>=|")]
	if width == 0 {
		return nil, fmt.Errorf("its values are %q, want float32 or float64", descr)
	}
	if len(body) != width*size {
		return nil, fmt.Errorf("%d values of %d bytes are not the %d bytes there are", size, width, len(body))
	}
	v := make([]float64, size)
	for i := range v {
		if width == 8 {
			v[i] = math.Float64frombits(order.Uint64(body[8*i:]))
		} else {
			v[i] = float64(math.Float32frombits(order.Uint32(body[4*i:])))
		}
	}
	return v, nil
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

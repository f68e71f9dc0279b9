package settle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/ethereum/go-ethereum/crypto"

	"attrib/internal/safetensors"
)

// tensorFields lists what is hashed of a safetensors file: the leaves of its header, and for every tensor each row
// and each column, so that one changed element is found where a row and a column that differ cross. A tensor of more
// than two dimensions is read as rows of its first. Row and column values are keccak-256 of their raw bytes, which
// keeps the list small.
func tensorFields(data []byte) ([]field, error) {
	f, err := safetensors.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	out, err := jsonFields(data[8 : 8+binary.LittleEndian.Uint64(data)])
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	for _, t := range f.Tensors {
		rows, columns := grid(t.Shape)
		out = append(out, gridFields("/"+escape(t.Name), data[t.Offset:t.Offset+t.Size], rows, columns, t.Type.Size())...)
	}
	return out, nil
}

// grid is a shape as rows and columns; a scalar is one of each.
func grid(shape []int64) (rows, columns int64) {
	rows, columns = 1, 1
	for i, n := range shape {
		if i == 0 {
			rows = n
		} else {
			columns *= n
		}
	}
	return rows, columns
}

// gridFields hashes a tensor by rows and by columns. One without elements has its header only.
func gridFields(at string, data []byte, rows, columns, size int64) []field {
	if len(data) == 0 {
		return nil
	}
	out := make([]field, 0, rows+columns)
	for r := range rows {
		row := data[r*columns*size : (r+1)*columns*size]
		out = append(out, field{at + "/rows/" + strconv.FormatInt(r, 10), crypto.Keccak256(row)})
	}
	column := make([]byte, rows*size)
	for c := range columns {
		for r := range rows {
			copy(column[r*size:(r+1)*size], data[(r*columns+c)*size:])
		}
		out = append(out, field{at + "/columns/" + strconv.FormatInt(c, 10), crypto.Keccak256(column)})
	}
	return out
}

package settle

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/ethereum/go-ethereum/crypto"
)

// maxTensorHeader bounds the header of a safetensors file in a bundle.
const maxTensorHeader = 16 << 20

// tensorInfo is one tensor of a safetensors header.
type tensorInfo struct {
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

var elementSize = map[string]int64{"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
	"U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1}

// tensorFields lists what is hashed of a safetensors file: the leaves of its header, and for every tensor each row
// and each column, so that one changed element is found where a row and a column that differ cross. A tensor of more
// than two dimensions is read as rows of its first. Row and column values are keccak-256 of their raw bytes, which
// keeps the list small.
func tensorFields(data []byte) ([]field, error) {
	header, body, err := splitTensors(data)
	if err != nil {
		return nil, err
	}
	out, err := jsonFields(header)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	infos, err := tensorInfos(header)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(infos)) {
		fields, err := gridFields("/"+escape(name), infos[name], body)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		out = append(out, fields...)
	}
	return out, nil
}

func splitTensors(data []byte) (header, body []byte, err error) {
	if len(data) < 8 {
		return nil, nil, errors.New("the file is shorter than a safetensors header")
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxTensorHeader {
		return nil, nil, fmt.Errorf("safetensors header of %d bytes exceeds %d", n, maxTensorHeader)
	}
	if n > uint64(len(data)-8) {
		return nil, nil, errors.New("the file ends in the middle of its safetensors header")
	}
	return data[8 : 8+n], data[8+n:], nil
}

func tensorInfos(header []byte) (map[string]tensorInfo, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	delete(raw, "__metadata__")
	out := make(map[string]tensorInfo, len(raw))
	for name, text := range raw {
		var info tensorInfo
		if err := json.Unmarshal(text, &info); err != nil {
			return nil, fmt.Errorf("header of tensor %q: %w", name, err)
		}
		out[name] = info
	}
	return out, nil
}

// gridFields hashes a tensor by rows and by columns.
func gridFields(at string, info tensorInfo, body []byte) ([]field, error) {
	rows, columns, size, err := info.grid(int64(len(body)))
	if err != nil {
		return nil, err
	}
	data := body[info.Offsets[0]:info.Offsets[1]]
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
	return out, nil
}

// grid checks the header of a tensor against the bytes there are.
func (info tensorInfo) grid(have int64) (rows, columns, size int64, err error) {
	size, ok := elementSize[info.DType]
	if !ok {
		return 0, 0, 0, fmt.Errorf("unknown dtype %q", info.DType)
	}
	begin, end := info.Offsets[0], info.Offsets[1]
	if begin < 0 || end < begin || end > have {
		return 0, 0, 0, fmt.Errorf("bytes %d to %d are not in the file, which has %d", begin, end, have)
	}
	rows, columns = 1, 1
	for i, n := range info.Shape {
		if n < 0 || n > have {
			return 0, 0, 0, fmt.Errorf("shape %v does not fit %d bytes", info.Shape, end-begin)
		}
		if i == 0 {
			rows = n
		} else if columns *= n; columns > have {
			return 0, 0, 0, fmt.Errorf("shape %v does not fit %d bytes", info.Shape, end-begin)
		}
	}
	if rows != 0 && columns > (end-begin)/rows || rows*columns*size != end-begin {
		return 0, 0, 0, fmt.Errorf("shape %v of %s does not fill %d bytes", info.Shape, info.DType, end-begin)
	}
	return rows, columns, size, nil
}

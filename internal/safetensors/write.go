package safetensors

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"attrib/internal/atomicfile"
)

// headerAlign is the multiple to which the header is padded with spaces, so that the first tensor starts at a cache
// line of a mapped file.
const headerAlign = 64

// WriteFile writes the tensors to path, whole or not at all.
func WriteFile(path string, metadata map[string]string, tensors []Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		buf := bufio.NewWriterSize(w, 1<<20)
		if err := Write(buf, metadata, tensors); err != nil {
			return err
		}
		return buf.Flush()
	})
}

// Write writes the tensors in their canonical order, whatever order they are given in.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.Type.Size(), a.Type.Size()), cmp.Compare(a.Name, b.Name))
	})
	if err := checkTensors(sorted); err != nil {
		return err
	}
	header, err := encodeHeader(metadata, sorted)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range sorted {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

func checkTensors(tensors []Tensor) error {
	var errs []error
	names := map[string]bool{metadataKey: true}
	for _, t := range tensors {
		n, err := byteLen(t.Type, t.Shape)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("tensor %q: %w", t.Name, err))
		case n != int64(len(t.Data)):
			errs = append(errs, fmt.Errorf("tensor %q: %s %v takes %d bytes, but %d are given", t.Name, t.Type, t.Shape, n, len(t.Data)))
		}
		if names[t.Name] {
			errs = append(errs, fmt.Errorf("tensor name %q is given twice or reserved", t.Name))
		}
		names[t.Name] = true
	}
	return errors.Join(errs...)
}

type headerEntry struct {
	DType   DType    `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// encodeHeader renders the length, the JSON with keys in file order, and the padding.
func encodeHeader(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	buf := bytes.NewBuffer(make([]byte, 8, 1024))
	buf.WriteByte('{')
	member := func(key string, v any) error {
		if buf.Len() > 9 {
			buf.WriteByte(',')
		}
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		value, err := json.Marshal(v)
		buf.Write(k)
		buf.WriteByte(':')
		buf.Write(value)
		return err
	}
	if len(metadata) > 0 {
		if err := member(metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	at := int64(0)
	for _, t := range tensors {
		end := at + int64(len(t.Data))
		shape := append([]int64{}, t.Shape...) // a scalar's shape is [], not null
		if err := member(t.Name, headerEntry{t.Type, shape, [2]int64{at, end}}); err != nil {
			return nil, err
		}
		at = end
	}
	buf.WriteByte('}')
	for buf.Len()%headerAlign != 0 {
		buf.WriteByte(' ')
	}
	n := buf.Len() - 8
	if n > MaxHeader {
		return nil, fmt.Errorf("the header takes %d bytes, more than the %d that may be read", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(buf.Bytes(), uint64(n))
	return buf.Bytes(), nil
}

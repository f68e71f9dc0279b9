package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"unicode/utf8"

	"attrib/internal/strictjson"
)

const metadataKey = "__metadata__"

// Info is a tensor's entry in the header: its bytes are Size bytes from Offset, counted from the start of the file.
type Info struct {
	Name         string
	Type         DType
	Shape        []int64
	Offset, Size int64
}

// File is an opened file: the header is read and checked, the tensors are not read.
type File struct {
	Metadata map[string]string
	Tensors  []Info // in the order of the file
	r        io.ReaderAt
}

// Open reads and checks the header of a file of that size.
func Open(r io.ReaderAt, size int64) (*File, error) {
	var head [8]byte
	if size < 8 {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	if err := readAt(r, head[:], 0); err != nil {
		return nil, fmt.Errorf("header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(head[:])
	switch {
	case n > MaxHeader:
		return nil, fmt.Errorf("header of %d bytes is longer than the %d allowed", n, MaxHeader)
	case int64(n) > size-8:
		return nil, fmt.Errorf("header of %d bytes does not fit a file of %d bytes", n, size)
	}
	header := make([]byte, n)
	if err := readAt(r, header, 8); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	f := &File{r: r}
	if err := f.parse(header, size-8-int64(n)); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	for i := range f.Tensors {
		f.Tensors[i].Offset += 8 + int64(n)
	}
	return f, nil
}

// parse reads the header of a file whose tensors take size bytes; offsets stay relative to the first of them.
func (f *File) parse(header []byte, size int64) error {
	if !utf8.Valid(header) || len(header) == 0 || header[0] != '{' {
		return errors.New("is not a JSON object in UTF-8")
	}
	var members map[string]json.RawMessage
	if err := strictjson.Unmarshal(header, &members); err != nil {
		return err
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name == metadataKey {
			if err := strictjson.Unmarshal(members[name], &f.Metadata); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", metadataKey, err))
			}
			continue
		}
		t, err := parseEntry(name, members[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("tensor %q: %w", name, err))
			continue
		}
		f.Tensors = append(f.Tensors, t)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	slices.SortFunc(f.Tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Name, b.Name))
	})
	return f.checkCover(size)
}

func parseEntry(name string, raw json.RawMessage) (Info, error) {
	var keys map[string]json.RawMessage // encoding/json would take "DTYPE" for dtype
	if err := json.Unmarshal(raw, &keys); err != nil {
		return Info{}, errors.New("its entry is not an object")
	}
	for key := range keys {
		if !slices.Contains([]string{"dtype", "shape", "data_offsets"}, key) {
			return Info{}, fmt.Errorf("unknown field %q", key)
		}
	}
	var e struct {
		DType   *DType   `json:"dtype"`
		Shape   *[]int64 `json:"shape"`
		Offsets *[]int64 `json:"data_offsets"`
	}
	if err := strictjson.Unmarshal(raw, &e); err != nil {
		return Info{}, err
	}
	if e.DType == nil || e.Shape == nil || e.Offsets == nil || len(*e.Offsets) != 2 {
		return Info{}, errors.New("needs dtype, shape and two data_offsets")
	}
	begin, end := (*e.Offsets)[0], (*e.Offsets)[1]
	if begin < 0 || end < begin {
		return Info{}, fmt.Errorf("data_offsets [%d, %d] are not a range", begin, end)
	}
	want, err := byteLen(*e.DType, *e.Shape)
	if err != nil {
		return Info{}, err
	}
	if want != end-begin {
		return Info{}, fmt.Errorf("%s %v takes %d bytes, but data_offsets [%d, %d] hold %d", *e.DType, *e.Shape, want, begin, end, end-begin)
	}
	return Info{Name: name, Type: *e.DType, Shape: *e.Shape, Offset: begin, Size: want}, nil
}

// checkCover refuses holes, overlaps and a file that is too short or too long.
func (f *File) checkCover(size int64) error {
	at := int64(0)
	for _, t := range f.Tensors {
		switch {
		case t.Offset < at:
			return fmt.Errorf("tensor %q overlaps the one before it", t.Name)
		case t.Offset > at:
			return fmt.Errorf("tensor %q leaves a hole of %d bytes before it", t.Name, t.Offset-at)
		}
		at += t.Size
	}
	if at != size {
		return fmt.Errorf("the tensors take %d bytes, but the file has %d for them", at, size)
	}
	return nil
}

// Info returns the entry of a tensor; ok is false when there is none of that name.
func (f *File) Info(name string) (t Info, ok bool) {
	i := slices.IndexFunc(f.Tensors, func(t Info) bool { return t.Name == name })
	if i < 0 {
		return Info{}, false
	}
	return f.Tensors[i], true
}

// Tensor reads a tensor whole.
func (f *File) Tensor(name string) (Tensor, error) {
	t, ok := f.Info(name)
	if !ok {
		return Tensor{}, fmt.Errorf("tensor %q is missing", name)
	}
	data := make([]byte, t.Size)
	if err := readAt(f.r, data, t.Offset); err != nil {
		return Tensor{}, fmt.Errorf("tensor %q: %w", name, err)
	}
	return Tensor{Name: name, Type: t.Type, Shape: t.Shape, Data: data}, nil
}

// ReadFile reads a file whole: its metadata (nil when it has none) and its tensors in file order.
func ReadFile(path string) (metadata map[string]string, tensors []Tensor, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	f, err := Open(file, st.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, info := range f.Tensors {
		t, err := f.Tensor(info.Name)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		tensors = append(tensors, t)
	}
	return f.Metadata, tensors, nil
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	return cmp.Or(err, io.ErrUnexpectedEOF)
}

// Package npy reads the header of NumPy's .npy files (format description: NEP 1). The values are the caller's to read: they
// lie in one piece from Header.Offset to the end of the file.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Header is what a file says of its array.
type Header struct {
	Descr   string  // NumPy's type string, such as "<f4"
	Fortran bool    // columns lie together instead of rows
	Shape   []int64 // empty for a single value
	Offset  int64   // where the values begin
}

// maxHeader is far more than the header of any plain array takes.
const maxHeader = 1 << 16

// dictionary is the header of a plain array.
var dictionary = regexp.MustCompile(`^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([0-9L, ]*)\),?\s*\}\s*$`)

// ItemSize is the number of bytes of one value, 0 for a type string that is no plain number.
func (h Header) ItemSize() int64 {
	if len(h.Descr) < 3 || !strings.Contains("<>=|", h.Descr[:1]) || !strings.Contains("fiub", h.Descr[1:2]) {
		return 0
	}
	n, err := strconv.ParseInt(h.Descr[2:], 10, 8)
	if err != nil || n != 1 && n != 2 && n != 4 && n != 8 {
		return 0
	}
	return n
}

// BigEndian says whether values lie with their highest byte first.
func (h Header) BigEndian() bool { return h.Descr[0] == '>' }

// Read reads the header of a file of that size and checks that its values fill the rest of the file.
func Read(r io.ReaderAt, size int64) (Header, error) {
	text, offset, err := cut(r, size)
	if err != nil {
		return Header{}, err
	}
	m := dictionary.FindStringSubmatch(text)
	if m == nil {
		return Header{}, fmt.Errorf("its header %.80q is not that of a plain array", text)
	}
	h := Header{Descr: m[1], Fortran: m[2] == "True", Shape: []int64{}, Offset: offset}
	item := h.ItemSize()
	if item == 0 {
		return Header{}, fmt.Errorf("its values are %q, want float32 or another type of plain numbers", h.Descr)
	}
	count := int64(1)
	for field := range strings.SplitSeq(m[3], ",") {
		if field = strings.Trim(field, " L"); field == "" {
			continue
		}
		d, err := strconv.ParseInt(field, 10, 64)
		if err != nil || d < 1 || count > (size-offset)/d {
			return Header{}, fmt.Errorf("its shape (%s) does not fit %d bytes of values", m[3], size-offset)
		}
		h.Shape, count = append(h.Shape, d), count*d
	}
	if count*item != size-offset {
		return Header{}, fmt.Errorf("%d values of %d bytes are not the %d bytes there are", count, item, size-offset)
	}
	return h, nil
}

// cut gives the header's text and where the values begin.
func cut(r io.ReaderAt, size int64) (string, int64, error) {
	var head [12]byte
	if n, _ := r.ReadAt(head[:], 0); n < len(head) || string(head[:6]) != "\x93NUMPY" {
		return "", 0, errors.New("it is not a .npy file")
	}
	at, n := int64(10), int64(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		at, n = 12, int64(binary.LittleEndian.Uint32(head[8:]))
	}
	if n > size-at || n > maxHeader {
		return "", 0, fmt.Errorf("its header of %d bytes does not fit a file of %d bytes", n, size)
	}
	text := make([]byte, n)
	if k, err := r.ReadAt(text, at); int64(k) < n {
		return "", 0, fmt.Errorf("header: %w", err)
	}
	return string(text), at + n, nil
}

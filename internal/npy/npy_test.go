package npy

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

func file(version byte, header string, values int) []byte {
	out := append([]byte("\x93NUMPY"), version, 0)
	if version == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	}
	return append(append(out, header...), make([]byte, values)...)
}

func read(data []byte) (Header, error) { return Read(bytes.NewReader(data), int64(len(data))) }

func TestRead(t *testing.T) {
	for _, version := range []byte{1, 2, 3} {
		data := file(version, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }        \n", 24)
		h, err := read(data)
		if err != nil || h.Descr != "<f4" || h.Fortran || len(h.Shape) != 2 || h.Shape[1] != 3 || h.Offset != int64(len(data)-24) || h.ItemSize() != 4 || h.BigEndian() {
			t.Errorf("%+v, %v", h, err)
		}
	}
	if h, err := read(file(1, "{'descr': '>i8', 'fortran_order': True, 'shape': (), }\n", 8)); err != nil || len(h.Shape) != 0 || !h.Fortran || !h.BigEndian() {
		t.Errorf("%+v, %v", h, err)
	}
	for want, data := range map[string][]byte{
		"not a .npy file":  []byte("PK\x03\x04 something else"),
		"does not fit a":   file(2, strings.Repeat(" ", 1<<17), 0),
		"plain array":      file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}\n", 4),
		"plain numbers":    file(1, "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", 8),
		"does not fit 4":   file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000, 4000000000)}\n", 4),
		"are not the 9":    file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n", 9),
		"(0,) does not":    file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}\n", 9),
		"it is not a .npy": {},
	} {
		if _, err := read(data); err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(want, "(0,) does not", "shape (0,) does not fit")) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// FuzzRead: no header makes Read panic, or accept what does not fit the file.
func FuzzRead(f *testing.F) {
	f.Add(file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24))
	f.Add(file(3, "{'descr': '>i8', 'fortran_order': True, 'shape': (), }\n", 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := read(data)
		if err != nil {
			return
		}
		n := h.ItemSize()
		for _, d := range h.Shape {
			n *= d
		}
		if h.Offset+n != int64(len(data)) {
			t.Errorf("%+v of %d bytes", h, len(data))
		}
	})
}

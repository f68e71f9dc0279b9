//go:build unix

package store

import (
	"bytes"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// mapped is a file in memory, read only.
type mapped struct {
	*bytes.Reader
	data []byte
}

// openBlob maps the file. The descriptor is not needed afterwards.
func openBlob(path string) (blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() == 0 || st.Size() > math.MaxInt {
		return nil, fmt.Errorf("%s: a file of %d bytes cannot be mapped", path, st.Size())
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return &mapped{bytes.NewReader(data), data}, nil
}

func (m *mapped) size() int64                 { return int64(len(m.data)) }
func (m *mapped) view(offset, n int64) []byte { return m.data[offset : offset+n : offset+n] }
func (m *mapped) Close() error                { return unix.Munmap(m.data) }

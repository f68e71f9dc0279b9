package store

import (
	"io"
	"os"
)

// blob is an opened shard. view gives its bytes without copying where the system can map files, nil elsewhere.
type blob interface {
	io.ReaderAt
	io.Closer
	size() int64
	view(offset, n int64) []byte
}

// plainFile is the blob of systems that cannot map.
type plainFile struct {
	*os.File
	n int64
}

func openPlain(path string) (blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return plainFile{f, st.Size()}, nil
}

func (p plainFile) size() int64            { return p.n }
func (p plainFile) view(_, _ int64) []byte { return nil }

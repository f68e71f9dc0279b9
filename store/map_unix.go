//go:build unix

package store

import (
	"math"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const canMap = true

// mapFile maps a part of a file, read only, and has the system read it ahead. The descriptor is not needed afterwards.
func mapFile(f *os.File, offset, n int64) ([]byte, error) {
	data, err := unix.Mmap(int(f.Fd()), offset, int(n), unix.PROT_READ, unix.MAP_SHARED)
	if err == nil {
		_ = unix.Madvise(data, unix.MADV_WILLNEED) // advice only
	}
	return data, err
}

func unmap(data []byte) { _ = unix.Munmap(data) }

// spaceLimit is the address space that the process may take, in bytes.
var spaceLimit = sync.OnceValue(func() int64 {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &r) != nil || uint64(r.Cur) > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(r.Cur)
})

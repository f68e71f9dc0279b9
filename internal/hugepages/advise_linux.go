package hugepages

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const size = 2 << 20 // of a large page

// Advise asks for large pages under v, which is best not touched yet. Only whole large pages inside of v are meant.
func Advise[T any](v []T) {
	if len(v) == 0 {
		return
	}
	from := uintptr(unsafe.Pointer(&v[0]))
	skip := (size - from%size) % size
	n := uintptr(len(v)) * unsafe.Sizeof(v[0])
	if n < skip+size {
		return
	}
	n = (n - skip) / size * size
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(&v[0]), skip)), n), unix.MADV_HUGEPAGE)
}

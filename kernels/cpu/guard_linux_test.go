package cpu

import (
	"syscall"
	"testing"
	"unsafe"
)

// fence is memory between two pages that fault when touched.
type fence struct {
	all  []byte
	page int
}

func newFence(t testing.TB, bytes int) *fence {
	t.Helper()
	page := syscall.Getpagesize()
	inner := (bytes + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, at := range []int{0, page + inner} {
		if err := syscall.Mprotect(all[at:at+page], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return &fence{all, page}
}

// place copies values against the upper fence, or the lower one, and returns them there.
func place[T any](f *fence, v []T, upper bool) []T {
	var x T
	at := f.page
	if upper {
		at = len(f.all) - f.page - int(unsafe.Sizeof(x))*len(v)
	}
	out := unsafe.Slice((*T)(unsafe.Pointer(&f.all[at])), len(v))
	copy(out, v)
	return out
}

// fencing returns a function that puts memory between fences: each call takes new ones.
func fencing(t testing.TB, upper bool) guard {
	return guard{t, upper}
}

type guard struct {
	t     testing.TB
	upper bool
}

func (g guard) floats(v []float32) []float32  { return guarded(g, v) }
func (g guard) doubles(v []float64) []float64 { return guarded(g, v) }
func (g guard) ints(v []int32) []int32        { return guarded(g, v) }
func (g guard) longs(v []int64) []int64       { return guarded(g, v) }
func (g guard) bytes(v []byte) []byte         { return guarded(g, v) }

func guarded[T any](g guard, v []T) []T {
	var x T
	return place(newFence(g.t, int(unsafe.Sizeof(x))*len(v)), v, g.upper)
}

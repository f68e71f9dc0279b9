package project

import (
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"attrib/kernels/simd"
)

// fenced is n values that end, or begin, at a page that faults when touched.
func fenced[T any](t *testing.T, n int, upper bool) []T {
	t.Helper()
	var x T
	page, size := syscall.Getpagesize(), n*int(unsafe.Sizeof(x))
	inner := (size + page - 1) / page * page
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
	at := page
	if upper {
		at = page + inner - size
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&all[at])), n)
}

// between puts values between fences.
func between[T any](t *testing.T, v []T, upper bool) []T {
	out := fenced[T](t, len(v), upper)
	copy(out, v)
	return out
}

// The assembly touches nothing beyond its slices, and gives there what plain Go gives.
func TestFences(t *testing.T) {
	m := New([32]byte{9}, 3)
	for _, p := range simd.Available() {
		for _, upper := range []bool{false, true} {
			w := m.maker(p)
			u, keys := w.unit, (*[20]uint32)(between(t, w.keys[:], upper))
			counter := (*[4]uint32)(between(t, []uint32{5, 1, 2, 3}, upper))
			for groups := range 4 {
				if groups > 0 {
					u.words(fenced[uint32](t, 4*u.lanes*groups, upper), groups, counter, keys)
				}
			}
			table := between(t, magnitudes(), upper)
			for n := 8; n <= 264; n += 8 {
				words := between(t, m.maker(simd.Generic).blocks(7, 0, 66)[:(n+1)/2], upper)
				got, want := fenced[float32](t, n, upper), make([]float32, n)
				u.normals(got, words, table)
				if normalsPlain(want, words, table); !slices.Equal(got, want) {
					t.Fatalf("%v: %d normal numbers differ", p, n)
				}
				if n%128 == 0 {
					u.signs(got, words[:n/32])
					if signsPlain(want, words); !slices.Equal(got, want) {
						t.Fatalf("%v: %d signs differ", p, n)
					}
				}
			}
			signs := between(t, m.maker(simd.Generic).blocks(7, 0, 1), upper)
			u.signs(fenced[float32](t, 128, upper), signs)
		}
	}
}

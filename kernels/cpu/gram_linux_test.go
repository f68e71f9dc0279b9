package cpu

import (
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

// fenced is n values that end, or begin, at a page that faults when touched.
func fenced[T float32 | float64](t *testing.T, n int, upper bool) []T {
	t.Helper()
	page, size := syscall.Getpagesize(), int(unsafe.Sizeof(T(0)))
	inner := (size*n + page - 1) / page * page
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
		at = page + inner - size*n
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&all[at])), n)
}

// The kernels touch nothing beyond the panels and the result.
func TestGramFences(t *testing.T) {
	eachGram(t, func(t *testing.T, p simd.Path) {
		for _, w := range []int{1, 47, 48, 96, 100, 144} {
			for _, n := range []int{1, 129, 300} {
				rows := kernelstest.Random(n, w, 9)
				want := gramOf(t, p, Options{}, kernels.MatrixSource(rows))
				for _, upper := range []bool{false, true} {
					g := newGram(w, int64(n), p, 1)
					g.chunk, g.out.Data = fenced[float32](t, len(g.chunk), upper), fenced[float64](t, w*w, upper)
					g.rows = n
					g.pack(0, rows)
					d := New(Options{Workers: 1}).(*device)
					if g.firstBad(d, n) >= 0 {
						t.Fatal("rows are not finite")
					}
					for i := range len(g.strips) {
						g.add(0, i)
					}
					for i := range g.panels() {
						g.mirror(i)
					}
					if !slices.Equal(g.out.Data, want) {
						t.Fatalf("%d×%d: other bits between fences", n, w)
					}
				}
			}
		}
	})
}

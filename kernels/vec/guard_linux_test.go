package vec

import (
	"syscall"
	"testing"
	"unsafe"
)

// fenced is n values that end, or begin, at a page that faults when touched.
func fenced(t *testing.T, n int, upper bool) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	inner := (4*n + page - 1) / page * page
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
		at = page + inner - 4*n
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&all[at])), n)
}

// The assembly touches nothing beyond its slices.
func TestFences(t *testing.T) {
	eachPath(t, func(t *testing.T, u *unit) {
		for n := 1; n < 50; n++ {
			for _, upper := range []bool{false, true} {
				x, y := fenced(t, n, upper), fenced(t, n, upper)
				u.exp(y, x)
				u.tanh(x, y)
				u.tanhGrad(y, x)
				u.multiply(y, x, y)
				u.blend(x, y, fenced(t, n, upper), y)
				u.logSoftmax(y, x, 1, n, n)
				cols := (n + 2) / 3
				u.logSoftmax(y, x, n/cols, cols, cols)
			}
		}
	})
}

package lapack

import (
	"syscall"
	"testing"
	"unsafe"

	"attrib/kernels/simd"
)

// fenced is a copy of a matrix, without what lies behind its last element, that ends, or begins, at a page that faults
// when touched.
func fenced(t *testing.T, m Matrix, upper bool) Matrix {
	t.Helper()
	page, n := syscall.Getpagesize(), (m.Rows-1)*m.Stride+m.Cols
	inner := (8*n + page - 1) / page * page
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
		at = page + inner - 8*n
	}
	data := unsafe.Slice((*float64)(unsafe.Pointer(&all[at])), n)
	copy(data, m.Data)
	m.Data = data
	return m
}

// Nothing beyond the matrices is touched: they end, or begin, where the memory does.
func TestFences(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, n := range []int{1, 7, 24, 49, 240, 267, 290} {
			for kind := range 4 {
				triangle, upper := Triangle(kind%2), kind/2 == 1
				a, b := fenced(t, definite(n, kind, 12), upper), fenced(t, random(n, 1+n%30, kind, 13), upper)
				if err := Cholesky(triangle, a, Options{Path: p}); err != nil {
					t.Fatal(err)
				}
				if err := Solve(triangle, a, b, Options{Path: p}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

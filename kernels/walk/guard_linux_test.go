package walk

import (
	"fmt"
	"math/rand/v2"
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

// The assembly touches nothing beyond its slices, nor the table beyond the knots of the largest total.
func TestFences(t *testing.T) {
	for _, path := range simd.Available() {
		for _, upper := range []bool{false, true} {
			knots := between(t, table(), upper)
			for n := 1; n < 40; n++ {
				r := rand.New(rand.NewPCG(3, uint64(n)))
				want := newState(r, n, false)
				u := &units[path]
				omega, sums, credit := between(t, want.in(want.omega), upper), fenced[int64](t, n, upper), fenced[int64](t, n, upper)
				had, x := fenced[int64](t, n, upper), fenced[int32](t, n, upper)
				for i := range x {
					x[i] = 1<<31 - 1
				}
				plain := &units[simd.Generic]
				gains := fmt.Sprint(u.doSum(omega, x, sums), u.doBest(omega, x, had, sums))
				if s := fmt.Sprint(plain.doSum(omega, x, make([]int64, n)), plain.doBest(omega, x, make([]int64, n), make([]int64, n))); s != gains {
					t.Fatalf("%v, %d outputs: gains %s, want %s", path, n, gains, s)
				}
				clear(had)
				got := u.doCurve(omega, x, had, credit, sums, knots)
				if s := plain.doCurve(omega, x, make([]int64, n), make([]int64, n), make([]int64, n), knots); s != got {
					t.Fatalf("%v, %d outputs: gain %d, want %d", path, n, got, s)
				}
			}
		}
	}
}

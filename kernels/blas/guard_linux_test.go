package blas

import (
	"syscall"
	"testing"
	"unsafe"

	"attrib/kernels/simd"
)

// fence is memory between two pages that fault when touched.
type fence struct {
	all  []byte
	page int
}

func newFence(t *testing.T, bytes int) *fence {
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
func (f *fence) place(v []float32, upper bool) []float32 {
	if len(v) == 0 {
		return nil
	}
	at := f.page
	if upper {
		at = len(f.all) - f.page - 4*len(v)
	}
	out := unsafe.Slice((*float32)(unsafe.Pointer(&f.all[at])), len(v))
	copy(out, v)
	return out
}

// The assembly reads and writes nothing beyond its operands: they end, or begin, where the memory does.
func TestFences(t *testing.T) {
	fences := [4]*fence{}
	for i := range fences {
		fences[i] = newFence(t, 1<<20)
	}
	eachPath(t, func(t *testing.T, p simd.Path) {
		for r := range 100 {
			rnd := stream(uint64(3000 + r))
			x := randomTask(rnd, p)
			for i, data := range []*[]float32{&x.a.Data, &x.b.Data, &x.c.Data, &x.o.Bias} {
				*data = fences[i].place((*data)[:exact(x, i, len(*data))], r%2 == 0)
			}
			want := x.model(p)
			if err := GemmBatch(x.count, x.alpha, x.a, x.b, x.beta, x.c, x.o); err != nil {
				t.Fatal(x, err)
			}
			sameBits(t, x, x.c.Data, want)
		}
	})
}

// exact is the length of an operand without what lies behind its last element.
func exact(x task, i, length int) int {
	switch i {
	case 0, 1, 2:
		b := []Batch{x.a, x.b, x.c}[i]
		if b.Rows == 0 || b.Cols == 0 {
			return 0
		}
		return (x.count-1)*b.Step + (b.Rows-1)*b.Stride + b.Cols
	}
	return min(length, (x.count-1)*x.o.BiasStep+x.c.Cols)
}

//go:build linux

package emulib

import (
	"strings"
	"testing"
	"unsafe"

	"attrib/internal/testneed"
)

var watched *Lib

// watchLib is a library that reports races, built once.
func watchLib(t *testing.T) *Lib {
	t.Helper()
	if watched != nil {
		return watched
	}
	path, err := Watch(t.TempDir(), "../../src", 90, "testdata/watch.cu", "testdata/emulator.cu")
	if err == ErrNoCompiler {
		testneed.Missing(t, "emulator", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	if watched, err = Open(path); err != nil {
		t.Fatal(err)
	}
	return watched
}

// Races are reported in every order, whatever the numbers are, and what is ordered is not.
func TestRacesAreReported(t *testing.T) {
	l := watchLib(t)
	in, out := make([]int32, 1024), make([]int32, 1024)
	word := func(i int) *unsafe.Pointer {
		p := unsafe.Pointer(&out[i])
		return &p
	}
	l.Memory(uintptr(unsafe.Pointer(&in[0])), 4096, 1)
	l.Memory(uintptr(unsafe.Pointer(&out[0])), 4096, 2)
	defer l.Memory(0, 0, 0)
	two := ptr(addr(in))
	const unordered = "without a barrier in between"
	cases := []struct {
		kernel          string
		blocks, threads uint32
		before          []unsafe.Pointer
		wants           []string // by mistake
	}{
		{"blocks_apart", 4, 64, []unsafe.Pointer{ptr(word(8))}, []string{"", "byte 32 of allocation 2, of 4096 bytes, which block (", "byte 28 of allocation 2", "which block (", "reads byte 28 of allocation 2|updates byte 28", "updates byte 288|updated"}},
		{"bytes_apart", 8, 1, []unsafe.Pointer{ptr(word(0))}, []string{"", "writes byte"}},
		{"largest", 4, 64, []unsafe.Pointer{two, ptr(word(0))}, []string{"", "updated|updates byte 0 of allocation 2"}},
		{"halves", 3, 128, []unsafe.Pointer{two, ptr(word(0))}, []string{"", unordered, unordered, unordered, "a static shared array"}},
		{"neighbour", 1, 64, []unsafe.Pointer{two, ptr(word(0))}, []string{"", "of the shared buffer", unordered, unordered}},
		{"fragments", 1, 32, []unsafe.Pointer{ptr(word(0))}, []string{"", unordered}},
		{"given_over", 1, 64, []unsafe.Pointer{ptr(word(0))}, []string{"", unordered, unordered, unordered}},
		{"given_over_phases", 1, 64, []unsafe.Pointer{ptr(word(0))}, []string{"", unordered, unordered, unordered}},
	}
	for _, c := range cases {
		for wrong, want := range c.wants {
			for order := range Orders {
				w := int32(wrong)
				for i := range in {
					in[i], out[i] = 1, -1
				}
				err := l.Launch(c.kernel, [3]uint32{c.blocks, 1, 1}, [3]uint32{c.threads, 1, 1}, 16*int(c.threads), order, append(c.before, ptr(&w))...)
				if want == "" {
					if err != nil {
						t.Errorf("%s, order %d, without a mistake: %v", c.kernel, order, err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), "race: ") || !strings.Contains(err.Error(), "kernel "+c.kernel+",") || !containsAny(err.Error(), want) {
					t.Errorf("%s, order %d, mistake %d: %v, want %q", c.kernel, order, wrong, err, want)
				}
			}
		}
	}
}

// Addresses that are no multiple of what is read there, beyond an array, or beside an allocation are reported.
func TestAddressesAreReported(t *testing.T) {
	l := watchLib(t)
	in, out := make([]float32, 1040), make([]float32, 1040) // pages that other memory shares
	p, q := unsafe.Pointer(&in[8]), unsafe.Pointer(&out[8])
	l.Memory(uintptr(p), 4096, 1)
	l.Memory(uintptr(q), 4096, 2)
	defer l.Memory(0, 0, 0)
	for i, want := range []string{
		"", "watch.cu:131: an address that is no multiple of 16: byte 8 of allocation 1", "an address that is no multiple of 8: byte 4 of the shared buffer",
		"index 4 is beyond the array", "writes 4 bytes from byte -4 of allocation 2 on", "reads 4 bytes from byte 4096 of allocation 1 on",
	} {
		wrong := int32(i)
		err := l.Launch("addresses", [3]uint32{1, 1, 1}, [3]uint32{64, 1, 1}, 256, 0, ptr(&p), ptr(&q), ptr(&wrong))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("mistake %d: %v, want %q", i, err, want)
		}
	}
}

func containsAny(s, wants string) bool {
	for _, w := range strings.Split(wants, "|") {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// Memory that is not named is not watched, and a launch begins anew.
func TestWatchedMemory(t *testing.T) {
	l := watchLib(t)
	out, w := make([]int32, 1024), int32(1)
	p := unsafe.Pointer(&out[8])
	launch := func(blocks uint32) error {
		return l.Launch("blocks_apart", [3]uint32{blocks, 1, 1}, [3]uint32{64, 1, 1}, 0, 0, ptr(&p), ptr(&w))
	}
	if err := launch(4); err != nil {
		t.Errorf("memory that is not named: %v", err)
	}
	l.Memory(uintptr(unsafe.Pointer(&out[0])), 4096, 1)
	for range 3 {
		if err := launch(1); err != nil {
			t.Errorf("one block a launch: %v", err)
		}
	}
	if err := launch(2); err == nil {
		t.Error("two blocks write one word")
	}
	l.Memory(0, 0, 0)
	if err := launch(4); err != nil {
		t.Errorf("memory that is forgotten: %v", err)
	}
}

// Kernels that race in the emulator's own tests do so here, and the others do not.
func TestWatchedKernels(t *testing.T) {
	l := watchLib(t)
	count, out := make([]int32, 1024), make([]int32, 1024)
	for i, v := range [][]int32{count, out} {
		l.Memory(uintptr(unsafe.Pointer(&v[0])), 4096, i)
	}
	defer l.Memory(0, 0, 0)
	a, b := ptr(addr(count)), ptr(addr(out))
	for kernel, race := range map[string]bool{"with_barrier": false, "without_barrier": true, "lost_update": true, "warp_functions": false} {
		err := l.Launch(kernel, [3]uint32{3, 1, 1}, [3]uint32{32, 1, 1}, 256, 0, a, b)
		if raced := err != nil && strings.Contains(err.Error(), "race: "); raced != (race || kernel == "warp_functions") {
			t.Errorf("%s: %v", kernel, err)
		}
	}
}

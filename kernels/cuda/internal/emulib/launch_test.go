//go:build linux

package emulib

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"attrib/internal/testneed"
)

func ptr[T any](v *T) unsafe.Pointer { return unsafe.Pointer(v) }

func addr[T any](v []T) *unsafe.Pointer {
	p := unsafe.Pointer(unsafe.SliceData(v))
	return &p
}

var opened *Lib

// lib is the library of testdata/emulator.cu for sm_80, built once.
func lib(t *testing.T) *Lib {
	t.Helper()
	if opened != nil {
		return opened
	}
	path, err := Build(t.TempDir(), "../../src", 80, "testdata/emulator.cu")
	if err == ErrNoCompiler {
		testneed.Missing(t, "emulator", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	if opened, err = Open(path); err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestBlockSum(t *testing.T) {
	l := lib(t)
	const n, threads, blocks = 1000, 128, 8
	in := make([]float32, n)
	var want [blocks]float32
	for i := range in {
		in[i] = float32(i%17) - 5
		want[i/threads] += in[i]
	}
	for order := range Orders {
		out, size := make([]float32, blocks), int32(n)
		err := l.Launch("block_sum", [3]uint32{blocks, 1, 1}, [3]uint32{threads, 1, 1}, 16, order, ptr(addr(in)), ptr(addr(out)), ptr(&size))
		if err != nil || !slices.Equal(out, want[:]) {
			t.Fatalf("order %d: %v, want %v: %v", order, out, want, err)
		}
	}
}

func TestMissingBarrierIsNoticed(t *testing.T) {
	l := lib(t)
	noticed := 0
	for order := range Orders {
		for _, kernel := range []string{"with_barrier", "without_barrier"} {
			out, wrong := make([]int32, 3*64), false
			err := l.Launch(kernel, [3]uint32{3, 1, 1}, [3]uint32{64, 1, 1}, 256, order, ptr(addr(out)))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range out {
				wrong = wrong || v != int32(3*((i+1)%64))
			}
			if wrong && kernel == "with_barrier" {
				t.Errorf("order %d: wrong in spite of the barrier", order)
			}
			if wrong {
				noticed++
			}
		}
	}
	if noticed != Orders {
		t.Errorf("the missing barrier shows in %d of %d orders", noticed, Orders)
	}
}

func TestWarpFunctions(t *testing.T) {
	l := lib(t)
	for order := range Orders {
		out := make([]uint32, 32*8)
		if err := l.Launch("warp_functions", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 0, order, ptr(addr(out))); err != nil {
			t.Fatal(err)
		}
		for i := range uint32(32) {
			want := []uint32{5, i - 3, i + 3, i ^ 6, 0x49249249, 1 | 1<<1, 0x11111111 << (i % 4), 115}
			if i < 3 {
				want[1] = i
			}
			if i > 28 {
				want[2] = i
			}
			if i >= 16 {
				want[7] = 0xaaaa0000
			}
			if got := out[8*i : 8*i+8]; !slices.Equal(got, want) {
				t.Fatalf("order %d, lane %d: %x, want %x", order, i, got, want)
			}
		}
	}
}

func TestAtomics(t *testing.T) {
	l := lib(t)
	grid, block := [3]uint32{5, 1, 1}, [3]uint32{96, 1, 1}
	for order := range Orders {
		count, sum, most := []int32{0}, []int64{0}, []uint32{0}
		err := l.Launch("atomics", grid, block, 0, order, ptr(addr(count)), ptr(addr(sum)), ptr(addr(most)))
		if err != nil || count[0] != 480 || sum[0] != -5*96*95/2 || most[0] != 479 {
			t.Fatalf("order %d: %d %d %d: %v", order, count, sum, most, err)
		}
		lock, locked := []int32{0}, []int32{0}
		if err := l.Launch("spin_lock", grid, block, 0, order, ptr(addr(lock)), ptr(addr(locked))); err != nil || locked[0] != 480 {
			t.Fatalf("order %d: locked %d times: %v", order, locked[0], err)
		}
	}
}

func TestLostUpdateIsNoticed(t *testing.T) {
	l := lib(t)
	lost := false
	for order := range Orders {
		count, other := []int32{0}, []int32{0}
		if err := l.Launch("lost_update", [3]uint32{1, 1, 1}, [3]uint32{256, 1, 1}, 0, order, ptr(addr(count)), ptr(addr(other))); err != nil {
			t.Fatal(err)
		}
		lost = lost || count[0] != 256
	}
	if !lost {
		t.Error("no order shows the lost update")
	}
}

func TestVotesLeaveOutThreadsThatEnded(t *testing.T) {
	l := lib(t)
	for order := range Orders {
		out := make([]int32, 40)
		if err := l.Launch("votes", [3]uint32{1, 1, 1}, [3]uint32{40, 1, 1}, 0, order, ptr(addr(out))); err != nil {
			t.Fatal(err)
		}
		for i, v := range out {
			if want := int32(1910); v != want && i != 1 {
				t.Fatalf("order %d, thread %d: %d, want %d", order, i, v, want)
			}
		}
	}
}

func TestFaultsHaveMessages(t *testing.T) {
	l := lib(t)
	one, two, zero, three := int32(1), int32(0), int32(0), int32(3)
	at := func(i int32) *int32 { return &i }
	out := make([]int32, 64)
	null := unsafe.Pointer(nil)
	cases := []struct {
		kernel string
		shared int
		want   string
		params []unsafe.Pointer
	}{
		{"deadlocked", 0, "deadlock: threads 0-15 wait at __syncwarp (0xffffffff); threads 16-31 wait at __syncthreads", nil},
		{"touch", 64, "touches byte 64 of a shared buffer of 64", []unsafe.Pointer{ptr(at(64)), ptr(&two), ptr(addr(out))}},
		{"touch", 64, "touches byte 64 of a shared buffer of 64", []unsafe.Pointer{ptr(at(64)), ptr(&one), ptr(addr(out))}},
		{"touch", 60, "written outside the shared buffer, at byte 63 of 60", []unsafe.Pointer{ptr(at(63)), ptr(&one), ptr(addr(out))}},
		{"touch", 60, "written outside the shared buffer, at byte -1 of 60", []unsafe.Pointer{ptr(at(-1)), ptr(&one), ptr(addr(out))}},
		{"null_read", 0, "which is not mapped", []unsafe.Pointer{ptr(&null), ptr(addr(out))}},
		{"divide", 0, "integer division by zero", []unsafe.Pointer{ptr(&three), ptr(&zero), ptr(addr(out))}},
		{"recursion", 0, "stack", []unsafe.Pointer{ptr(addr([]int32{1, 0}))}},
		{"forever", 0, "only poll memory", []unsafe.Pointer{ptr(addr([]int32{0}))}},
		{"touch", 1 << 20, "bytes of shared memory", nil},
		{"absent", 0, "no such kernel", nil},
	}
	for _, c := range cases {
		err := l.Launch(c.kernel, [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, c.shared, 0, c.params...)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "kernel "+c.kernel+",") {
			t.Errorf("%s: %v, want %q", c.kernel, err, c.want)
		}
	}
	// the library works on after each
	if err := l.Launch("with_barrier", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 128, 0, ptr(addr(out))); err != nil {
		t.Fatal(err)
	}
}

func TestGoFaultsStayGo(t *testing.T) {
	l := lib(t)
	defer func() {
		if recover() == nil {
			t.Error("no panic from a nil pointer after a launch")
		}
	}()
	out := make([]int32, 64)
	if err := l.Launch("with_barrier", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 128, 0, ptr(addr(out))); err != nil {
		t.Fatal(err)
	}
	var p *Lib
	p.launch = nil
}

func TestSharedIsPoisonedBeforeEachBlock(t *testing.T) {
	l := lib(t)
	out := make([]uint32, 6)
	if err := l.Launch("poison", [3]uint32{3, 1, 1}, [3]uint32{1, 1, 1}, 16, 0, ptr(addr(out))); err != nil {
		t.Fatal(err)
	}
	for _, v := range out {
		if v != 0xa5a5a5a5 {
			t.Fatalf("%x", out)
		}
	}
}

func TestEightOrders(t *testing.T) {
	l := lib(t)
	seen := map[string]bool{}
	for order := range Orders {
		count, came := []int32{0}, make([]int32, 4*32)
		if err := l.Launch("who_came", [3]uint32{4, 1, 1}, [3]uint32{32, 1, 1}, 0, order, ptr(addr(count)), ptr(addr(came))); err != nil {
			t.Fatal(err)
		}
		var key strings.Builder
		for _, c := range came {
			key.WriteByte(byte(c))
		}
		seen[key.String()] = true
		if sorted := slices.IsSorted(came); sorted != (order == 0) {
			t.Errorf("order %d: sorted %v", order, sorted)
		}
		slices.Sort(came)
		for i, c := range came {
			if int(c) != i {
				t.Fatalf("order %d: thread %d missing", order, i)
			}
		}
	}
	if len(seen) != Orders {
		t.Errorf("%d different orders of %d", len(seen), Orders)
	}
}

func TestParametersAndThreeDimensions(t *testing.T) {
	l := lib(t)
	type pair struct {
		a int16
		b float64
	}
	f, p, u := float32(0.5), pair{-3, 10}, [3]uint32{1, 2, 40}
	out := make([]float64, 2*3*2*4*2*3)
	if err := l.Launch("parameters", [3]uint32{2, 3, 2}, [3]uint32{4, 2, 3}, 0, 5, ptr(&f), ptr(&p), ptr(&u), ptr(addr(out))); err != nil {
		t.Fatal(err)
	}
	for i, v := range out {
		if v != 47.5 {
			t.Fatalf("[%d] %g", i, v)
		}
	}
	if !l.Has("parameters") || l.Has("absent") {
		t.Error("Has")
	}
}

// Where there is no switch by hand, ucontext runs the same kernels.
func TestUcontext(t *testing.T) {
	lib(t)
	path := filepath.Join(t.TempDir(), "ucontext.so")
	args := append(Flags(80), "-DEMU_UCONTEXT", "-I../../src", "-o", path, "testdata/emulator.cu")
	if text, err := exec.Command("g++", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for order := range Orders {
		out := make([]int32, 3*64)
		if err := l.Launch("with_barrier", [3]uint32{3, 1, 1}, [3]uint32{64, 1, 1}, 256, order, ptr(addr(out))); err != nil {
			t.Fatal(err)
		}
		for i, v := range out {
			if v != int32(3*((i+1)%64)) {
				t.Fatalf("order %d: [%d] %d", order, i, v)
			}
		}
	}
	err = l.Launch("deadlocked", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 0, 0)
	if err == nil || !strings.Contains(err.Error(), "deadlock") {
		t.Error(err)
	}
}

// Contracted multiplications and additions would give other bits than the card's: such a library refuses to run.
func TestContractionIsRefused(t *testing.T) {
	lib(t)
	if !hasFMA() {
		t.Skip("this processor has no fused multiply-add")
	}
	path := filepath.Join(t.TempDir(), "contracted.so")
	args := slices.DeleteFunc(Flags(80), func(f string) bool { return f == "-ffp-contract=off" })
	args = append(args, "-O2", "-I../../src", "-o", path, "testdata/emulator.cu")
	if text, err := exec.Command("g++", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	err = l.Launch("deadlocked", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 0, 0)
	if err == nil || !strings.Contains(err.Error(), "-ffp-contract=off") {
		t.Error(err)
	}
}

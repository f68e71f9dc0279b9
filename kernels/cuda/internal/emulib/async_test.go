//go:build linux

package emulib

import (
	"math"
	"strings"
	"testing"
	"unsafe"

	"attrib/internal/half"
	"attrib/internal/testneed"
)

var async *Lib

// asyncLib is the library of both files for sm_90, built once.
func asyncLib(t *testing.T) *Lib {
	t.Helper()
	if async != nil {
		return async
	}
	path, err := Build(t.TempDir(), "../../src", 90, "testdata/async.cu", "testdata/emulator.cu")
	if err == ErrNoCompiler {
		testneed.Missing(t, "emulator", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	if async, err = Open(path); err != nil {
		t.Fatal(err)
	}
	return async
}

// noticed runs a kernel under all orders and returns what was wrong, if anything: an error, or what bad finds.
func noticed(run func(order int) error, bad func() string) string {
	for order := range Orders {
		if err := run(order); err != nil {
			return err.Error()
		}
		if text := bad(); text != "" {
			return text
		}
	}
	return ""
}

// expect demands that mistake 0 passes and each other one is noticed with the given text.
func expect(t *testing.T, kernel string, wrong int32, got, want string) {
	t.Helper()
	switch {
	case want == "" && got != "":
		t.Errorf("%s without a mistake: %s", kernel, got)
	case want != "" && got == "":
		t.Errorf("%s: mistake %d is not noticed", kernel, wrong)
	case !strings.Contains(got, want):
		t.Errorf("%s: mistake %d: %s, want %q", kernel, wrong, got, want)
	}
}

func TestCpAsync(t *testing.T) {
	l := asyncLib(t)
	for wrong, want := range []string{"", "value", "value", "value"} {
		const n = 500
		in, out := make([]int32, n+3), make([]int32, 512)
		for i := range in {
			in[i] = int32(i) + 1
		}
		size, w := int32(n), int32(wrong)
		got := noticed(func(order int) error {
			clear(out)
			return l.Launch("staged_copy", [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 1024, order, ptr(addr(in)), ptr(addr(out)), ptr(&size), ptr(&w))
		}, func() string {
			for i, v := range out {
				if from := i ^ 31; from < n && v != in[from] || from >= n && v != 0 {
					return "value"
				}
			}
			return ""
		})
		expect(t, "staged_copy", w, got, want)
	}
}

func TestNamedBarriers(t *testing.T) {
	l := asyncLib(t)
	for wrong, want := range []string{"", "deadlock", "deadlock: threads 0-31 wait at bar.sync (0x2); threads 32-63 wait at bar.sync (0x3)"} {
		out, w := make([]int32, 128), int32(wrong)
		got := noticed(func(order int) error {
			return l.Launch("handed", [3]uint32{1, 1, 1}, [3]uint32{64, 1, 1}, 16, order, ptr(addr(out)), ptr(&w))
		}, func() string {
			for i, v := range out {
				if v != int32(10*(i/32)) {
					return "value"
				}
			}
			return ""
		})
		expect(t, "handed", w, got, want)
	}
}

func TestRing(t *testing.T) {
	l := asyncLib(t)
	const boxes = 7
	matrix := make([]uint16, 64*8*boxes-64) // the last row of the last box lies outside
	var want [boxes]int32
	for i := range matrix {
		matrix[i] = uint16(i % 1009)
		want[i/512] += int32(i % 1009)
	}
	m, err := l.EncodeMap(Matrix{Base: unsafe.Pointer(&matrix[0]), Columns: 64, Rows: len(matrix) / 64, Stride: 128,
		BoxColumns: 64, BoxRows: 8, ElementSize: 2, SwizzleBytes: 128})
	if err != nil {
		t.Fatal(err)
	}
	for wrong, text := range []string{"", "was not initialised", "more arrivals", "deadlock", "more arrivals", "deadlock", "deadlock"} {
		out, n, w := make([]int32, boxes), int32(boxes), int32(wrong)
		got := noticed(func(order int) error {
			clear(out)
			return l.Launch("ring", [3]uint32{1, 1, 1}, [3]uint32{64, 1, 1}, 2048+32, order, unsafe.Pointer(m), ptr(addr(out)), ptr(&n), ptr(&w))
		}, func() string {
			if [boxes]int32(out) != want {
				return "value"
			}
			return ""
		})
		expect(t, "ring", w, got, text)
	}
}

func TestProducts(t *testing.T) {
	l := asyncLib(t)
	texts := []string{"", "value", "wgmma.fence", "differs among the lanes", "value", "value", "under way"}
	for wrong, want := range texts {
		out, w := make([]float32, 64*64), int32(wrong)
		got := noticed(func(order int) error {
			clear(out)
			return l.Launch("products", [3]uint32{1, 1, 1}, [3]uint32{128, 1, 1}, 16384, order, ptr(addr(out)), ptr(&w))
		}, func() string {
			for _, v := range out {
				if v != 128 {
					return "value"
				}
			}
			return ""
		})
		expect(t, "products", w, got, want)
	}
}

func TestWarpInstructionsNeedTheirWarp(t *testing.T) {
	l := asyncLib(t)
	out := make([]float32, 32)
	for kernel, want := range map[string]string{"half_a_warp": "needs all 32 lanes", "misaligned_ldmatrix": "16 aligned bytes"} {
		err := l.Launch(kernel, [3]uint32{1, 1, 1}, [3]uint32{32, 1, 1}, 512, 0, ptr(addr(out)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", kernel, err, want)
		}
	}
}

func TestEncodeMapRefuses(t *testing.T) {
	l := asyncLib(t)
	data := make([]uint64, 2048)
	good := Matrix{Base: unsafe.Pointer(&data[0]), Columns: 64, Rows: 64, Stride: 128, BoxColumns: 64, BoxRows: 64, ElementSize: 2, SwizzleBytes: 128}
	if _, err := l.EncodeMap(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Matrix){
		"base":    func(m *Matrix) { m.Base = unsafe.Add(m.Base, 8) },
		"stride":  func(m *Matrix) { m.Stride = 120 },
		"empty":   func(m *Matrix) { m.Rows = 0 },
		"box":     func(m *Matrix) { m.BoxRows = 257 },
		"width":   func(m *Matrix) { m.BoxColumns = 72 },
		"sixteen": func(m *Matrix) { m.BoxColumns = 4 },
		"element": func(m *Matrix) { m.ElementSize = 3 },
	} {
		m := good
		change(&m)
		if _, err := l.EncodeMap(m); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestConversions(t *testing.T) {
	l := asyncLib(t)
	in := []float32{0, float32(math.Copysign(0, -1)), 1, -1.5, 65504, 65519.996, 65520, 1e30, -1e30, 6e-8, 2.9e-8, 2.98e-8, 3e-8,
		6.1e-5, 6.097e-5, 1.0009765625, 1.00048828125, 1.00146484375, float32(math.Inf(1)), float32(math.Inf(-1)), 3.3895e38, 3.4e38, 1e-40}
	for i := range uint32(5000) {
		in = append(in, math.Float32frombits(i*858993+17))
	}
	out, n := make([]float32, 2*len(in)), int32(len(in))
	if err := l.Launch("conversions", [3]uint32{1, 1, 1}, [3]uint32{1, 1, 1}, 0, 0, ptr(addr(in)), ptr(addr(out)), ptr(&n)); err != nil {
		t.Fatal(err)
	}
	same := func(a, b float32) bool {
		return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
	}
	for i, v := range in {
		if want := half.FromF16(half.ToF16(v)); !same(out[2*i], want) {
			t.Errorf("f16 of %g: %g, want %g", v, out[2*i], want)
		}
		if want := half.FromBF16(half.ToBF16(v)); !same(out[2*i+1], want) {
			t.Errorf("bf16 of %g: %g, want %g", v, out[2*i+1], want)
		}
	}
}

func TestRegistersAndPolling(t *testing.T) {
	l := asyncLib(t)
	for order := range Orders {
		out := make([]int32, 2)
		if err := l.Launch("registers", [3]uint32{1, 1, 1}, [3]uint32{256, 1, 1}, 16, order, ptr(addr(out))); err != nil {
			t.Fatal(err)
		}
		if out[0] != 128 || out[1] != 128 {
			t.Errorf("order %d: %d", order, out)
		}
	}
}

// Several files make one library, and several libraries live beside each other.
func TestLibrariesAreApart(t *testing.T) {
	if l := asyncLib(t); !l.Has("products") || !l.Has("block_sum") {
		t.Error("a kernel is missing")
	}
	if l := lib(t); l.Has("products") || !l.Has("block_sum") {
		t.Error("a kernel of another library is seen")
	}
}

func TestAllF16(t *testing.T) {
	l := asyncLib(t)
	out := make([]float32, 1<<16)
	if err := l.Launch("all_f16", [3]uint32{256, 1, 1}, [3]uint32{256, 1, 1}, 0, 1, ptr(addr(out))); err != nil {
		t.Fatal(err)
	}
	for i, v := range out {
		if want := half.FromF16(uint16(i)); math.Float32bits(v) != math.Float32bits(want) && (v == v || want == want) {
			t.Fatalf("f16 %04x: %g, want %g", i, v, want)
		}
	}
}

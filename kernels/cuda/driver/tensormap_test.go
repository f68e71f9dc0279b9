package driver_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func TestTensorMap(t *testing.T) {
	path := start(t, "cc=90")
	c := context(t, 0)
	m := got(c.Alloc(1 << 16))(t)
	good := driver.TensorLayout{Type: driver.BFloat16, Sizes: []uint64{100, 50}, Strides: []uint64{256}, Box: []uint32{64, 32}, Swizzle: driver.Swizzle128}
	e := got(m.EncodeTiled(32, good))(t)
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(e[at:]) }
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(e[at:]) }
	if driver.Pointer(u64(8)) != m.At(32) || u64(16) != 100 || u64(24) != 50 || u64(32) != 256 || u32(40) != 64 || u32(44) != 32 || u32(48) != 2 || u32(52) != 3 {
		t.Errorf("%x", *e)
	}
	for _, bad := range []struct {
		says   string
		offset uint64
		change func(*driver.TensorLayout)
	}{
		{"INVALID_VALUE", 8, func(*driver.TensorLayout) {}},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Strides = []uint64{216} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Strides = []uint64{192} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Box = []uint32{128, 32} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Box = []uint32{64, 257} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Box = []uint32{4, 32} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Sizes = []uint64{100, 0} }},
		{"INVALID_VALUE", 0, func(l *driver.TensorLayout) { l.Type = 77 }},
		{"tensor map: bytes", 0, func(l *driver.TensorLayout) { l.Sizes = []uint64{100, 257} }},
		{"tensor map of 2 sizes", 0, func(l *driver.TensorLayout) { l.Box = nil }},
	} {
		l := good
		bad.change(&l)
		if _, err := m.EncodeTiled(bad.offset, l); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("offset %d, %+v: %v", bad.offset, l, err)
		}
		if strings.HasPrefix(bad.says, "INVALID") && !strings.Contains(fake.Ask(t, path, "problems"), "cuTensorMapEncodeTiled") {
			t.Error("refused for another reason")
		}
	}
}

func TestProven(t *testing.T) {
	if driver.Proven("no such card", "scan") || len(driver.Proofs("no such card")) != 0 {
		t.Error("a kernel is proven on a card that is none")
	}
}

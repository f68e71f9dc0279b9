//go:build linux

package emulib

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Lib is a library of emulated kernels.
type Lib struct {
	launch func(kernel string, grid, block unsafe.Pointer, shared uint32, params unsafe.Pointer, order uint32) int32
	has    func(kernel string) int32
	memory func(base uintptr, bytes uint64, number uint32)
	error  func() string
	encode func(to, base unsafe.Pointer, columns, rows, stride uint64, boxColumns, boxRows, elementSize, swizzle uint32) string
}

// Open loads what Build made. It stays loaded until the process ends.
func Open(path string) (*Lib, error) {
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	l := &Lib{}
	purego.RegisterLibFunc(&l.launch, h, "emu_launch")
	purego.RegisterLibFunc(&l.has, h, "emu_has")
	purego.RegisterLibFunc(&l.memory, h, "emu_memory")
	purego.RegisterLibFunc(&l.error, h, "emu_error")
	purego.RegisterLibFunc(&l.encode, h, "emu_encode_map")
	return l, nil
}

// TensorMap is what a kernel takes as a CUtensorMap.
type TensorMap [16]uint64

// Matrix describes a row-major matrix and its box for TMA. Stride is in bytes; Swizzle is 0, 32, 64 or 128 bytes.
type Matrix struct {
	Base                                           unsafe.Pointer
	Columns, Rows, Stride                          int
	BoxColumns, BoxRows, ElementSize, SwizzleBytes int
}

// EncodeMap makes a tensor map, or says what a driver would refuse.
func (l *Lib) EncodeMap(m Matrix) (*TensorMap, error) {
	mode := map[int]uint32{0: 0, 32: 1, 64: 2, 128: 3}[m.SwizzleBytes]
	out := new(TensorMap)
	wrong := l.encode(unsafe.Pointer(out), m.Base, uint64(m.Columns), uint64(m.Rows), uint64(m.Stride),
		uint32(m.BoxColumns), uint32(m.BoxRows), uint32(m.ElementSize), mode)
	if wrong != "" {
		return nil, fmt.Errorf("tensor map: %s", wrong)
	}
	return out, nil
}

// Has says whether the library holds a kernel of that name.
func (l *Lib) Has(kernel string) bool { return l.has(kernel) != 0 }

// Memory names memory that kernels use: what [Watch] builds compares the threads that touch it, and speaks of it by the
// number. Base 0 forgets all. Memory that has gone since does no harm.
func (l *Lib) Memory(base uintptr, bytes int, number int) {
	l.memory(base, uint64(bytes), uint32(number))
}

// Launch runs a kernel. Each of params points to the value of a parameter: an integer or float of the kernel's size,
// a struct, or an unsafe.Pointer to what the kernel reads and writes. order is below Orders. Errors say the kernel,
// order, block and thread.
func (l *Lib) Launch(kernel string, grid, block [3]uint32, shared, order int, params ...unsafe.Pointer) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	list := make([]unsafe.Pointer, len(params)+1)
	copy(list, params)
	for _, p := range params {
		pin.Pin(p)
	}
	rc := l.launch(kernel, unsafe.Pointer(&grid), unsafe.Pointer(&block), uint32(shared), unsafe.Pointer(&list[0]), uint32(order))
	if rc != 0 {
		return fmt.Errorf("%s", l.error())
	}
	return nil
}

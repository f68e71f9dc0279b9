package driver

import (
	"fmt"
	"unsafe"
)

// Function is a kernel of a module; it lives as long as that.
type Function struct {
	module *Module
	handle uintptr
	name   string
	sizes  []int // of its parameters; nil when the driver does not say
}

// FunctionAttribute is a property of a kernel (cuda.h, CUfunction_attribute).
type FunctionAttribute int32

// The attributes that say what a kernel takes of a multiprocessor.
const (
	FunctionMaxThreads   FunctionAttribute = 0 // per block
	FunctionSharedBytes  FunctionAttribute = 1 // static
	FunctionLocalBytes   FunctionAttribute = 3 // per thread; spills live there
	FunctionRegisters    FunctionAttribute = 4 // per thread
	FunctionMaxDynShared FunctionAttribute = 8 // what AllowShared sets
)

// Function finds a kernel by name.
func (m *Module) Function(name string) (*Function, error) {
	h, err := m.context.use("module "+m.name, &m.handle)
	if err != nil {
		return nil, err
	}
	text := append([]byte(name), 0)
	f := new(uintptr)
	err = m.context.detailed(cuModuleGetFunction, "kernel "+name+" of module "+m.name, uintptr(unsafe.Pointer(f)), h, uintptr(unsafe.Pointer(&text[0])))
	if err != nil {
		return nil, err
	}
	fn := &Function{module: m, handle: *f, name: name}
	fn.sizes = fn.parameters()
	return fn, nil
}

// parameters asks for the sizes of the kernel's parameters: index by index, until there is none.
func (f *Function) parameters() []int {
	sizes := []int{}
	for i := 0; ; i++ {
		at := new([2]uintptr) // offset, size
		err := f.module.context.call(cuFuncGetParamInfo, f.handle, uintptr(i), uintptr(unsafe.Pointer(&at[0])), uintptr(unsafe.Pointer(&at[1])))
		if e, ok := err.(*Error); ok && e.Code == InvalidValue && e.First == nil {
			return sizes
		}
		if err != nil || i > maxParameterBytes {
			return nil
		}
		sizes = append(sizes, int(at[1]))
	}
}

// Name is the kernel's name.
func (f *Function) Name() string { return f.name }

// Attribute asks for a property.
func (f *Function) Attribute(a FunctionAttribute) (int, error) {
	v := new(int32)
	err := f.call(cuFuncGetAttribute, uintptr(unsafe.Pointer(v)), uintptr(a), f.handle)
	return int(*v), err
}

// SetAttribute sets a property.
func (f *Function) SetAttribute(a FunctionAttribute, value int) error {
	return f.call(cuFuncSetAttribute, f.handle, uintptr(a), uintptr(uint32(int32(value))))
}

// AllowShared lets launches ask for that much dynamic shared memory: more than 48 KB has to be asked for, and
// [Info].SharedPerBlock is the most there is.
func (f *Function) AllowShared(bytes int) error {
	if most := f.module.context.device.info.SharedPerBlock; bytes < 0 || bytes > most {
		return fmt.Errorf("%s: kernel %s wants %d bytes of shared memory, there are %d", f.module.context.device, f.name, bytes, most)
	}
	return f.SetAttribute(FunctionMaxDynShared, bytes)
}

// BlocksPerProcessor is how many blocks of that many threads and bytes of dynamic shared memory a multiprocessor runs
// at once.
func (f *Function) BlocksPerProcessor(threads, shared int) (int, error) {
	n := new(int32)
	err := f.call(cuOccupancyMaxActiveBlocksPerMultiprocessor, uintptr(unsafe.Pointer(n)), f.handle, uintptr(threads), uintptr(shared))
	return int(*n), err
}

//go:uintptrescapes
func (f *Function) call(s symbol, args ...uintptr) error {
	if _, err := f.module.context.use("module "+f.module.name, &f.module.handle); err != nil {
		return err
	}
	return f.module.context.detailed(s, "kernel "+f.name, args...)
}

package driver

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// Pointer is an address on the device, for kernels' parameters.
type Pointer uint64

// Memory is memory of a device.
type Memory struct {
	context *Context
	address atomic.Uintptr
	bytes   uint64
	adopted bool
}

// Alloc allocates memory on the device, aligned to 256 bytes at least. It says nothing about what is in it. No bytes are
// an allocation too. Errors: [ErrOutOfMemory].
func (c *Context) Alloc(bytes uint64) (*Memory, error) {
	address := new(uintptr)
	if err := c.detailed(cuMemAlloc, fmt.Sprintf("%d bytes", bytes), uintptr(unsafe.Pointer(address)), uintptr(max(bytes, 1))); err != nil {
		return nil, err
	}
	m := &Memory{context: c, bytes: bytes}
	m.address.Store(*address)
	c.opened(m, kindMemory)
	return m, nil
}

// AdoptMemory is memory of the device that somebody else allocated and frees.
func (c *Context) AdoptMemory(address Pointer, bytes uint64) *Memory {
	m := &Memory{context: c, bytes: bytes, adopted: true}
	m.address.Store(uintptr(address))
	return m
}

// Bytes is the size.
func (m *Memory) Bytes() uint64 { return m.bytes }

// Pointer is the address, 0 once it is closed.
func (m *Memory) Pointer() Pointer { return Pointer(m.address.Load()) }

// At is the address of a byte; it is not checked.
func (m *Memory) At(offset uint64) Pointer { return m.Pointer() + Pointer(offset) }

// Close frees the memory. What uses it should be done: the driver waits for it, but holds up all streams for that.
func (m *Memory) Close() error {
	if m.adopted {
		m.address.Store(0)
		return nil
	}
	return m.context.close(m, cuMemFree, &m.address)
}

// span is the address of bytes within the memory, which have to be there.
func (m *Memory) span(what string, offset, bytes uint64) (uintptr, error) {
	p, err := m.context.use("memory", &m.address)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	if offset > m.bytes || bytes > m.bytes-offset {
		return 0, fmt.Errorf("%s: %s: bytes %d to %d of memory of %d bytes", m.context.device, what, offset, offset+bytes, m.bytes)
	}
	return p + uintptr(offset), nil
}

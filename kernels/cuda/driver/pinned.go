package driver

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Pinned is memory of the host that the card copies from and to while the program runs on. All devices can use it.
type Pinned struct {
	context *Context
	address atomic.Uintptr
	bytes   []byte
	view    bool
}

const memHostAllocPortable = 1 // CU_MEMHOSTALLOC_PORTABLE

// AllocHost allocates pinned memory. Errors: [ErrOutOfMemory].
func (c *Context) AllocHost(bytes int) (*Pinned, error) {
	if bytes < 0 {
		return nil, fmt.Errorf("%s: AllocHost of %d bytes", c.device, bytes)
	}
	p := new(unsafe.Pointer)
	err := c.detailed(cuMemHostAlloc, fmt.Sprintf("%d bytes", bytes), uintptr(unsafe.Pointer(p)), uintptr(max(bytes, 1)), memHostAllocPortable)
	if err != nil {
		return nil, err
	}
	h := &Pinned{context: c, bytes: unsafe.Slice((*byte)(*p), bytes)}
	h.address.Store(uintptr(*p))
	c.device.lib.pinned.add(uintptr(*p), uintptr(bytes))
	c.opened(h, kindPinned)
	return h, nil
}

// Bytes is the memory, nil once it is closed: slices of it must not be used after that.
func (h *Pinned) Bytes() []byte {
	if h.address.Load() == 0 {
		return nil
	}
	return h.bytes
}

// View is the first bytes of the memory. Closing it leaves the memory as it is.
func (h *Pinned) View(bytes int) *Pinned {
	v := &Pinned{context: h.context, bytes: h.bytes[:bytes], view: true}
	v.address.Store(h.address.Load())
	return v
}

// Close frees the memory. The copies from and to it must be done.
func (h *Pinned) Close() error {
	if h.view {
		h.address.Store(0)
		return nil
	}
	h.context.device.lib.pinned.remove(h.address.Load())
	return h.context.close(h, cuMemFreeHost, &h.address)
}

// Slice views bytes as numbers. Their address and length must fit the type, as those of pinned memory do.
func Slice[T any](bytes []byte) []T {
	var t T
	size := unsafe.Sizeof(t)
	if len(bytes) == 0 {
		return nil
	}
	if uintptr(len(bytes))%size != 0 || uintptr(unsafe.Pointer(&bytes[0]))%unsafe.Alignof(t) != 0 {
		panic(fmt.Sprintf("driver: %d bytes at %p are no slice of %T", len(bytes), &bytes[0], t))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&bytes[0])), uintptr(len(bytes))/size)
}

// Bytes views numbers as bytes, for copies. The type must hold no pointers.
func Bytes[T any](numbers []T) []byte {
	var t T
	if len(numbers) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&numbers[0])), uintptr(len(numbers))*unsafe.Sizeof(t))
}

// ranges are the pinned memories of a library.
type ranges struct {
	mu  sync.RWMutex
	all [][2]uintptr // begin, end
}

func (r *ranges) add(begin, bytes uintptr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, [2]uintptr{begin, begin + bytes})
}

func (r *ranges) remove(begin uintptr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.DeleteFunc(r.all, func(x [2]uintptr) bool { return x[0] == begin })
}

// has says whether all of the bytes are pinned.
func (r *ranges) has(bytes []byte) bool {
	if len(bytes) == 0 {
		return true
	}
	begin := uintptr(unsafe.Pointer(&bytes[0]))
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.all, func(x [2]uintptr) bool { return x[0] <= begin && begin+uintptr(len(bytes)) <= x[1] })
}

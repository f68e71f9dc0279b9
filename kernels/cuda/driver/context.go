package driver

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Context is a device made ready for work: its primary context, shared with everybody else who uses the device in this
// process, or one that a program already has. What is made from it (memory, streams, …) belongs to it.
type Context struct {
	device *Device
	handle uintptr // CUcontext
	owned  bool    // retained here
	lost   atomic.Pointer[Error]

	mu     sync.RWMutex // held for reading by every call, for writing to close
	closed bool

	liveMu sync.Mutex
	live   map[closer]kind
}

type closer interface{ Close() error }

type kind int

const (
	kindMemory kind = iota
	kindPinned
	kindStream
	kindEvent
	kindModule
)

// Live counts what has been made of a context and not been closed.
type Live struct{ Memory, Pinned, Streams, Events, Modules int }

// Context retains the primary context of the device. Errors: [ErrOldDevice], [ErrOutOfMemory].
func (d *Device) Context() (*Context, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	handle := new(uintptr)
	if c := call(d.lib.address[cuDevicePrimaryCtxRetain], uintptr(unsafe.Pointer(handle)), d.handle); c != Success {
		e := d.lib.failure(cuDevicePrimaryCtxRetain, c)
		e.Device = d.String()
		return nil, e
	}
	return d.context(*handle, true), nil
}

// Adopt makes a Context of one that the program already has (a CUcontext of this device). Closing it leaves that one as
// it is.
func (d *Device) Adopt(context uintptr) (*Context, error) {
	if context == 0 {
		return nil, fmt.Errorf("%s: Adopt of no context", d)
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	return d.context(context, false), nil
}

func (d *Device) context(handle uintptr, owned bool) *Context {
	return &Context{device: d, handle: handle, owned: owned, live: map[closer]kind{}}
}

// Device is the card.
func (c *Context) Device() *Device { return c.device }

// Lost is the error that lost the device, nil while it is there.
func (c *Context) Lost() error {
	if e := c.lost.Load(); e != nil {
		return e
	}
	return nil
}

// Live counts what is open.
func (c *Context) Live() Live {
	c.liveMu.Lock()
	defer c.liveMu.Unlock()
	var l Live
	for _, k := range c.live {
		*[]*int{kindMemory: &l.Memory, kindPinned: &l.Pinned, kindStream: &l.Streams, kindEvent: &l.Events, kindModule: &l.Modules}[k]++
	}
	return l
}

// call makes the context current on a thread, calls, and puts back what was current. The arguments may be pointers
// turned into numbers.
//
//go:uintptrescapes
func (c *Context) call(s symbol, args ...uintptr) error { return c.detailed(s, "", args...) }

// detailed is call with what was asked for, for the error.
//
//go:uintptrescapes
func (c *Context) detailed(s symbol, detail string, args ...uintptr) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return fmt.Errorf("%s: %s: the context is %w", c.device, s, ErrClosed)
	}
	return c.within(s, detail, args...)
}

// within is detailed for who holds the lock.
//
//go:uintptrescapes
func (c *Context) within(s symbol, detail string, args ...uintptr) error {
	if first := c.lost.Load(); first != nil {
		return &Error{Call: exported[s], Code: first.Code, Device: c.device.String(), Detail: detail, First: first}
	}
	address := &c.device.lib.address
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if code := invoke(address[cuCtxPushCurrent], c.handle); code != Success {
		return c.failed(cuCtxPushCurrent, code, detail)
	}
	code := invoke(address[s], args...)
	popped := new(uintptr)
	call(address[cuCtxPopCurrent], uintptr(unsafe.Pointer(popped)))
	if code != Success {
		return c.failed(s, code, detail)
	}
	return nil
}

func (c *Context) failed(s symbol, code Code, detail string) error {
	e := c.device.lib.failure(s, code)
	e.Device, e.Detail = c.device.String(), detail
	if code.lost() {
		c.lost.CompareAndSwap(nil, e)
	}
	return e
}

// MemoryInfo is what the device has left and has at all, in bytes.
func (c *Context) MemoryInfo() (free, total uint64, err error) {
	both := new([2]uint64)
	err = c.call(cuMemGetInfo, uintptr(unsafe.Pointer(&both[0])), uintptr(unsafe.Pointer(&both[1])))
	return both[0], both[1], err
}

// Synchronise waits for everything given to the device in this context.
func (c *Context) Synchronise() error { return c.call(cuCtxSynchronize) }

// Close waits for the work that is under way, closes what is left of what was made from the context, then the context.
// That the device was lost is an error here only if nobody was told before.
func (c *Context) Close() error {
	var first error
	if c.lost.Load() == nil {
		if err := c.Synchronise(); !errors.Is(err, ErrClosed) {
			first = err
		}
	}
	for _, x := range c.left() {
		if err := x.Close(); err != nil && first == nil {
			first = err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return first
	}
	c.closed = true
	if !c.owned {
		return first
	}
	lib := c.device.lib
	if code := invoke(lib.address[cuDevicePrimaryCtxRelease], c.device.handle); code != Success && first == nil {
		if err := c.failed(cuDevicePrimaryCtxRelease, code, ""); c.lost.Load() == nil {
			first = err
		}
	}
	return first
}

// left is what is open: streams first, memory last, so that nothing is freed under work.
func (c *Context) left() []closer {
	c.liveMu.Lock()
	defer c.liveMu.Unlock()
	var out []closer
	for _, k := range []kind{kindStream, kindEvent, kindModule, kindMemory, kindPinned} {
		for x, is := range c.live {
			if is == k {
				out = append(out, x)
			}
		}
	}
	return out
}

func (c *Context) opened(x closer, k kind) {
	c.liveMu.Lock()
	defer c.liveMu.Unlock()
	c.live[x] = k
}

// close frees what a handle stands for, once. That it cannot be freed from a lost device is no error: it went with it.
func (c *Context) close(x closer, s symbol, handle *atomic.Uintptr) error {
	h := handle.Swap(0)
	if h == 0 {
		return nil
	}
	err := c.call(s, h)
	c.liveMu.Lock()
	delete(c.live, x)
	c.liveMu.Unlock()
	if err != nil && c.lost.Load() != nil {
		return nil
	}
	return err
}

// use is a handle, or an error when it was closed.
func (c *Context) use(what string, handle *atomic.Uintptr) (uintptr, error) {
	if h := handle.Load(); h != 0 {
		return h, nil
	}
	return 0, fmt.Errorf("%s: the %s is %w", c.device, what, ErrClosed)
}

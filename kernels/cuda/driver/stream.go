package driver

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Stream is a queue of work: what is put into it is done in that order, beside what is in other streams. It does not
// wait for the default stream of other users of the device.
type Stream struct {
	context *Context
	handle  atomic.Uintptr
	adopted bool
}

const streamNonBlocking = 1 // CU_STREAM_NON_BLOCKING

// NewStream makes a queue.
func (c *Context) NewStream() (*Stream, error) {
	h := new(uintptr)
	if err := c.call(cuStreamCreate, uintptr(unsafe.Pointer(h)), streamNonBlocking); err != nil {
		return nil, err
	}
	s := &Stream{context: c}
	s.handle.Store(*h)
	c.opened(s, kindStream)
	return s, nil
}

// AdoptStream is a stream (CUstream) that the program already has and destroys.
func (c *Context) AdoptStream(handle uintptr) (*Stream, error) {
	if handle == 0 {
		return nil, fmt.Errorf("%s: AdoptStream of the default stream, want one of its own", c.device)
	}
	s := &Stream{context: c, adopted: true}
	s.handle.Store(handle)
	return s, nil
}

// Context is what the stream belongs to.
func (s *Stream) Context() *Context { return s.context }

// Close destroys the queue. What is in it is still done.
func (s *Stream) Close() error {
	if s.adopted {
		s.handle.Store(0)
		return nil
	}
	return s.context.close(s, cuStreamDestroy, &s.handle)
}

// Synchronise waits until all is done that was put into the stream, and answers what failed of it.
func (s *Stream) Synchronise() error {
	h, err := s.use()
	if err != nil {
		return err
	}
	return s.context.call(cuStreamSynchronize, h)
}

// Done says whether all is done that was put into the stream.
func (s *Stream) Done() (bool, error) {
	h, err := s.use()
	if err != nil {
		return false, err
	}
	return ready(s.context.call(cuStreamQuery, h))
}

func (s *Stream) use() (uintptr, error) { return s.context.use("stream", &s.handle) }

// ready turns "not ready" into false.
func ready(err error) (bool, error) {
	if e, ok := err.(*Error); ok && e.Code == NotReady && e.First == nil {
		return false, nil
	}
	return err == nil, err
}

// CopyIn copies bytes of the host to the device at to+offset. From pinned memory it returns at once, and the bytes must
// stay as they are until the stream has come past the copy; from other memory it returns when the copy is done.
func (s *Stream) CopyIn(to *Memory, offset uint64, from []byte) error {
	h, p, err := s.copying("CopyIn", to, offset, uint64(len(from)))
	if err != nil || len(from) == 0 {
		return err
	}
	err = s.context.detailed(cuMemcpyHtoDAsync, sized(len(from)), p, uintptr(unsafe.Pointer(&from[0])), uintptr(len(from)), h)
	return s.settle(from, err)
}

// CopyOut copies bytes of the device at from+offset to the host. To pinned memory it returns at once, and the bytes are
// there when the stream has come past the copy; to other memory it returns when they are.
func (s *Stream) CopyOut(to []byte, from *Memory, offset uint64) error {
	h, p, err := s.copying("CopyOut", from, offset, uint64(len(to)))
	if err != nil || len(to) == 0 {
		return err
	}
	err = s.context.detailed(cuMemcpyDtoHAsync, sized(len(to)), uintptr(unsafe.Pointer(&to[0])), p, uintptr(len(to)), h)
	return s.settle(to, err)
}

// settle waits for a copy from or to memory that Go's collector owns.
func (s *Stream) settle(host []byte, err error) error {
	if s.context.device.lib.pinned.has(host) {
		return err
	}
	if err == nil {
		err = s.Synchronise()
	}
	runtime.KeepAlive(&host[0])
	return err
}

// Copy copies between memories of the device, which must not overlap.
func (s *Stream) Copy(to *Memory, toOffset uint64, from *Memory, fromOffset, bytes uint64) error {
	h, p, err := s.copying("Copy", to, toOffset, bytes)
	if err != nil {
		return err
	}
	_, q, err := s.copying("Copy", from, fromOffset, bytes)
	if err != nil || bytes == 0 {
		return err
	}
	return s.context.detailed(cuMemcpyDtoDAsync, sized(bytes), p, q, uintptr(bytes), h)
}

// Fill sets bytes of the device.
func (s *Stream) Fill(to *Memory, offset, bytes uint64, value byte) error {
	h, p, err := s.copying("Fill", to, offset, bytes)
	if err != nil || bytes == 0 {
		return err
	}
	return s.context.detailed(cuMemsetD8Async, sized(bytes), p, uintptr(value), uintptr(bytes), h)
}

// Fill32 sets count words of 4 bytes; offset is in bytes and a multiple of 4.
func (s *Stream) Fill32(to *Memory, offset, count uint64, value uint32) error {
	h, p, err := s.copying("Fill32", to, offset, 4*count)
	if err != nil || count == 0 {
		return err
	}
	if offset%4 != 0 || count > to.bytes/4 {
		return fmt.Errorf("%s: Fill32 of %d words at byte %d of %d", s.context.device, count, offset, to.bytes)
	}
	return s.context.detailed(cuMemsetD32Async, sized(4*count), p, uintptr(value), uintptr(count), h)
}

func sized[N int | uint64](bytes N) string { return fmt.Sprintf("%d bytes", bytes) }

// copying checks what a copy touches of the device.
func (s *Stream) copying(what string, m *Memory, offset, bytes uint64) (handle, address uintptr, err error) {
	if handle, err = s.use(); err != nil {
		return 0, 0, err
	}
	if m.context.device.handle != s.context.device.handle {
		return 0, 0, fmt.Errorf("%s: %s: the memory is of %s", s.context.device, what, m.context.device)
	}
	address, err = m.span(what, offset, bytes)
	return handle, address, err
}

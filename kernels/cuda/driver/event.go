package driver

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// Event is a mark in a stream: it can be waited for, by the host or by another stream, and timed. One that was never
// recorded counts as passed.
type Event struct {
	context *Context
	handle  atomic.Uintptr
	timing  bool
}

const eventDisableTiming = 2 // CU_EVENT_DISABLE_TIMING

// NewEvent makes a mark; without timing it is cheaper and has no [Event.Since].
func (c *Context) NewEvent(timing bool) (*Event, error) {
	flags := uintptr(eventDisableTiming)
	if timing {
		flags = 0
	}
	h := new(uintptr)
	if err := c.call(cuEventCreate, uintptr(unsafe.Pointer(h)), flags); err != nil {
		return nil, err
	}
	e := &Event{context: c, timing: timing}
	e.handle.Store(*h)
	c.opened(e, kindEvent)
	return e, nil
}

// Record puts the mark into the stream; a mark set before is forgotten.
func (s *Stream) Record(e *Event) error {
	h, err := s.use()
	if err != nil {
		return err
	}
	ev, err := e.use()
	if err != nil {
		return err
	}
	return s.context.call(cuEventRecord, ev, h)
}

// Wait lets what follows in the stream wait for the mark as it is recorded now, also of another stream or device.
func (s *Stream) Wait(e *Event) error {
	h, err := s.use()
	if err != nil {
		return err
	}
	ev, err := e.use()
	if err != nil {
		return err
	}
	return s.context.call(cuStreamWaitEvent, h, ev, 0)
}

// Synchronise waits until the mark is passed.
func (e *Event) Synchronise() error {
	h, err := e.use()
	if err != nil {
		return err
	}
	return e.context.call(cuEventSynchronize, h)
}

// Done says whether the mark is passed.
func (e *Event) Done() (bool, error) {
	h, err := e.use()
	if err != nil {
		return false, err
	}
	return ready(e.context.call(cuEventQuery, h))
}

// Since is the device's time from another mark to this one; both must be passed and have timing.
func (e *Event) Since(start *Event) (time.Duration, error) {
	if !e.timing || !start.timing {
		return 0, fmt.Errorf("%s: Since of events without timing", e.context.device)
	}
	h, err := e.use()
	if err != nil {
		return 0, err
	}
	from, err := start.use()
	if err != nil {
		return 0, err
	}
	ms := new(float32)
	err = e.context.call(cuEventElapsedTime, uintptr(unsafe.Pointer(ms)), from, h)
	return time.Duration(float64(*ms) * float64(time.Millisecond)), err
}

// Close destroys the mark.
func (e *Event) Close() error { return e.context.close(e, cuEventDestroy, &e.handle) }

func (e *Event) use() (uintptr, error) { return e.context.use("event", &e.handle) }

package kernels

import "runtime/debug"

// Faulting is a source whose memory may go away while it is read: a mapped file that somebody cuts short. Fault names
// what happened to the memory at that address, nil when it is not the source's.
type Faulting interface{ Fault(addr uintptr) error }

// Guard runs work, which reads rows of s, and turns a fault in the source's memory into an error instead of the end of the
// program. Devices read sources inside of it.
func Guard(s Source, work func() error) (err error) {
	f, ok := s.(Faulting)
	if !ok {
		return work()
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if at, ok := r.(interface{ Addr() uintptr }); ok {
			if err = f.Fault(at.Addr()); err != nil {
				return
			}
		}
		panic(r)
	}()
	return work()
}

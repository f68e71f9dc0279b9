package driver

import (
	"errors"
	"fmt"
)

// What can be asked of an error by errors.Is.
var (
	// ErrNoDriver: there is no driver to use; the message says why.
	ErrNoDriver = errors.New("no CUDA driver")
	// ErrOldDriver: the driver is older than [MinVersion].
	ErrOldDriver = errors.New("the CUDA driver is too old")
	// ErrNoDevice: there is a driver but no card, or not that many.
	ErrNoDevice = errors.New("no CUDA device")
	// ErrOldDevice: the card's compute capability is below [MinCapability].
	ErrOldDevice = errors.New("the CUDA device is too old")
	// ErrOutOfMemory: the card, or pinned memory of the host, is full. Smaller pieces may fit.
	ErrOutOfMemory = errors.New("out of memory")
	// ErrDeviceLost: nothing more can be had of this device in this process. Go on elsewhere.
	ErrDeviceLost = errors.New("the CUDA device is lost")
	// ErrClosed: something that was closed is used.
	ErrClosed = errors.New("closed")
)

// Error is what the driver answered to a call.
type Error struct {
	Call   string // the driver's function: cuMemAlloc_v2
	Code   Code
	Name   string // the driver's name of the code
	Text   string // its own description
	Device string // "cuda:0 (NVIDIA H100 80GB HBM3)", empty when there is none yet
	Detail string // what was asked for: "1024 bytes", "kernel scan_f32"
	First  *Error // the call that lost the device, when that was an earlier one
}

func (e *Error) Error() string {
	s := e.Call
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if e.Device != "" {
		s = e.Device + ": " + s
	}
	if e.First != nil {
		return fmt.Sprintf("%s: not done, the device was lost in %s: %s", s, e.First.Call, e.First.answer())
	}
	s += ": " + e.answer()
	if e.Code.lost() {
		s += "; the device is lost to this process"
	}
	return s
}

func (e *Error) answer() string {
	name := e.Name
	if name == "" {
		name = e.Code.String()
	}
	if e.Text == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, e.Text)
}

// Is answers for [ErrOutOfMemory], [ErrDeviceLost] and [ErrNoDevice].
func (e *Error) Is(target error) bool {
	switch target {
	case ErrOutOfMemory:
		return e.Code == OutOfMemory && e.First == nil
	case ErrDeviceLost:
		return e.First != nil || (e.Device != "" && e.Code.lost())
	case ErrNoDevice:
		return e.Code == NoDevice
	}
	return false
}

// OldDriverError is [ErrOldDriver] with the versions.
type OldDriverError struct {
	Have, Need Version
	Missing    string // a function that the library lacks, if that is how it showed
}

func (e *OldDriverError) Error() string {
	if e.Missing != "" {
		return fmt.Sprintf("the CUDA driver lacks %s; attrib needs driver %s or later (CUDA %s): update the driver", e.Missing, MinDriver, e.Need)
	}
	return fmt.Sprintf("the CUDA driver supports CUDA %s, which is older than driver %s (CUDA %s): update the driver", e.Have, MinDriver, e.Need)
}

// Is answers for [ErrOldDriver].
func (e *OldDriverError) Is(target error) bool { return target == ErrOldDriver }

// LoadError is a module that the driver's compiler refused, with what it said.
type LoadError struct {
	Module string // the name given to [Context.Load]
	Log    string // the compiler's log of errors
	Err    *Error
}

func (e *LoadError) Error() string {
	if e.Log == "" {
		return fmt.Sprintf("module %s: %v", e.Module, e.Err)
	}
	return fmt.Sprintf("module %s: %v\n%s", e.Module, e.Err, e.Log)
}

// Unwrap is the driver's answer.
func (e *LoadError) Unwrap() error { return e.Err }

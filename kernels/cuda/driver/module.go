package driver

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"
)

// Module is a set of kernels that the driver compiled for the device.
type Module struct {
	context *Context
	handle  atomic.Uintptr
	name    string
	log     string
}

// The options of cuModuleLoadDataEx (cuda.h, CUjit_option) and what is left for each log.
const (
	jitInfoLogBuffer  = 3
	jitInfoLogBytes   = 4
	jitErrorLogBuffer = 5
	jitErrorLogBytes  = 6
	jitLogVerbose     = 12
	logBytes          = 16 << 10
)

// Load compiles PTX for the device, or takes it from the driver's own cache. name is for messages. Errors: [*LoadError]
// with the compiler's log, [ErrOutOfMemory].
func (c *Context) Load(name string, ptx []byte) (*Module, error) {
	if bytes.IndexByte(ptx, 0) >= 0 || len(ptx) == 0 {
		return nil, fmt.Errorf("%s: module %s is no text of PTX (%d bytes)", c.device, name, len(ptx))
	}
	text := append(bytes.Clone(ptx), 0)
	info, complaints := make([]byte, logBytes+1), make([]byte, logBytes+1)
	var pins runtime.Pinner // the driver finds the logs through an array, where Go does not see them
	defer pins.Unpin()
	pins.Pin(&info[0])
	pins.Pin(&complaints[0])
	options := [...]uint32{jitInfoLogBuffer, jitInfoLogBytes, jitErrorLogBuffer, jitErrorLogBytes, jitLogVerbose}
	values := [...]uintptr{uintptr(unsafe.Pointer(&info[0])), logBytes, uintptr(unsafe.Pointer(&complaints[0])), logBytes, 1}
	handle := new(uintptr)
	err := c.detailed(cuModuleLoadDataEx, "module "+name, uintptr(unsafe.Pointer(handle)), uintptr(unsafe.Pointer(&text[0])),
		uintptr(len(options)), uintptr(unsafe.Pointer(&options)), uintptr(unsafe.Pointer(&values)))
	if err != nil {
		return nil, loadError(name, complaints, err)
	}
	m := &Module{context: c, name: name, log: logText(info)}
	m.handle.Store(*handle)
	c.opened(m, kindModule)
	return m, nil
}

func loadError(name string, log []byte, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &LoadError{Module: name, Log: logText(log), Err: e}
}

func logText(log []byte) string { return strings.TrimSpace(cString(&log[0])) }

// Log is what the compiler said about the module, registers and spills with it; empty when it came from the cache.
func (m *Module) Log() string { return m.log }

// Close unloads the module. Its functions must not be used any more.
func (m *Module) Close() error { return m.context.close(m, cuModuleUnload, &m.handle) }

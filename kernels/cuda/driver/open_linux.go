package driver

import (
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

const defaultLibrary = "libcuda.so.1"

// load opens a shared library. Its symbols stay its own, so that several emulated drivers can live in one process.
func load(path string) (uintptr, string) {
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err == nil {
		return h, ""
	}
	if path == defaultLibrary && strings.Contains(err.Error(), "No such file") {
		return 0, path + " not found (it comes with NVIDIA's driver)"
	}
	return 0, err.Error()
}

// lookup is the address of a symbol, 0 when there is none.
func lookup(handle uintptr, name string) uintptr {
	address, err := purego.Dlsym(handle, name)
	if err != nil {
		return 0
	}
	return address
}

// invoke calls a C function. Callers keep alive, and out of the stack, what the arguments point to.
func invoke(address uintptr, args ...uintptr) Code {
	r, _, _ := purego.SyscallN(address, args...)
	runtime.KeepAlive(args)
	return Code(uint32(r))
}

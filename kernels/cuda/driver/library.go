package driver

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

// Version is a version of CUDA as the driver states it: 1000 × major + 10 × minor.
type Version int32

// String is "12.4".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// MinVersion is the oldest version of CUDA that the driver may support, and MinDriver the first driver that does: the
// PTX of the kernels is of version 8.4.
const (
	MinVersion Version = 12040
	MinDriver          = "550"
)

// LibraryVariable is the environment variable that names another library than libcuda.so.1.
const LibraryVariable = "ATTRIB_LIBCUDA"

// Library is an opened driver. It stays loaded until the process ends.
type Library struct {
	path     string
	emulated bool
	version  Version
	*table
}

// table is what is kept of a library however often it is opened.
type table struct {
	address [symbols]uintptr
	pinned  ranges
}

// Open opens the library that ATTRIB_LIBCUDA names, or libcuda.so.1, and initialises it. Errors: [ErrNoDriver] with
// the reason, [ErrOldDriver], [ErrNoDevice].
func Open() (*Library, error) {
	if path := os.Getenv(LibraryVariable); path != "" {
		return OpenFile(path)
	}
	return OpenFile(defaultLibrary)
}

// OpenFile is [Open] for a library by name or path. It may be called again and again.
func OpenFile(path string) (*Library, error) {
	handle, reason := load(path)
	if reason != "" {
		return nil, fmt.Errorf("%w: %s", ErrNoDriver, reason)
	}
	l := &Library{path: path, emulated: lookup(handle, "fakeCudaControl") != 0, table: tableOf(handle)}
	if err := l.checkVersion(); err != nil {
		return nil, err
	}
	if missing := l.resolve(handle); missing != "" {
		return nil, &OldDriverError{Have: l.version, Need: MinVersion, Missing: missing}
	}
	if c := invoke(l.address[cuInit], 0); c != Success {
		return nil, l.initError(c)
	}
	return l, nil
}

var (
	tablesMu sync.Mutex
	tables   = map[uintptr]*table{} // by handle: the loader gives the same one for the same file
)

func tableOf(handle uintptr) *table {
	tablesMu.Lock()
	defer tablesMu.Unlock()
	t := tables[handle]
	if t == nil {
		t = &table{}
		t.address[cuDriverGetVersion] = lookup(handle, exported[cuDriverGetVersion])
		tables[handle] = t
	}
	return t
}

// checkVersion comes before anything that an old driver may lack.
func (l *Library) checkVersion() error {
	if l.address[cuDriverGetVersion] == 0 {
		return fmt.Errorf("%w: %s is not a CUDA driver: it has no cuDriverGetVersion", ErrNoDriver, l.path)
	}
	v := new(Version)
	if c := call(l.address[cuDriverGetVersion], uintptr(unsafe.Pointer(v))); c != Success {
		return fmt.Errorf("%w: cuDriverGetVersion of %s says %s", ErrNoDriver, l.path, c)
	}
	l.version = *v
	if *v == 0 {
		return fmt.Errorf("%w: %s says that no driver is loaded", ErrNoDriver, l.path)
	}
	if *v < MinVersion {
		return &OldDriverError{Have: *v, Need: MinVersion}
	}
	return nil
}

// resolve finds the functions and returns the name of one that is missing.
func (l *Library) resolve(handle uintptr) string {
	tablesMu.Lock()
	defer tablesMu.Unlock()
	for s := range symbols {
		if l.address[s] != 0 {
			continue
		}
		if l.address[s] = lookup(handle, exported[s]); l.address[s] == 0 {
			return exported[s]
		}
	}
	return ""
}

func (l *Library) initError(c Code) error {
	if c == NoDevice {
		return fmt.Errorf("%w: the driver (CUDA %s) finds none", ErrNoDevice, l.version)
	}
	e := l.failure(cuInit, c)
	return fmt.Errorf("%w: %s cannot be initialised: %s", ErrNoDriver, l.path, e.answer())
}

// call invokes with arguments that may be pointers turned into numbers.
//
//go:uintptrescapes
func call(address uintptr, args ...uintptr) Code { return invoke(address, args...) }

// do calls a function that needs no context.
//
//go:uintptrescapes
func (l *Library) do(s symbol, args ...uintptr) error {
	if c := invoke(l.address[s], args...); c != Success {
		return l.failure(s, c)
	}
	return nil
}

// failure is the error of an answer other than success.
func (l *Library) failure(s symbol, c Code) *Error {
	return &Error{Call: exported[s], Code: c, Name: l.describe(cuGetErrorName, c), Text: l.describe(cuGetErrorString, c)}
}

// describe is what the driver calls a code; it answers that without a device or context.
func (l *Library) describe(s symbol, c Code) string {
	text := new(*byte)
	if call(l.address[s], uintptr(c), uintptr(unsafe.Pointer(text))) != Success || *text == nil {
		return ""
	}
	return cString(*text)
}

// cString copies a text that ends in a zero byte.
func cString(p *byte) string {
	var b strings.Builder
	for ; *p != 0; p = (*byte)(unsafe.Add(unsafe.Pointer(p), 1)) {
		b.WriteByte(*p)
	}
	return b.String()
}

// Path is the name the library was opened by.
func (l *Library) Path() string { return l.path }

// Version is the version of CUDA that the driver supports.
func (l *Library) Version() Version { return l.version }

// Emulated says that the library is the emulator of package fake, known by the function it alone exports.
func (l *Library) Emulated() bool { return l.emulated }

// Count is the number of devices, which CUDA_VISIBLE_DEVICES may lower. None is no error here.
func (l *Library) Count() (int, error) {
	n := new(int32)
	err := l.do(cuDeviceGetCount, uintptr(unsafe.Pointer(n)))
	return int(*n), err
}

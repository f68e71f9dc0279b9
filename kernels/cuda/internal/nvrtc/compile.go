//go:build linux

package nvrtc

import (
	"bytes"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Compiler is the loaded library.
type Compiler struct {
	version func(major, minor *int32) int32
	create  func(program *uintptr, source, name string, headers int32, texts, names unsafe.Pointer) int32
	destroy func(program *uintptr) int32
	compile func(program uintptr, n int32, options unsafe.Pointer) int32
	logSize func(program uintptr, n *uintptr) int32
	log     func(program uintptr, text unsafe.Pointer) int32
	ptxSize func(program uintptr, n *uintptr) int32
	ptx     func(program uintptr, text unsafe.Pointer) int32
	message func(code int32) string
}

// Compiler loads the library, which stays loaded.
func (t Toolchain) Compiler() (*Compiler, error) {
	h, err := purego.Dlopen(t.Library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	c := &Compiler{}
	for name, f := range map[string]any{
		"nvrtcVersion": &c.version, "nvrtcCreateProgram": &c.create, "nvrtcDestroyProgram": &c.destroy,
		"nvrtcCompileProgram": &c.compile, "nvrtcGetProgramLogSize": &c.logSize, "nvrtcGetProgramLog": &c.log,
		"nvrtcGetPTXSize": &c.ptxSize, "nvrtcGetPTX": &c.ptx, "nvrtcGetErrorString": &c.message,
	} {
		purego.RegisterLibFunc(f, h, name)
	}
	return c, nil
}

// Version is the library's, such as "12.4".
func (c *Compiler) Version() string {
	var major, minor int32
	c.version(&major, &minor)
	return fmt.Sprintf("%d.%d", major, minor)
}

// PTX compiles the source, called name in messages; the same source and options give the same text. Errors hold the
// compiler's log.
func (c *Compiler) PTX(name string, source []byte, options []string) ([]byte, error) {
	var program uintptr
	if code := c.create(&program, string(source), name, 0, nil, nil); code != 0 {
		return nil, fmt.Errorf("%s: %s", name, c.message(code))
	}
	defer c.destroy(&program)
	if code := c.run(program, options); code != 0 {
		return nil, fmt.Errorf("%s: %s\n%s", name, c.message(code), c.text(program, c.logSize, c.log))
	}
	return canonical(c.text(program, c.ptxSize, c.ptx)), nil
}

func (c *Compiler) run(program uintptr, options []string) int32 {
	var pin runtime.Pinner
	defer pin.Unpin()
	list := make([]*byte, len(options)+1)
	for i, o := range options {
		list[i] = unsafe.SliceData(append([]byte(o), 0))
		pin.Pin(list[i])
	}
	return c.compile(program, int32(len(options)), unsafe.Pointer(&list[0]))
}

func (c *Compiler) text(program uintptr, size func(uintptr, *uintptr) int32, get func(uintptr, unsafe.Pointer) int32) []byte {
	var n uintptr
	if size(program, &n) != 0 || n == 0 {
		return nil
	}
	text := make([]byte, n)
	get(program, unsafe.Pointer(&text[0]))
	return bytes.TrimRight(text, "\x00")
}

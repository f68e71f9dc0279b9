//go:build linux

package cuda

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"unsafe"

	"attrib/internal/philox"
	"attrib/internal/testneed"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/cuda/internal/emulib"
)

// emulated launches kernels in the emulator, whose memory is the host's.
type emulated struct {
	lib     *emulib.Lib
	arch    int
	order   int
	watched func(params []unsafe.Pointer, args []any) // nil, or told of every launch
}

func (e emulated) launch(k kernel, grid driver.Dim, args ...any) error {
	params := make([]unsafe.Pointer, len(args))
	for i, a := range args {
		v := reflect.New(reflect.TypeOf(a))
		v.Elem().Set(reflect.ValueOf(a))
		params[i] = v.UnsafePointer()
	}
	if e.watched != nil {
		e.watched(params, args)
	}
	dims := func(d driver.Dim) [3]uint32 { return [3]uint32{max(1, d.X), max(1, d.Y), max(1, d.Z)} }
	return e.lib.Launch(k.name, dims(grid), [3]uint32{uint32(k.threads), 1, 1}, k.shared, e.order, params...)
}

// memory is numbers between sentinels. What a kernel is to write is poisoned before.
type memory[T any] struct {
	v   []T
	p   driver.Pointer
	all []byte
	lo  int
}

const fence = 256

// newest is nil, or told of all new memory.
var newest func(address uintptr, bytes int)

func newMemory[T any](v []T) *memory[T] {
	var zero T
	size := len(v) * int(unsafe.Sizeof(zero))
	m := &memory[T]{all: bytes.Repeat([]byte{0x5c}, size+3*fence)}
	m.lo = fence + (fence-int(uintptr(unsafe.Pointer(&m.all[0]))%fence))%fence
	m.p = driver.Pointer(uintptr(unsafe.Pointer(&m.all[m.lo])))
	m.v = unsafe.Slice((*T)(unsafe.Pointer(&m.all[m.lo])), len(v))
	if newest != nil {
		newest(uintptr(m.p), size)
	}
	copy(m.v, v)
	return m
}

func poisoned[T any](n int) *memory[T] {
	m := newMemory(make([]T, n))
	for i := range m.bytes() {
		m.bytes()[i] = 0xa5
	}
	return m
}

func (m *memory[T]) bytes() []byte {
	var zero T
	return m.all[m.lo : m.lo+len(m.v)*int(unsafe.Sizeof(zero))]
}

// intact says whether nothing beside the numbers was written.
func (m *memory[T]) intact() error {
	inside := m.bytes()
	for i, b := range m.all {
		if b != 0x5c && (i < m.lo || i >= m.lo+len(inside)) {
			return fmt.Errorf("byte %d beside %d bytes was written", i-m.lo, len(inside))
		}
	}
	return nil
}

// same compares bits; zeros of either sign are not told apart.
func sameBits[T comparable](what string, got, want []T) error {
	for i, v := range got {
		if v != want[i] {
			return fmt.Errorf("%s: number %d of %d is %v, want %v", what, i, len(got), v, want[i])
		}
	}
	return nil
}

func randoms(n int, number uint64) []float32 {
	r, v := philox.New([32]byte{7}, number), make([]float32, n)
	for i := range v {
		v[i] = float32(2*r.Float64() - 1)
	}
	return v
}

// suite holds a family of kernels to the CPU.
type suite struct {
	name  string
	files []string
	run   func(e emulated) error
}

var suites = []suite{
	{"walks", []string{"walks.cu"}, walkSuite},
	{"gemm", []string{"gemm.cu"}, gemmSuite},
	{"gram", []string{"gram.cu"}, gramSuite},
	{"project", []string{"project.cu"}, projectSuite},
	{"cholesky", []string{"cholesky.cu"}, choleskySuite},
	{"train", []string{"train.cu"}, trainSuite},
}

func suiteNamed(name string) suite {
	for _, s := range suites {
		if s.name == name {
			return s
		}
	}
	panic(name)
}

var emulators sync.Map

// emulator is the emulator of an architecture with some sources of a folder.
func emulator(t testing.TB, arch int, dir string, files []string) *emulib.Lib {
	t.Helper()
	key := fmt.Sprint(arch, dir, files)
	if l, ok := emulators.Load(key); ok {
		return l.(*emulib.Lib)
	}
	build := emulib.Build
	if os.Getenv("ATTRIB_EMULATOR") == fake.Watched {
		build = emulib.Watch
	}
	l := openBuilt(t, build, arch, dir, files)
	emulators.Store(key, l)
	return l
}

// openBuilt opens what Build or Watch of emulib makes of files of a folder.
func openBuilt(t testing.TB, build func(dir, sourceDir string, arch int, sources ...string) (string, error), arch int, dir string, files []string) *emulib.Lib {
	t.Helper()
	var sources []string
	for _, f := range files {
		sources = append(sources, filepath.Join(dir, f))
	}
	path, err := build(t.TempDir(), dir, arch, sources...)
	if errors.Is(err, emulib.ErrNoCompiler) {
		testneed.Missing(t, "emulator", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := emulib.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// familyOrders are the orders that suites run in: all on sm_75 and sm_80, and one on sm_90, whose cards run the code of sm_80.
func familyOrders(arch int) []int {
	if testing.Short() {
		return map[int][]int{80: {3}}[arch]
	}
	return map[int][]int{75: {0, 1, 2, 3, 4, 5, 6, 7}, 80: {0, 1, 2, 3, 4, 5, 6, 7}, 90: {2}}[arch]
}

// Every kernel gives what the CPU gives, on every architecture and in orders of threads and blocks.
func TestFamilies(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			for _, arch := range emulib.Archs {
				orders := familyOrders(arch)
				if len(orders) == 0 {
					continue
				}
				lib := emulator(t, arch, "src", s.files)
				for _, order := range orders {
					if err := s.run(emulated{lib: lib, arch: arch, order: order}); err != nil {
						t.Errorf("sm_%d, order %d: %v", arch, order, err)
					}
				}
			}
		})
	}
}

// familyMutant is a fault that a suite must notice on an architecture, 80 for 0.
type familyMutant struct {
	Suite string
	Arch  int
	emulib.Mutant
}

func (m familyMutant) arch() int {
	if m.Arch == 0 {
		return 80
	}
	return m.Arch
}

// Faults that were put in are noticed. A process of its own runs each: emulators stay loaded, and a fault may end it. A plain run
// takes every second; ATTRIB_MUTANTS=all takes all.
func TestFamilyMutants(t *testing.T) {
	if !apart(t) {
		return
	}
	if testing.Short() {
		t.Skip("builds an emulator for every fault")
	}
	slots := make(chan struct{}, 2)
	for i, m := range familyMutants {
		if i%2 != 0 && os.Getenv("ATTRIB_MUTANTS") != "all" {
			continue
		}
		t.Run(m.Suite+": "+m.Why, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			dir, err := m.Plant("src", t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0], "-test.run=^TestFamilyMutantChild$", "-test.v")
			child.Env = append(os.Environ(), "ATTRIB_FAMILY="+m.Suite, "ATTRIB_FAMILY_SOURCE="+dir, fmt.Sprintf("ATTRIB_FAMILY_ARCH=%d", m.arch()))
			text, err := child.CombinedOutput()
			var exit *exec.ExitError
			switch {
			case err == nil && bytes.Contains(text, []byte("SKIP")):
				t.Skip("no emulator")
			case err == nil:
				t.Error("not noticed")
			case !errors.As(err, &exit) || bytes.Contains(text, []byte("building the emulator")):
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}

// TestFamilyMutantChild runs a suite on sources with a fault, and fails where it is noticed.
func TestFamilyMutantChild(t *testing.T) {
	name, dir := os.Getenv("ATTRIB_FAMILY"), os.Getenv("ATTRIB_FAMILY_SOURCE")
	if name == "" {
		t.Skip("run by TestFamilyMutants")
	}
	arch, _ := strconv.Atoi(os.Getenv("ATTRIB_FAMILY_ARCH"))
	s := suiteNamed(name)
	lib := emulator(t, arch, dir, s.files)
	for order := range emulib.Orders {
		if err := s.run(emulated{lib: lib, arch: arch, order: order}); err != nil {
			t.Fatal(err)
		}
	}
}

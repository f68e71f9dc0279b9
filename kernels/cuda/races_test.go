//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"attrib/internal/testneed"
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/cuda/internal/emulib"
)

// watch has a suite's launches compare the threads that touch one address. The second function ends that.
func watch(l *emulib.Lib) (func(params []unsafe.Pointer, args []any), func()) {
	type piece struct {
		address uintptr
		bytes   int
	}
	var all []piece
	newest = func(address uintptr, bytes int) { all = append(all, piece{address, bytes}) }
	return func(params []unsafe.Pointer, args []any) {
		l.Memory(0, 0, 0)
		for i, a := range args {
			size := reflect.TypeOf(a).Size()
			for at := uintptr(0); at+8 <= size; at += 8 {
				word := *(*uintptr)(unsafe.Add(params[i], at))
				for n, p := range all {
					if word >= p.address && word < p.address+uintptr(max(1, p.bytes)) {
						l.Memory(p.address, p.bytes, n+1)
					}
				}
			}
		}
	}, func() { newest = nil }
}

func watchedLib(t *testing.T, arch int, dir string, files []string) *emulib.Lib {
	t.Helper()
	var paths []string
	for _, f := range files {
		paths = append(paths, dir+"/"+f)
	}
	path, err := emulib.Watch(t.TempDir(), dir, arch, paths...)
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

// runWatched runs a family's suite once.
func runWatched(t *testing.T, s suite, arch int, dir string) {
	t.Helper()
	l := watchedLib(t, arch, dir, s.files)
	e := emulated{lib: l, arch: arch, order: arch / 5 % 8} // in which suites have their largest cases
	var done func()
	e.watched, done = watch(l)
	defer done()
	if err := s.run(e); err != nil {
		t.Error(err)
	}
}

// probeWatched runs a mutant's probe once.
func probeWatched(t *testing.T, lib *driver.Library, m mutant, c kernels.Device) {
	t.Helper()
	d, err := newDevice(lib, Options{firstRows: 40, TileBytes: 30_000, Precision: m.precision})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.probe(d, c), d.Close()); err != nil {
		t.Error(err)
	}
}

// No two threads of a launch touch the same memory, one of them writing, unless a barrier is between them.
func TestRacesOfFamilies(t *testing.T) {
	for _, s := range suites {
		for _, arch := range []int{75, 80} {
			t.Run(fmt.Sprintf("%s/sm_%d", s.name, arch), func(t *testing.T) { runWatched(t, s, arch, "src") })
		}
	}
}

// The same of the scans.
func TestRacesOfScans(t *testing.T) {
	c, seen := exactCPU(t), map[string]bool{}
	for _, m := range mutants {
		key := fmt.Sprintf("%s, sm_%d, %q", m.source, m.arch, m.precision)
		if seen[key] {
			continue
		}
		seen[key] = true
		t.Run(key, func(t *testing.T) {
			path := fake.Start(t, m.arch, append([]string{fake.Watched}, sources...), "order=3", "sms=2")
			lib, err := driver.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			probeWatched(t, lib, m, c)
		})
	}
}

//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/cuda/internal/emulib"
	"attrib/kernels/kernelstest"
)

// watch has a suite's launches compare the threads that touch one address. The second function ends that.
func watch(l *emulib.Lib) (func(params []unsafe.Pointer, args []any), func()) {
	type piece struct {
		address uintptr
		bytes   int
	}
	var all []piece
	newest = func(address uintptr, bytes int) { all = append(all, piece{address, bytes}) }
	var name func(from unsafe.Pointer, bytes int, tables bool)
	name = func(from unsafe.Pointer, bytes int, tables bool) { // what the words from there on point to
		for at := 0; at+8 <= bytes; at += 8 {
			word := *(*uintptr)(unsafe.Add(from, at))
			for n, p := range all {
				if word < p.address || word >= p.address+uintptr(max(1, p.bytes)) {
					continue
				}
				l.Memory(p.address, p.bytes, n+1)
				if tables && p.bytes <= 4096 { // and what a table of pointers points to
					name(unsafe.Add(from, int(p.address-uintptr(from))), p.bytes, false)
				}
			}
		}
	}
	return func(params []unsafe.Pointer, args []any) {
		l.Memory(0, 0, 0)
		for i, a := range args {
			name(params[i], int(reflect.TypeOf(a).Size()), true)
		}
	}, func() { newest = nil }
}

// runWatched runs a family's suite once.
func runWatched(t *testing.T, s suite, arch int, dir string) {
	t.Helper()
	l := openBuilt(t, emulib.Watch, arch, dir, s.files)
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
	if !apart(t) {
		return
	}
	for _, s := range suites {
		for _, arch := range []int{75, 80} {
			if arch < 80 && (s.name == "walks" || s.name == "cholesky") {
				continue // the same code
			}
			t.Run(fmt.Sprintf("%s/sm_%d", s.name, arch), func(t *testing.T) { runWatched(t, s, arch, "src") })
		}
	}
}

// watchedSources are what the scans of an architecture run.
var watchedSources = map[int][]string{
	75: {"src/scan.cu", "src/scan_mma.cu", "src/scan_gather.cu"},
	80: {"src/scan.cu", "src/scan_mma.cu", "src/scan_gather.cu", "src/factored.cu"},
	90: {"src/scan.cu", "src/scan_mma.cu", "src/scan_wgmma.cu"},
}

// The same of the scans.
func TestRacesOfScans(t *testing.T) {
	if !apart(t) {
		return
	}
	c := exactCPU(t)
	for _, r := range []struct {
		name      string
		arch      int
		precision Precision
		run       func(*device, kernels.Device) error
	}{
		{"exact", 75, Exact, probeExact}, {"exact", 80, Exact, probeExact}, {"factored", 80, Exact, probeFactored}, {"sketch", 80, Exact, scanSketch},
		{"tensor", 75, Int8, scanTensor}, {"tensor", 75, F16, scanTensor}, {"tensor", 80, TF32x3, scanTensor}, {"tensor", 80, BF16, scanTensor},
		{"tensor", 80, F16, scanTensor}, {"tensor", 80, Int8, scanTensor}, {"wgmma", 90, BF16, scanTensor},
	} {
		t.Run(fmt.Sprintf("%s/sm_%d/%s", r.name, r.arch, r.precision), func(t *testing.T) {
			path := fake.Start(t, r.arch, append([]string{fake.Watched}, watchedSources[r.arch]...), "order=3", "sms=1")
			lib, err := driver.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			probeWatched(t, lib, mutant{probe: r.run, precision: r.precision}, c)
		})
	}
}

// scanTensor scans several blocks of rows and queries; what comes out is compared elsewhere.
func scanTensor(d *device, _ kernels.Device) error {
	for i, s := range [][3]int{{3, 900, 40}, {200, 140, 133}} {
		kind := map[Precision]kernels.DType{BF16: kernels.TypeBF16, Int8: kernels.TypeI8}[d.Precision]
		rows, err := kernels.Encode(kind, kernelstest.Random(s[1], s[2], 2))
		if err != nil {
			return err
		}
		scan := all(kernelstest.Random(s[0], s[2], 1), s[1], kernels.Metric(i), 9, 4)
		scan.Worst, scan.Unit = 5, -20
		if _, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan); err != nil {
			return err
		}
	}
	return nil
}

func scanSketch(d *device, _ kernels.Device) error {
	rows := kernelstest.Random(300, 32, 1)
	sketch, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		return err
	}
	_, err = d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(rows), kernels.Scan{Queries: kernelstest.Random(5, 32, 2), K: 7}, kernels.SketchOptions{})
	return err
}

package cuda

import (
	"fmt"
	"path/filepath"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// sources are the files of the kernels that the device's scans and Gram matrices need.
var sources = func() (list []string) {
	for _, pattern := range []string{"scan*.cu", "factored.cu", "gram.cu"} {
		files, _ := filepath.Glob("src/" + pattern)
		list = append(list, files...)
	}
	return list
}()

// open gives a device on emulated cards of that architecture.
func open(t testing.TB, arch int, o Options, settings ...string) *device {
	t.Helper()
	if onCard {
		return openCard(t, arch, o, settings)
	}
	return openFile(t, fake.Start(t, arch, sources, append([]string{fmt.Sprintf("cc=%d", arch)}, settings...)...), o)
}

func openFile(t testing.TB, path string, o Options) *device {
	t.Helper()
	lib, err := driver.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDevice(lib, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

package cuda

import (
	"fmt"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// sources are all files.
var sources []string

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

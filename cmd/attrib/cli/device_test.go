package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
)

func TestDeviceFlags(t *testing.T) {
	for _, c := range []struct {
		device, precision, text string
	}{
		{"cpu", "exact", ""}, {"ref", "exact", ""}, {"cuda", "bf16", ""}, {"cuda:0", "int8", ""}, {"cuda:3,1", "exact", ""},
		{"gpu", "exact", `"gpu", want cpu`}, {"cuda:", "exact", "different numbers"}, {"cuda:0,0", "exact", "different numbers"}, {"cuda:-1", "exact", "different numbers"},
		{"cuda:01", "exact", "different numbers"}, {"cuda1", "exact", "want cpu"}, {"cpu", "bf16", "is for --device cuda"}, {"cuda", "half", "exact, tf32x3"},
	} {
		err := (&env{device: c.device, precision: c.precision}).checkDevice()
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if d, err := cudaDevices("cuda:3,1"); err != nil || !slices.Equal(d, []int{3, 1}) {
		t.Errorf("%v, %v", d, err)
	}
}

// A GPU that is asked for and not there is an error, never another device.
func TestNoDriver(t *testing.T) {
	t.Setenv(driver.LibraryVariable, filepath.Join(t.TempDir(), "absent.so"))
	d, err := (&env{device: "cuda:0", precision: "exact", workers: 1}).openDevice()
	if err == nil || d != nil || !strings.Contains(err.Error(), "--device cuda:0: no CUDA driver") {
		t.Errorf("%v, %v", d, err)
	}
}

package driver_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/testneed"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func TestWhatThereIsToUse(t *testing.T) {
	start(t, "devices=2", "cc=75,90", "memory=123456789", "name=Pretender")
	l := open(t)
	if l.Version() != 12040 || l.Version().String() != "12.4" || !l.Emulated() {
		t.Errorf("version %s, emulated %v", l.Version(), l.Emulated())
	}
	all := got(l.Devices())(t)
	if len(all) != 2 {
		t.Fatalf("%d devices", len(all))
	}
	for i, want := range []driver.Info{
		{Ordinal: 0, Name: "Pretender 0 (emulated)", Capability: 75, SharedPerBlock: 64 << 10, SharedPerSM: 64 << 10, PCI: "0000:01:00.0"},
		{Ordinal: 1, Name: "Pretender 1 (emulated)", Capability: 90, SharedPerBlock: 227 << 10, SharedPerSM: 228 << 10, PCI: "0000:02:00.0", TensorMaps: true},
	} {
		want.Multiprocessors, want.L2, want.CopyEngines, want.Memory, want.Emulated = 4, 4<<20, 2, 123456789, true
		if got := all[i].Info(); got != want {
			t.Errorf("device %d is %+v, want %+v", i, got, want)
		}
	}
	if _, err := l.Device(2); !errors.Is(err, driver.ErrNoDevice) || !strings.Contains(err.Error(), "cuda:2") {
		t.Errorf("device 2: %v", err)
	}
	if _, err := all[0].Attribute(9999); err == nil || !strings.Contains(err.Error(), "cuDeviceGetAttribute: CUDA_ERROR_INVALID_VALUE") {
		t.Errorf("attribute 9999: %v", err)
	}
}

func TestWhyThereIsNothingToUse(t *testing.T) {
	for _, c := range []struct {
		setting string
		want    error
		says    string
	}{
		{"driver=11080", driver.ErrOldDriver, "supports CUDA 11.8, which is older than driver 550 (CUDA 12.4)"},
		{"driver=12030", driver.ErrOldDriver, "CUDA 12.3"},
		{"driver=0", driver.ErrNoDriver, "no driver is loaded"},
		{"devices=0", driver.ErrNoDevice, "finds none"},
		{"init=803", driver.ErrNoDriver, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"},
		{"init=999", driver.ErrNoDriver, "CUDA_ERROR_UNKNOWN"},
	} {
		t.Run(c.setting, func(t *testing.T) {
			start(t, c.setting)
			_, err := driver.Open()
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q in one line", err, c.says)
			}
		})
	}
}

func TestOldCard(t *testing.T) {
	start(t, "cc=70")
	_, err := device(t, 0).Context()
	if !errors.Is(err, driver.ErrOldDevice) || !strings.Contains(err.Error(), "compute capability 7.0, kernels need 7.5") {
		t.Error(err)
	}
}

func TestNoLibrary(t *testing.T) {
	_, err := driver.OpenFile("libcuda.so.none")
	if !errors.Is(err, driver.ErrNoDriver) {
		t.Error(err)
	}
	t.Setenv(driver.LibraryVariable, "/nowhere/libcuda.so")
	if _, err = driver.Open(); !errors.Is(err, driver.ErrNoDriver) || !strings.Contains(err.Error(), "/nowhere/libcuda.so") {
		t.Error(err)
	}
	text := filepath.Join(t.TempDir(), "libcuda.so")
	must(t, os.WriteFile(text, []byte("not a library"), 0o644))
	if _, err = driver.OpenFile(text); !errors.Is(err, driver.ErrNoDriver) {
		t.Error(err)
	}
}

// On a machine without a GPU the plain name says so in plain words.
func TestNoDriverHere(t *testing.T) {
	t.Setenv(driver.LibraryVariable, "")
	l, err := driver.Open()
	if err == nil {
		t.Skipf("there is a driver here: CUDA %s", l.Version())
	}
	if !errors.Is(err, driver.ErrNoDriver) && !errors.Is(err, driver.ErrNoDevice) && !errors.Is(err, driver.ErrOldDriver) {
		t.Error(err)
	}
	t.Log(err)
}

func library(t *testing.T, text string) string {
	compiler := testneed.Tool(t, "g++")
	source, out := filepath.Join(t.TempDir(), "l.cc"), filepath.Join(t.TempDir(), "l.so")
	must(t, os.WriteFile(source, []byte(text), 0o644))
	if said, err := exec.Command(compiler, "-shared", "-fPIC", "-o", out, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return out
}

func TestOtherLibraries(t *testing.T) {
	if _, err := driver.OpenFile(library(t, "int x;")); !errors.Is(err, driver.ErrNoDriver) || !strings.Contains(err.Error(), "is not a CUDA driver") {
		t.Error(err)
	}
	half := library(t, `extern "C" int cuDriverGetVersion(int* v) { *v = 12080; return 0; }`)
	if _, err := driver.OpenFile(half); !errors.Is(err, driver.ErrOldDriver) || !strings.Contains(err.Error(), "lacks cuInit") {
		t.Error(err)
	}
	none := library(t, `extern "C" int cuDriverGetVersion(int* v) { return 34; }`)
	if _, err := driver.OpenFile(none); !errors.Is(err, driver.ErrNoDriver) || !strings.Contains(err.Error(), "CUDA_ERROR_STUB_LIBRARY") {
		t.Error(err)
	}
}

// Opening again sees what has changed, and keeps what is open.
func TestOpenAgain(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	fake.Ask(t, path, "driver=11000")
	if _, err := driver.Open(); !errors.Is(err, driver.ErrOldDriver) {
		t.Error(err)
	}
	fake.Ask(t, path, "driver=13000")
	if v := open(t).Version().String(); v != "13.0" {
		t.Error(v)
	}
	must(t, c.Synchronise())
}

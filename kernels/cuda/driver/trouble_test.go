package driver_test

import (
	"errors"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func TestOutOfMemory(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	for _, x := range []struct {
		setting  string
		fits     int
		recovers bool
	}{{"oom_at=3", 2, false}, {"oom_once=3", 2, true}, {"oom_after=2500", 2, false}, {"memory=3072", 3, false}} {
		fake.Ask(t, path, x.setting)
		var held []*driver.Memory
		m, err := c.Alloc(1024)
		for ; err == nil && len(held) < 9; m, err = c.Alloc(1024) {
			held = append(held, m)
		}
		if !errors.Is(err, driver.ErrOutOfMemory) || errors.Is(err, driver.ErrDeviceLost) || len(held) != x.fits {
			t.Errorf("%s: %d fit, then %v", x.setting, len(held), err)
		} else if !strings.Contains(err.Error(), "cuda:0 (Fake GPU 0 (emulated)): cuMemAlloc_v2 (1024 bytes): CUDA_ERROR_OUT_OF_MEMORY") {
			t.Errorf("%s: %v", x.setting, err)
		}
		if m, err = c.Alloc(8); (err == nil) != x.recovers && x.setting != "oom_after=2500" {
			t.Errorf("%s: then %v", x.setting, err)
		}
		if err == nil {
			held = append(held, m)
		}
		for _, m := range held {
			must(t, m.Close())
		}
		fake.Ask(t, path, strings.Split(x.setting, "=")[0]+"="+map[bool]string{true: "1073741824", false: "0"}[strings.HasPrefix(x.setting, "memory")])
	}
	fake.Ask(t, path, "oom_at=1")
	if _, err := c.AllocHost(64); !errors.Is(err, driver.ErrOutOfMemory) || !strings.Contains(err.Error(), "cuMemHostAlloc") {
		t.Error(err)
	}
}

// A lost device says so from then on, closing is no error, and the other device goes on.
func TestLostDevice(t *testing.T) {
	for _, setting := range []string{"lost_launch=2", "lost_copy=3"} {
		for _, code := range []string{"46", "214", "700", "715", "719"} {
			path := start(t, "devices=2", "lost_device=1", "lost_code="+code, setting)
			fine, lost := context(t, 0), context(t, 1)
			first := axpyTwice(t, lost)
			if !errors.Is(first, driver.ErrDeviceLost) || errors.Is(first, driver.ErrOutOfMemory) || !strings.Contains(first.Error(), "cuda:1") {
				t.Fatalf("%s %s: %v", setting, code, first)
			}
			_, again := lost.Alloc(1)
			if !errors.Is(again, driver.ErrDeviceLost) || !strings.Contains(again.Error(), "cuMemAlloc_v2 (1 bytes): not done, the device was lost in cuStreamSynchronize") {
				t.Errorf("again: %v", again)
			}
			if lost.Lost() == nil || fine.Lost() != nil {
				t.Error(lost.Lost(), fine.Lost())
			}
			must(t, axpyTwice(t, fine), lost.Close(), fine.Close())
			fake.Ask(t, path, "reset")
		}
	}
}

// axpyTwice does three copies in and two launches.
func axpyTwice(t *testing.T, c *driver.Context) error {
	s := got(c.NewStream())(t)
	f := kernel(t, c, "axpy")
	m, n := got(c.Alloc(64))(t), got(c.Alloc(64))(t)
	p := driver.Args(m, n, float32(1), int32(16))
	host := got(c.AllocHost(64))(t)
	for range 3 {
		must(t, s.CopyIn(m, 0, host.Bytes()))
	}
	for range 2 {
		must(t, s.Launch(f, driver.Launch{Block: driver.Dim{X: 16}}, p))
	}
	return s.Synchronise()
}

// A kernel that nobody waited for is waited for by Close, which tells of it once.
func TestCloseTellsOfALoss(t *testing.T) {
	start(t, "lost_launch=1")
	c := context(t, 0)
	s := got(c.NewStream())(t)
	m := got(c.Alloc(64))(t)
	must(t, s.Launch(kernel(t, c, "axpy"), driver.Launch{Block: driver.Dim{X: 16}}, driver.Args(m, m, float32(1), int32(16))))
	if err := c.Close(); !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), "cuCtxSynchronize") {
		t.Error(err)
	}
	must(t, m.Close(), s.Close(), c.Close())
}

func TestRefusedLaunch(t *testing.T) {
	start(t, "refuse_launch=1")
	c := context(t, 0)
	s := got(c.NewStream())(t)
	f := kernel(t, c, "stuck")
	err := s.Launch(f, driver.Launch{Block: driver.Dim{X: 2}}, nil)
	var e *driver.Error
	if !errors.As(err, &e) || e.Code != driver.LaunchResources || errors.Is(err, driver.ErrDeviceLost) {
		t.Error(err)
	}
	must(t, c.Synchronise())
}

// What the emulator finds is in the error.
func TestWrongKernels(t *testing.T) {
	path := start(t)
	for _, k := range []struct{ name, says string }{{"stuck", "stuck"}, {"beyond", "was written"}} {
		c := context(t, 0)
		s := got(c.NewStream())(t)
		m := got(c.Alloc(40))(t)
		p := driver.Args()
		if k.name == "beyond" {
			p = driver.Args(m, int32(10))
		}
		must(t, s.Launch(kernel(t, c, k.name), driver.Launch{Block: driver.Dim{X: 2}}, p))
		err := c.Synchronise()
		if !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), k.says) {
			t.Errorf("%s: %v", k.name, err)
		}
		must(t, c.Close())
		if fake.Ask(t, path, "problems") == "" {
			t.Error("no problem is kept")
		}
	}
}

func TestModules(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	text := string(ptx)
	for _, x := range []struct{ ptx, says string }{
		{"int main() {}", "Missing .version"},
		{strings.Replace(text, "sm_75", "sm_90a", 1), ".target sm_90a is not for a device of sm_80"},
		{strings.Replace(text, "8.4", "8.7", 1), "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
		{strings.Replace(text, "8.4", "8.7", 1), "current version is '8.4'"},
		{"", "no text of PTX"},
		{text + "\x00", "no text of PTX"},
	} {
		if _, err := c.Load("odd", []byte(x.ptx)); err == nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), "module odd") {
			t.Errorf("%v, want %s", err, x.says)
		}
	}
	fake.Ask(t, path, "jit=ptxas error: line 7: unknown opcode")
	_, err := c.Load("broken", ptx)
	var l *driver.LoadError
	if !errors.As(err, &l) || l.Log != "ptxas error: line 7: unknown opcode" || l.Module != "broken" || l.Err.Code != driver.InvalidPTX {
		t.Error(err)
	}
	fake.Ask(t, path, "jit=")
	m := got(c.Load("fine", ptx))(t)
	if !strings.Contains(m.Log(), "4 kernels") {
		t.Errorf("log %q", m.Log())
	}
	if _, err := m.Function("none"); err == nil || !strings.Contains(err.Error(), "kernel none of module fine): CUDA_ERROR_NOT_FOUND") {
		t.Error(err)
	}
	f := got(m.Function("stuck"))(t)
	must(t, m.Close())
	if _, err := f.Attribute(driver.FunctionRegisters); !errors.Is(err, driver.ErrClosed) {
		t.Error(err)
	}
}

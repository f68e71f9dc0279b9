package driver_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func TestCloseTwiceAndUseAfter(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	s, e := got(c.NewStream())(t), got(c.NewEvent(true))(t)
	m, h := got(c.Alloc(8))(t), got(c.AllocHost(8))(t)
	mod := got(c.Load("kernels", ptx))(t)
	if l := c.Live(); l != (driver.Live{Memory: 1, Pinned: 1, Streams: 1, Events: 1, Modules: 1}) {
		t.Errorf("%+v", l)
	}
	for range 2 {
		must(t, e.Close(), m.Close(), h.Close(), mod.Close())
	}
	if m.Pointer() != 0 || h.Bytes() != nil {
		t.Error("closed memory is still there")
	}
	for what, err := range map[string]error{"event": s.Record(e), "memory": s.Fill(m, 0, 8, 0), "wait": s.Wait(e)} {
		if !errors.Is(err, driver.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, s.Close(), s.Close())
	if err := s.Synchronise(); !errors.Is(err, driver.ErrClosed) {
		t.Error(err)
	}
	if l := c.Live(); l != (driver.Live{}) {
		t.Errorf("%+v", l)
	}
	must(t, c.Close(), c.Close())
	if _, err := c.Alloc(8); !errors.Is(err, driver.ErrClosed) {
		t.Error(err)
	}
	if live := fake.Ask(t, path, "live"); live != fake.Nothing {
		t.Error(live)
	}
}

// A context closes what was forgotten, and the device's last context takes nothing with it.
func TestContextClosesTheRest(t *testing.T) {
	start(t)
	c, other := context(t, 0), context(t, 0)
	s := got(c.NewStream())(t)
	got(c.NewEvent(false))(t)
	got(c.Alloc(100))(t)
	got(c.AllocHost(100))(t)
	kernel(t, c, "axpy")
	must(t, s.Synchronise(), c.Close(), other.Synchronise(), other.Close())
}

// What the fake calls left behind is what the fake can see at all.
func TestLeakIsSeen(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	got(c.Alloc(100))(t)
	if live := fake.Ask(t, path, "live"); live == fake.Nothing {
		t.Error(live)
	}
}

// Many goroutines on the contexts of two devices, each with streams of its own and one in common.
func TestGoroutines(t *testing.T) {
	start(t, "devices=2", "schedule=3")
	contexts := []*driver.Context{context(t, 0), context(t, 1)}
	var all sync.WaitGroup
	for g := range 16 {
		c := contexts[g%2]
		all.Go(func() {
			for r := range 8 {
				if err := goroutine(t, c, float32(g+r)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, c := range contexts {
		if l := c.Live(); l != (driver.Live{}) {
			t.Errorf("%+v", l)
		}
		must(t, c.Close())
	}
}

func goroutine(t *testing.T, c *driver.Context, a float32) (err error) {
	m, err := c.Load("kernels", ptx)
	if err != nil {
		return err
	}
	f, err := m.Function("axpy")
	s, err2 := c.NewStream()
	x, err3 := c.Alloc(400)
	y, err4 := c.Alloc(400)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, y.Close(), x.Close(), s.Close(), m.Close()) }()
	in, out := floats(100, a), make([]float32, 100)
	runtime.Gosched()
	err = errors.Join(s.CopyIn(x, 0, driver.Bytes(in)), s.Fill(y, 0, 400, 0),
		s.Launch(f, driver.Launch{Grid: driver.Dim{X: 4}, Block: driver.Dim{X: 32}}, driver.Args(y, x, float32(1), int32(100))), s.CopyOut(driver.Bytes(out), y, 0))
	for i := range out {
		if out[i] != in[i] {
			t.Errorf("element %d is %g, want %g", i, out[i], in[i])
			break
		}
	}
	return err
}

// Closing a context while others use it gives them an error, not a crash.
func TestCloseUnderWork(t *testing.T) {
	start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	m := got(c.Alloc(64))(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				if err := errors.Join(s.Fill(m, 0, 64, 1), s.Synchronise()); err != nil && !errors.Is(err, driver.ErrClosed) {
					var e *driver.Error // closed between the look at the handle and the call
					if !errors.As(err, &e) || (e.Code != driver.InvalidHandle && e.Code != driver.InvalidValue) {
						t.Error(err)
					}
				}
			}
		})
	}
	must(t, c.Close())
	all.Wait()
	fake.Ask(t, got(openPath())(t), "problems")
}

func openPath() (string, error) {
	l, err := driver.Open()
	return l.Path(), err
}

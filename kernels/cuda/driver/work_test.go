package driver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// schedules are orders of the fake driver's streams: lazy, eager for others, and random ones.
var schedules = []string{"schedule=0", "schedule=1", "schedule=2", "schedule=3", "schedule=4"}

func TestKernel(t *testing.T) {
	for order := range 8 {
		start(t, fmt.Sprintf("order=%d", order))
		for _, n := range []int{1, 255, 256, 257, 1000} {
			c := context(t, 0)
			s := got(c.NewStream())(t)
			f := kernel(t, c, "axpy")
			x, y := floats(n, 0.25), floats(n, 0.5)
			dx, dy := upload(t, s, x), upload(t, s, y)
			must(t, s.Launch(f, driver.Launch{Grid: driver.Dim{X: uint32(n+255) / 256}, Block: driver.Dim{X: 256}}, driver.Args(dy, dx.Pointer(), float32(2), int32(n))))
			out := make([]float32, n)
			must(t, s.CopyOut(driver.Bytes(out), dy, 0), c.Synchronise())
			for i := range out {
				if out[i] != 2*x[i]+y[i] {
					t.Fatalf("n %d, order %d: element %d is %g", n, order, i, out[i])
				}
			}
			must(t, c.Close())
		}
	}
}

type pair struct {
	A float32
	B float64
}

// Parameters of all sizes and all eleven arguments of a launch arrive where they belong.
func TestLaunchArguments(t *testing.T) {
	path := start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	f := kernel(t, c, "mixed")
	out := got(c.Alloc(24 * 8))(t)
	var m driver.TensorMap
	for i := range m {
		m[i] = byte(i * 7)
	}
	p := driver.Args(out, int8(-3), int16(-300), float32(2.25), 5.5, pair{1.5, 2.75}, int64(1)<<40, m, int32(-7))
	must(t, s.Launch(f, driver.Launch{Grid: driver.Dim{X: 1, Y: 2, Z: 3}, Block: driver.Dim{X: 4, Y: 5, Z: 6}, Shared: 321}, p))
	values := make([]uint64, 24)
	must(t, s.CopyOut(driver.Bytes(values), out, 0))
	minus := func(x int64) uint64 { return uint64(-x) }
	want := []uint64{minus(3), minus(300), 9, 44, 24, 88, 1 << 40}
	for i := range 16 {
		want = append(want, *(*uint64)(unsafe.Pointer(&m[8*i])))
	}
	if want = append(want, minus(7)); !slices.Equal(values, want) {
		t.Errorf("the kernel saw %x,\nwant %x", values, want)
	}
	launch := fake.Ask(t, path, "launch")
	if !strings.HasPrefix(launch, "mixed 1 2 3 4 5 6 321 stream 1 device 0 ") || !strings.Contains(launch, " fd d4fe 00001040 0000000000001640 ") {
		t.Errorf("the driver saw %s", launch)
	}
}

func TestArguments(t *testing.T) {
	start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	f := kernel(t, c, "axpy")
	m := got(c.Alloc(16))(t)
	one := driver.Launch{Block: driver.Dim{X: 1}}
	for _, bad := range []struct {
		p    *driver.Params
		says string
	}{
		{driver.Args(m, m, float32(1), 4), "parameter 3: a int has no size that a kernel knows"},
		{driver.Args(m, m, float32(1), int64(4)), "parameter 3 has 8 bytes, it takes 4"},
		{driver.Args(m, m, float32(1)), "3 parameters, it takes 4"},
		{driver.Args(m, []float32{1}, float32(1), int32(4)), "parameter 1: a []float32"},
		{driver.Args(m, struct{ P *int }{}, float32(1), int32(4)), ".P: a *int"},
		{driver.Args(m, nil, float32(1), int32(4)), "parameter 1: nil"},
		{driver.Args([5000]byte{}), "5000 bytes of parameters, at most 4096"},
		{nil, "0 parameters, it takes 4"},
	} {
		if err := s.Launch(f, one, bad.p); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%v, want %s", err, bad.says)
		}
	}
	for _, l := range []driver.Launch{{Block: driver.Dim{X: 1}, Shared: 49153}, {Grid: driver.Dim{Y: 65536}}, {Block: driver.Dim{X: 257}}} {
		if err := s.Launch(f, l, driver.Args(m, m, float32(1), int32(0))); err == nil || !strings.Contains(err.Error(), "kernel axpy, grid") {
			t.Errorf("%+v: %v", l, err)
		}
	}
	must(t, f.AllowShared(64<<10), s.Launch(f, driver.Launch{Block: driver.Dim{X: 1}, Shared: 64 << 10}, driver.Args(m, m, float32(1), int32(0))), s.Synchronise())
	if v := got(f.Attribute(driver.FunctionMaxDynShared))(t); v != 64<<10 {
		t.Error(v)
	}
	if err := f.AllowShared(1 << 20); err == nil || !strings.Contains(err.Error(), "there are 166912") {
		t.Error(err)
	}
	if n := got(f.BlocksPerProcessor(256, 40<<10))(t); n != 4 {
		t.Errorf("%d blocks", n)
	}
}

// A stream does not do anything before somebody waits: reading early, or writing over pinned memory, shows.
func TestForgottenSynchronisationShows(t *testing.T) {
	start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	in, out := got(c.AllocHost(64))(t), got(c.AllocHost(64))(t)
	m := got(c.Alloc(64))(t)
	for i := range in.Bytes() {
		in.Bytes()[i] = 1
		out.Bytes()[i] = 9
	}
	must(t, s.CopyIn(m, 0, in.Bytes()), s.CopyOut(out.Bytes(), m, 0))
	if out.Bytes()[0] != 9 {
		t.Error("the copy was not lazy")
	}
	in.Bytes()[5] = 2 // too early
	if done := got(s.Done())(t); done {
		t.Error("done before it was waited for")
	}
	must(t, s.Synchronise())
	if out.Bytes()[5] != 2 || out.Bytes()[6] != 1 {
		t.Errorf("%v", out.Bytes())
	}
	if done := got(s.Done())(t); !done {
		t.Error("not done")
	}
	own := []byte{7, 7, 7, 7} // of Go: staged
	must(t, s.CopyIn(m, 0, own))
	own[0] = 8
	back := make([]byte, 4)
	must(t, s.CopyOut(back, m, 0))
	if back[0] != 7 {
		t.Error("memory of Go was read later")
	}
}

// Two streams, an event between them: right under each schedule with the event, wrong under some without.
func TestEvents(t *testing.T) {
	run := func(schedule string, wait bool) bool {
		start(t, schedule)
		c := context(t, 0)
		copies, work := got(c.NewStream())(t), got(c.NewStream())(t)
		copied, worked := got(c.NewEvent(false))(t), got(c.NewEvent(false))(t)
		f := kernel(t, c, "axpy")
		const n, rounds = 8, 5
		host := got(c.AllocHost(4 * n * rounds))(t)
		v := driver.Slice[float32](host.Bytes())
		x := got(c.Alloc(4 * n))(t)
		y := upload(t, copies, make([]float32, n))
		for r := range rounds {
			for i := range n {
				v[r*n+i] = float32(int(1) << r)
			}
			must(t, copies.CopyIn(x, 0, host.Bytes()[4*n*r:4*n*(r+1)]), copies.Record(copied))
			if wait {
				must(t, work.Wait(copied))
			}
			must(t, work.Launch(f, driver.Launch{Block: driver.Dim{X: n}}, driver.Args(y, x, float32(1), int32(n))), work.Record(worked))
			if wait {
				must(t, copies.Wait(worked))
			}
		}
		must(t, worked.Synchronise())
		if !got(worked.Done())(t) {
			t.Error("waited for and not done")
		}
		out := make([]float32, n)
		must(t, work.CopyOut(driver.Bytes(out), y, 0), c.Synchronise(), c.Close())
		return out[0] == 1<<rounds-1 && slices.Max(out) == slices.Min(out)
	}
	noticed := 0
	for _, schedule := range schedules {
		if !run(schedule, true) {
			t.Errorf("%s: wrong although it waits", schedule)
		}
		if !run(schedule, false) {
			noticed++
		}
	}
	if noticed < 3 {
		t.Errorf("a missing wait shows in %d of %d schedules", noticed, len(schedules))
	}
}

func TestElapsed(t *testing.T) {
	start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	a, b, plain := got(c.NewEvent(true))(t), got(c.NewEvent(true))(t), got(c.NewEvent(false))(t)
	m := got(c.Alloc(1 << 22))(t)
	must(t, s.Record(a), s.Fill(m, 0, 1<<22, 3), s.Record(b))
	if _, err := b.Since(a); err == nil || !strings.Contains(err.Error(), "CUDA_ERROR_NOT_READY") {
		t.Error(err)
	}
	must(t, b.Synchronise())
	if d := got(b.Since(a))(t); d <= 0 {
		t.Error(d)
	}
	if _, err := b.Since(plain); err == nil {
		t.Error("an event without timing has a time")
	}
}

func TestFillsAndCopies(t *testing.T) {
	start(t)
	c := context(t, 0)
	s := got(c.NewStream())(t)
	a, b := got(c.Alloc(64))(t), got(c.Alloc(64))(t)
	must(t, s.Fill(a, 0, 64, 0xee), s.Fill32(a, 8, 3, 0x01020304), s.Copy(b, 4, a, 8, 16))
	out := make([]byte, 32)
	must(t, s.CopyOut(out, b, 0))
	want := append([]byte{0x7e, 0x7e, 0x7e, 0x7e}, slices.Repeat([]byte{4, 3, 2, 1}, 3)...) // poison before
	if want = append(want, 0xee, 0xee, 0xee, 0xee, 0x7e); !slices.Equal(out[:21], want) {
		t.Errorf("%x, want %x", out, want)
	}
	for what, err := range map[string]error{
		"CopyIn": s.CopyIn(a, 60, make([]byte, 5)), "CopyOut": s.CopyOut(make([]byte, 65), a, 0), "Copy": s.Copy(a, 0, b, 1, 64),
		"Fill": s.Fill(a, 65, 0, 0), "Fill32": s.Fill32(a, 2, 1, 0),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s beyond the end: %v", what, err)
		}
	}
	must(t, s.CopyIn(a, 64, nil), s.CopyOut(nil, a, 0), s.Fill(a, 64, 0, 0))
	if free, total, err := c.MemoryInfo(); err != nil || total != 1<<30 || free != total-128 {
		t.Error(free, total, err)
	}
}

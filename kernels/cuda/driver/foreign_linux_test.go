package driver_test

import (
	"runtime"
	"testing"

	"github.com/ebitengine/purego"
)

// A thread has afterwards the context that it had before.
func TestForeignContextStays(t *testing.T) {
	path := start(t, "devices=2")
	c := context(t, 0)
	other := context(t, 1) // keeps the primary context of device 1
	lib := got(purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL))(t)
	function := func(name string) uintptr { return got(purego.Dlsym(lib, name))(t) }
	var retain func(*uintptr, int32) int32
	var release func(int32) int32
	var set func(uintptr) int32
	var get func(*uintptr) int32
	purego.RegisterFunc(&retain, function("cuDevicePrimaryCtxRetain"))
	purego.RegisterFunc(&release, function("cuDevicePrimaryCtxRelease_v2"))
	purego.RegisterFunc(&set, function("cuCtxSetCurrent"))
	purego.RegisterFunc(&get, function("cuCtxGetCurrent"))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var mine, now uintptr
	if retain(&mine, 1) != 0 || set(mine) != 0 {
		t.Fatal("the fake does not do it")
	}
	must(t, c.Synchronise(), other.Synchronise())
	if get(&now) != 0 || now != mine {
		t.Errorf("context %x is current, was %x", now, mine)
	}
	adopted := got(other.Device().Adopt(mine))(t)
	s := got(adopted.NewStream())(t)
	m := got(adopted.Alloc(16))(t)
	borrowed := adopted.AdoptMemory(m.Pointer(), 16)
	must(t, s.Fill(borrowed, 0, 16, 1), borrowed.Close(), s.Synchronise(), adopted.Close(), other.Synchronise())
	set(0)
	release(1)
}

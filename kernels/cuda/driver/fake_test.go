package driver_test

import (
	_ "embed"
	"errors"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

//go:embed testdata/kernels.ptx
var ptx []byte

// start is the fake driver with the kernels of testdata; it demands at the end that everything was closed.
func start(t *testing.T, settings ...string) string {
	t.Helper()
	return fake.Start(t, 80, []string{"testdata/kernels.cu"}, settings...)
}

func open(t *testing.T) *driver.Library {
	t.Helper()
	l, err := driver.Open()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func device(t *testing.T, ordinal int) *driver.Device {
	t.Helper()
	d, err := open(t).Device(ordinal)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// context is closed when the test ends.
func context(t *testing.T, ordinal int) *driver.Context {
	t.Helper()
	c, err := device(t, ordinal).Context()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// got is what must have gone well.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func kernel(t *testing.T, c *driver.Context, name string) *driver.Function {
	t.Helper()
	m := got(c.Load("kernels", ptx))(t)
	return got(m.Function(name))(t)
}

func upload(t *testing.T, s *driver.Stream, v []float32) *driver.Memory {
	t.Helper()
	m := got(s.Context().Alloc(uint64(4 * len(v))))(t)
	must(t, s.CopyIn(m, 0, driver.Bytes(v)))
	return m
}

func floats(n int, by float32) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i%31)*by - 3
	}
	return v
}

package driver_test

import (
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// BenchmarkCall is what a call costs beside the driver's own work: thread, context and three calls of C.
func BenchmarkCall(b *testing.B) {
	fake.Start(b, 80, []string{fake.NoKernels})
	l, err := driver.Open()
	must(b, err)
	d, err := l.Device(0)
	must(b, err)
	c, err := d.Context()
	must(b, err)
	e, err := c.NewEvent(false)
	must(b, err)
	for b.Loop() {
		if _, err := e.Done(); err != nil {
			b.Fatal(err)
		}
	}
	must(b, c.Close())
}

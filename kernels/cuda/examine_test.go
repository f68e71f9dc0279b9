package cuda

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func examined(t *testing.T, arch int, settings ...string) *driver.Context {
	t.Helper()
	fake.Start(t, arch, []string{"src/rate.cu", "src/selftest.cu"}, settings...)
	l, err := driver.Open()
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Device(0)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Context()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// The committed PTX, the binding and the emulator agree: the whole way that a card goes.
func TestSelfTestsThroughTheDriver(t *testing.T) {
	for arch, want := range map[int]int{75: 4, 80: 8, 90: 12} {
		for order := range 2 {
			c := examined(t, arch, fmt.Sprintf("order=%d", order))
			var tables bytes.Buffer
			all, err := RunSelfTests(c, &tables)
			if err != nil || len(all) != want {
				t.Fatalf("sm_%d: %d self-tests, %v", arch, len(all), err)
			}
			for _, o := range all {
				if len(o.Differences) > 0 {
					t.Errorf("sm_%d %s: %v", arch, o.Form, o.Differences[0])
				}
				if !strings.Contains(tables.String(), o.Form+" ") {
					t.Errorf("no table of %s is printed", o.Form)
				}
			}
			if c.Live() != (driver.Live{}) {
				t.Errorf("%+v", c.Live())
			}
			c.Close()
		}
	}
}

func TestMeasure(t *testing.T) {
	c := examined(t, 80)
	r, err := Measure(c)
	if err != nil || r.HostToDevice <= 0 || r.DeviceToDevice <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if c.Live() != (driver.Live{}) {
		t.Errorf("%+v", c.Live())
	}
}

func TestExamineInTrouble(t *testing.T) {
	for k := 1; k <= 3; k++ {
		c := examined(t, 80, fmt.Sprintf("oom_at=%d", k))
		if _, err := Measure(c); !errors.Is(err, driver.ErrOutOfMemory) {
			t.Error(err)
		}
		if _, err := RunSelfTests(c, nil); !errors.Is(err, driver.ErrOutOfMemory) {
			t.Error(err)
		}
		if c.Live() != (driver.Live{}) {
			t.Errorf("%+v", c.Live())
		}
		c.Close()
	}
	for _, setting := range []string{"lost_launch=3", "lost_copy=2"} {
		c := examined(t, 80, setting)
		if _, err := RunSelfTests(c, nil); !errors.Is(err, driver.ErrDeviceLost) {
			t.Errorf("%s: %v", setting, err)
		}
		c.Close()
	}
}

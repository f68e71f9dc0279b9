package cpu

import (
	"errors"
	"fmt"
	"runtime"

	"attrib/kernels"
)

// Options of the device. The zero value works.
type Options struct {
	Workers   int   // goroutines that share the work; default GOMAXPROCS
	TileBytes int64 // memory of one worker's tile of rows; default 4 MiB
}

// Validate reports everything that is wrong, together.
func (o Options) Validate() error {
	var errs []error
	if o.Workers < 0 {
		errs = append(errs, fmt.Errorf("option Workers is %d, less than 0", o.Workers))
	}
	if o.TileBytes < 0 {
		errs = append(errs, fmt.Errorf("option TileBytes is %d, less than 0", o.TileBytes))
	}
	return errors.Join(errs...)
}

type device struct{ Options }

var _ kernels.Multiplier = (*device)(nil)

// New returns the device. It panics on options that Validate refuses.
func New(o Options) kernels.Device {
	if err := o.Validate(); err != nil {
		panic("cpu: " + err.Error())
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.TileBytes == 0 {
		o.TileBytes = 4 << 20
	}
	return &device{o}
}

func (d *device) Info() kernels.Info {
	return kernels.Info{
		Name:       fmt.Sprintf("CPU, plain Go, %d workers", d.Workers),
		Arithmetic: "float32-runs-256",
		Workers:    d.Workers,
		TileBytes:  d.TileBytes,
	}
}

// Close has nothing to give back.
func (d *device) Close() error { return nil }

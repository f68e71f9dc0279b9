package cpu

import (
	"errors"
	"fmt"
	"runtime"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// Options of the device. The zero value works.
type Options struct {
	Workers   int       // goroutines that share the work; default GOMAXPROCS
	TileBytes int64     // memory of one worker's tile of rows; default 4 MiB, or more for rows wider than 170 kB
	Path      simd.Path // class of instructions; default simd.Active
}

// maxWorkers bounds what every worker has a place for, used or not.
const maxWorkers = 1 << 16

// Validate reports everything that is wrong, together.
func (o Options) Validate() error {
	var errs []error
	if o.Workers < 0 || o.Workers > maxWorkers {
		errs = append(errs, fmt.Errorf("option Workers is %d, not in 0 … %d", o.Workers, maxWorkers))
	}
	if o.TileBytes < 0 {
		errs = append(errs, fmt.Errorf("option TileBytes is %d, less than 0", o.TileBytes))
	}
	if o.Path != simd.Auto { // what is wrong with ATTRIB_CPU is for the calls to say
		_, err := simd.Resolve(o.Path)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

type device struct {
	Options
	path simd.Path
	err  error // of ATTRIB_CPU
	wide bool  // tiles of wide rows may be larger than TileBytes
}

var _ kernels.Multiplier = (*device)(nil)

// New returns the device. It panics on options that Validate refuses.
func New(o Options) kernels.Device {
	if err := o.Validate(); err != nil {
		panic("cpu: " + err.Error())
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	d := &device{Options: o, wide: o.TileBytes == 0}
	if o.TileBytes == 0 {
		d.TileBytes = 4 << 20
	}
	d.path, d.err = simd.Resolve(o.Path)
	return d
}

func (d *device) Info() kernels.Info {
	name, arithmetic := "plain Go", "float32-runs-256"
	if d.path != simd.Generic {
		name, arithmetic = d.path.String(), fmt.Sprintf("float32-fma-runs-%d", runColumns)
	}
	return kernels.Info{
		Name:       fmt.Sprintf("CPU, %s, %d workers", name, d.Workers),
		Arithmetic: arithmetic,
		Workers:    d.Workers,
		TileBytes:  d.TileBytes,
	}
}

// Close has nothing to give back.
func (d *device) Close() error { return nil }

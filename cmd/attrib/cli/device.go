package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/ref"
)

// checkDevice is what is wrong with --device and --precision, without looking for a card.
func (e *env) checkDevice() error {
	gpu := e.device == "cuda" || strings.HasPrefix(e.device, "cuda:")
	switch {
	case gpu:
		if _, err := cudaDevices(e.device); err != nil {
			return err
		}
	case e.device != "cpu" && e.device != "ref":
		return fmt.Errorf("--device is %q, want cpu, ref, cuda (all GPUs) or cuda:0,1 (some)", e.device)
	}
	if _, ok := precisions[e.precision]; !ok {
		return fmt.Errorf("--precision is %q, want one of exact, tf32x3, bf16, f16, int8", e.precision)
	}
	if !gpu && e.precision != "exact" {
		return fmt.Errorf("--precision %s is for --device cuda: %s is exact", e.precision, e.device)
	}
	return nil
}

// precisions are the values of --precision.
var precisions = map[string]cuda.Precision{"exact": cuda.Exact, "tf32x3": cuda.TF32x3, "bf16": cuda.BF16, "f16": cuda.F16, "int8": cuda.Int8}

// cudaDevices are the ordinals in "cuda:0,1", nil for "cuda".
func cudaDevices(name string) ([]int, error) {
	list, some := strings.CutPrefix(name, "cuda:")
	if !some {
		return nil, nil
	}
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || slices.Contains(out, n) || strconv.Itoa(n) != part {
			return nil, fmt.Errorf("--device is %q: after cuda: come different numbers of GPUs, such as cuda:0 or cuda:0,1", name)
		}
		out = append(out, n)
	}
	return out, nil
}

// openDevice returns the device that --device names. A GPU that is asked for and not there is an error: nothing else
// takes its place.
func (e *env) openDevice() (kernels.Device, error) {
	return e.limitedDevice(0)
}

// limitedDevice is openDevice with tiles of so many bytes; 0 for the device's own choice.
func (e *env) limitedDevice(tile int64) (kernels.Device, error) {
	switch e.device {
	case "ref":
		return ref.New(), nil
	case "cpu":
		return cpu.New(cpu.Options{Workers: e.workers, TileBytes: tile}), nil
	}
	devices, err := cudaDevices(e.device)
	if err != nil {
		return nil, err
	}
	d, err := cuda.New(cuda.Options{Devices: devices, TileBytes: tile, Precision: precisions[e.precision]})
	if err != nil {
		return nil, fmt.Errorf("--device %s: %w", e.device, err)
	}
	return d, nil
}

// deviceAdvice says what to do when a GPU is what failed; nothing when it is not.
func (e *env) deviceAdvice(err error) string {
	var refused *driver.LoadError
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
	}
	switch {
	case is(driver.ErrNoDriver, driver.ErrOldDriver, driver.ErrNoDevice, driver.ErrOldDevice), errors.As(err, &refused):
		return "attrib doctor says which GPUs can be used and why others cannot; " + e.elsewhere()
	case is(driver.ErrOutOfMemory):
		return "Free some of the GPU's memory; " + e.elsewhere()
	case is(driver.ErrDeviceLost):
		return "To go on, " + e.elsewhere()
	}
	return ""
}

// elsewhere is how a run goes on without the GPU that it was begun on.
func (e *env) elsewhere() string {
	if e.precision == "exact" {
		return "the same command with another --device, such as cpu, gives the same result."
	}
	return "the same command with another GPU as --device gives the same result; the CPU has other bits and needs another --out and no --precision."
}

// noter is a device that may have gone about its work otherwise than asked for.
type noter interface{ Notes() []string }

// deviceName is what run.json calls a device: a GPU with its arithmetic.
func deviceName(d kernels.Device) string {
	info := d.Info()
	if _, gpu := d.(noter); gpu {
		return info.Name + ", " + info.Arithmetic
	}
	return info.Name
}

// noteDevice records which device did the work and what it has to say about it.
func noteDevice(f *runfile.Folder, d kernels.Device) {
	f.Record.Device = deviceName(d)
	if n, ok := d.(noter); ok {
		for _, text := range n.Notes() {
			f.Note("%s", text)
		}
	}
	if c, ok := d.(kernels.LaunchCounter); ok {
		for _, l := range c.Launches() {
			f.Record.Launches = append(f.Record.Launches, runfile.Launch(l))
		}
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/policy"
)

// walker is a device that may walk permutations, and notes what it did.
type walker struct {
	meter
	inner kernels.PermutationWalker // nil: it walks none
}

// openWalker opens the device that --device names.
func (e *env) openWalker() (*walker, error) {
	d, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	w := &walker{meter: meter{Device: d}}
	w.inner, _ = d.(kernels.PermutationWalker)
	return w, nil
}

// WalkPermutations notes a call: scores read, and a multiplication and an addition for each.
func (w *walker) WalkPermutations(ctx context.Context, p kernels.PermutationWalk) error {
	began := time.Now()
	err := w.inner.WalkPermutations(ctx, p)
	if err == nil {
		read := int64(len(p.Orders)) * int64(p.Outputs)
		if p.Both {
			read *= 2
		}
		w.note("permutations", 4*read, 2*read, began)
	}
	return err
}

// machine is who computes shares.
func (w *walker) machine(e *env) policy.Machine {
	m := policy.Machine{Workers: e.workers}
	if w.inner != nil {
		m.Walker = w
	}
	return m
}

// explain says of a lost card which --device it was.
func (w *walker) explain(e *env, err error) error {
	if errors.Is(err, driver.ErrDeviceLost) {
		return fmt.Errorf("--device %s: %w", e.device, err)
	}
	return err
}

// record says in run.json who walked, and why it was not the device that was asked for.
func (w *walker) record(e *env, f *runfile.Folder, how policy.EstimatorRecord) {
	f.Record.Kernels = append(f.Record.Kernels, w.done...)
	switch {
	case len(w.done) > 0:
		noteDevice(f, w.Device)
		f.Record.Device = w.Device.Info().Name + ", integers"
	case e.device == "cpu":
		f.Record.Device = w.Device.Info().Name
	case how.Exact:
		f.Note("--device %s: the CPU did the work: the values are exact (%s), so that there were no permutations to walk", e.device, how.Form)
	case w.inner == nil:
		f.Note("--device %s: the CPU did the work: the device walks no permutations", e.device)
	default:
		f.Note("--device %s: the CPU did the work: the device does not know this game", e.device)
	}
}

package cli

import (
	"context"
	"slices"
	"time"

	"attrib/internal/runfile"
	"attrib/kernels"
)

// copier is a device that trains copies of a network, and notes what it did.
type copier struct {
	meter
	inner  kernels.CopyTrainer
	copies int64
	notes  []string // why a network was not for it
}

// newCopier is nil for a device that trains none.
func newCopier(d kernels.Device) *copier {
	inner, ok := d.(kernels.CopyTrainer)
	if !ok {
		return nil
	}
	return &copier{meter: meter{Device: d}, inner: inner}
}

// TrainCopies notes a call.
func (c *copier) TrainCopies(ctx context.Context, t kernels.CopyTraining) error {
	began := time.Now()
	err := c.inner.TrainCopies(ctx, t)
	if err == nil {
		ops, bytes := t.Work()
		c.note("copies", bytes, ops, began)
		c.copies += int64(len(t.Weights))
	}
	return err
}

// tell keeps a note once, however often a network is refused.
func (c *copier) tell(text string) {
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

// record says in run.json what was trained where.
func (c *copier) record(f *runfile.Folder) {
	for _, text := range c.notes {
		f.Note("%s", text)
	}
	if c.copies > 0 {
		f.Note("%s: trained %d copies of the network, which stayed there from the first step to the last", c.Info().Name, c.copies)
		f.Record.Kernels = append(f.Record.Kernels, c.done...)
	}
}

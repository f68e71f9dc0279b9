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

// TrainCopies notes a call, without the time in which what is done is taken.
func (c *copier) TrainCopies(ctx context.Context, t kernels.CopyTraining) error {
	began, taken, done := time.Now(), time.Duration(0), t.Done
	t.Done = func(first int, theta []float32, failed []*kernels.CopyFailure) error {
		at := time.Now()
		defer func() { taken += time.Since(at) }()
		return done(first, theta, failed)
	}
	err := c.inner.TrainCopies(ctx, t)
	if err == nil {
		ops, bytes := t.Work()
		c.note("copies", bytes, ops, began.Add(taken))
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

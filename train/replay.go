package train

import (
	"context"
	"errors"
	"fmt"
)

// ErrDiffers says that a repeated run does not lead where the log says.
var ErrDiffers = errors.New("parameters differ from the log's")

// compare holds the parameters against the log's after epoch e (from 0).
func (t *trainer) compare(l *Log, e int) error {
	if got := t.params.Hash(); got != l.Epochs[e].Params {
		return fmt.Errorf(`epoch %d: %w: field "params" is %s, replayed %s`, e+1, ErrDiffers, l.Epochs[e].Params, got)
	}
	return nil
}

// Replay repeats the run that a log tells of and returns its final parameters, bit for bit. o gives what the run was
// given: Weights, Initial and Network; its other fields are not used. A log of another model, other data, weights,
// initial parameters or class of arithmetic is an error that names the field; an epoch that does not lead where the
// log says names the epoch.
func Replay(ctx context.Context, m Model, d Data, l *Log, o Options) (Params, error) {
	t, err := l.trainer(m, d, o)
	if err != nil {
		return nil, err
	}
	return t.replay(ctx, l, 0)
}

// ReplayFrom is Replay from the checkpoint after that many epochs of the run in the folder; 0 are the initial
// parameters as they were written.
func ReplayFrom(ctx context.Context, m Model, d Data, dir string, epochs int, o Options) (Params, error) {
	j, err := OpenTrajectory(m, d, dir, o)
	if err != nil {
		return nil, err
	}
	if epochs < 0 || epochs > len(j.log.Epochs) {
		return nil, fmt.Errorf("%s: the checkpoint after %d epochs of a run of %d", dir, epochs, len(j.log.Epochs))
	}
	if err := j.t.load(dir, epochs, j.log); err != nil {
		return nil, err
	}
	return j.t.replay(ctx, j.log, epochs)
}

// replay repeats the epochs of the log from that one (from 0).
func (t *trainer) replay(ctx context.Context, l *Log, from int) (Params, error) {
	for e := from; e < len(l.Epochs); e++ {
		steps := func(batch int) Step { return l.StepOf(e, batch) }
		if _, err := t.epoch(ctx, e, l.OrderOf(e), steps); err != nil {
			return nil, err
		}
		if err := t.compare(l, e); err != nil {
			return nil, err
		}
	}
	return t.params, nil
}

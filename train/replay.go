package train

import (
	"context"
	"fmt"
)

// Replay repeats the run that a log tells of and returns its final parameters, bit for bit. o gives what the run was
// given: Weights, Initial and Network; its other fields are not used. A log of another model, other data, weights or
// initial parameters is an error that names the field; an epoch that does not lead where the log says names the epoch.
func Replay(ctx context.Context, m Model, d Data, l *Log, o Options) (Params, error) {
	t, err := newTrainer(m, d, Options{Weights: o.Weights, Initial: o.Initial, Network: o.Network})
	if err != nil {
		return nil, err
	}
	if err := l.Header.Matches(t.log.Header); err != nil {
		return nil, err
	}
	t.steps, err = newStepper(m, func(e int) int { return len(l.OrderOf(min(e, len(l.Epochs)-1))) })
	if err != nil {
		return nil, err
	}
	for e := range l.Epochs {
		steps := func(batch int) Step { return l.StepOf(e, batch) }
		if _, err := t.epoch(ctx, e, l.OrderOf(e), steps); err != nil {
			return nil, err
		}
		if got := t.params.Hash(); got != l.Epochs[e].Params {
			return nil, fmt.Errorf(`epoch %d: parameters differ from the log's: field "params" is %s, replayed %s`,
				e+1, l.Epochs[e].Params, got)
		}
	}
	return t.params, nil
}

package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Trajectory is the path of a finished or interrupted run through the space of parameters, from its folder: any
// segment of it can be walked again, bit for bit, from the nearest checkpoint before. It holds one set of parameters at
// a time. What is made from it (a reverse pass over training, say) walks segments as long as its memory allows.
type Trajectory struct {
	dir string
	log *Log
	t   *trainer
}

// Moment is the state just before a step.
type Moment struct {
	Number int       // of the step, from 0 over the whole run
	Epoch  int       // from 0
	Step   Step      // its hyperparameters
	Rows   []int     // the batch: rows of the data
	Scale  []float32 // weight of each over the length of the batch: the gradient is Σ Scale[k]·∇ℓ of Rows[k]
	Params Params    // before the step
	State  []Params  // what the optimiser keeps: the velocity of sgd, the two means of adam
}

// OpenTrajectory reads the run in a folder that Run wrote. o gives what the run was given: Weights, Initial and Network;
// its other fields are not used. A log of another model, other data, weights, initial parameters or class of
// arithmetic is an error that names the field.
func OpenTrajectory(m Model, d Data, dir string, o Options) (*Trajectory, error) {
	l, err := ReadLog(filepath.Join(dir, LogName))
	if err != nil {
		return nil, err
	}
	t, err := l.trainer(m, d, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Trajectory{dir, l, t}, nil
}

// trainer is ready to repeat the run that the log tells of.
func (l *Log) trainer(m Model, d Data, o Options) (*trainer, error) {
	t, err := newTrainer(m, d, Options{Weights: o.Weights, Initial: o.Initial, Network: o.Network})
	if err != nil {
		return nil, err
	}
	if err := l.Header.Matches(t.log.Header); err != nil {
		return nil, err
	}
	if len(l.Epochs) > m.Epochs {
		return nil, fmt.Errorf("the log has %d epochs, the model %d", len(l.Epochs), m.Epochs)
	}
	m.Epochs, m.Schedule = len(l.Epochs), nil // the log says what every step was
	t.steps, err = newStepper(m, func(e int) int { return len(l.OrderOf(e)) })
	return t, err
}

// Steps is the number of steps that the log tells of.
func (j *Trajectory) Steps() int { return j.t.steps.begin[len(j.log.Epochs)] }

// Walk calls visit with the moment before every step from ≤ n < to, in order. A moment's slices are valid until visit
// returns. An error of visit ends the walk. Steps before from are repeated from the nearest checkpoint; parameters that
// differ from the log's at the end of an epoch are an error that names it.
func (j *Trajectory) Walk(ctx context.Context, from, to int, visit func(Moment) error) error {
	if from < 0 || to < from || to > j.Steps() {
		return fmt.Errorf("steps %d to %d of a run of %d", from, to, j.Steps())
	}
	if from == to {
		return nil
	}
	first, err := j.load(from)
	if err != nil {
		return err
	}
	for e := first; e < len(j.log.Epochs) && j.t.steps.begin[e] < to; e++ {
		if err := j.epoch(ctx, e, from, to, visit); err != nil {
			return err
		}
	}
	return nil
}

// load takes the last checkpoint before step n and returns its epoch.
func (j *Trajectory) load(n int) (epoch int, err error) {
	for e := len(j.log.Epochs); e >= 0; e-- {
		if j.t.steps.begin[e] > n {
			continue
		}
		if _, err := os.Stat(filepath.Join(j.dir, CheckpointName(e))); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return e, j.t.load(j.dir, e, j.log)
	}
	return 0, fmt.Errorf("%s: there is no checkpoint at or before step %d", j.dir, n)
}

// epoch walks one epoch, or as much of it as is before step to.
func (j *Trajectory) epoch(ctx context.Context, e, from, to int, visit func(Moment) error) error {
	order, size := j.log.OrderOf(e), j.t.model.Batch
	for at, batch := 0, 0; at < len(order); at, batch = at+size, batch+1 {
		n := j.t.steps.begin[e] + batch
		if err := ctx.Err(); err != nil || n == to {
			return err
		}
		rows, step := order[at:min(at+size, len(order))], j.log.StepOf(e, batch)
		step.Count = 1
		if n >= from {
			if err := visit(Moment{n, e, step, rows, j.t.scaleOf(rows), j.t.params, j.t.state}); err != nil {
				return err
			}
		}
		if _, err := j.t.step(rows, step, n); err != nil {
			return fmt.Errorf("epoch %d: batch %d (step %d): %w", e+1, batch+1, n+1, err)
		}
	}
	return j.t.compare(j.log, e)
}

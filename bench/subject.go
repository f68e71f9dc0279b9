package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"attrib/bench/truth"
	"attrib/embed"
	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/kernels"
	"attrib/train"
)

// The base lines.
const (
	sameClassName = "same-class" // 1 for samples of the output's label, else 0
	rbfName       = "rbf"        // exp(−½‖x−z‖²) of the features, −1 times where labels differ
)

// maxFlat bounds the bytes of gradients that are held as flat rows; more are held as factors.
const maxFlat = 1 << 30

// subject is the scored model with what methods need of it. Model and gradients are made when a method first asks.
type subject struct {
	truth *truth.Truth
	seed  int64
	opt   AccuracyOptions

	features        kernels.Source
	queries         influence.Queries
	trainingSeconds float64
	gradientSeconds float64
}

// scored makes a method's scores, outputs × samples.
func (s *subject) scored(ctx context.Context, name string) (scored, error) {
	if s.opt.Data.Len() == 0 || s.opt.Queries.Len() == 0 {
		return scored{}, errors.New("methods need the samples and outputs that the truth was made from")
	}
	if name != sameClassName && name != rbfName {
		if err := s.gradients(ctx); err != nil {
			return scored{}, err
		}
	}
	out := scored{Scores: Scores{Name: name}}
	began := time.Now()
	var err error
	switch name {
	case sameClassName:
		out.Value = sameClass(s.opt.Data.Y, s.opt.Queries.Y)
	case rbfName:
		method := embed.Neighbours{Measure: embed.RBF, LabelSign: true, Labels: s.opt.Data.Y, QueryLabels: s.opt.Queries.Y}
		out.Value, err = s.fit(ctx, method, kernels.MatrixSource(s.opt.Data.X), influence.Queries{IDs: s.truth.Outputs, Gradients: s.opt.Queries.X})
	default:
		var method influence.Method
		if method, err = influence.ByName(name); err == nil {
			out.Value, err = s.fit(ctx, method, s.features, s.queries)
		}
		out.trainings, out.seconds = 1, s.gradientSeconds
	}
	elapsed(&out.seconds, began)
	return out, err
}

// fit fits a method and gathers all its scores.
func (s *subject) fit(ctx context.Context, method influence.Method, features kernels.Source, queries influence.Queries) ([]float64, error) {
	scorer, err := method.Fit(ctx, &influence.Run{Features: features, Damping: s.opt.Damping, Device: s.opt.Device, Seeds: []int64{s.seed}})
	if err != nil {
		return nil, err
	}
	n := s.opt.Data.Len()
	out := make([]float64, n*s.opt.Queries.Len())
	err = scorer.Score(ctx, queries, func(q0 int, row0 int64, m kernels.Matrix) error {
		for z := range m.Rows {
			for j, v := range m.Row(z) {
				out[(q0+z)*n+int(row0)+j] = float64(v)
			}
		}
		return nil
	})
	return out, err
}

// gradients trains the model of the same run and takes the gradients of samples and outputs.
func (s *subject) gradients(ctx context.Context) error {
	if s.features != nil {
		return nil
	}
	model := s.truth.Retrains(s.seed)
	task, err := s.opt.Registry.Task(model, gorgonia.Options{})
	if err != nil {
		return err
	}
	objective, err := truth.Objective(s.truth.Measurement)
	if err != nil {
		return err
	}
	began := time.Now()
	start := s.truth.Starts[s.seed]
	network := func() (train.Network, error) { return s.opt.Registry.Network(model) }
	params, _, err := train.Run(ctx, model, s.opt.Data, train.Options{Initial: start.Initial, Order: start.Order, Network: network})
	if err != nil {
		return fmt.Errorf("training seed %d: %w", s.seed, err)
	}
	elapsed(&s.trainingSeconds, began)
	began = time.Now()
	signals, err := task.Signals(ctx, params, influence.Batch{X: s.opt.Data.X, Y: s.opt.Data.Y}, influence.Loss)
	if err != nil {
		return err
	}
	q := influence.Batch{X: s.opt.Queries.X, Y: s.opt.Queries.Y}
	if s.queries, _, err = influence.QueryGradients(ctx, task, params, q, s.truth.Outputs, objective); err != nil {
		return err
	}
	features := signals.Source(task.Layers())
	if bytes := 4 * int64(s.opt.Data.Len()) * int64(influence.Width(task.Layers())); bytes <= maxFlat {
		rows, err := signals.Rows(ctx, task.Layers())
		if err != nil {
			return err
		}
		features = kernels.MatrixSource(rows)
	}
	s.features = features
	elapsed(&s.gradientSeconds, began)
	return nil
}

// sameClass scores 1 for samples of the output's label, else 0: outputs × samples.
func sameClass(samples, outputs []int32) []float64 {
	out := make([]float64, 0, len(samples)*len(outputs))
	for _, label := range outputs {
		for _, y := range samples {
			v := 0.0
			if y == label {
				v = 1
			}
			out = append(out, v)
		}
	}
	return out
}

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

// maxGradients bounds the bytes of gradients that are held.
const maxGradients = 4 << 30

// subject is the scored model with what methods need of it. Model and gradients are made when a method first asks.
type subject struct {
	truth *truth.Truth
	seed  int64
	opt   AccuracyOptions

	failed          error // of making the gradients
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
	if s.features != nil || s.failed != nil {
		return s.failed
	}
	s.failed = s.makeGradients(ctx)
	return s.failed
}

func (s *subject) makeGradients(ctx context.Context) error {
	model := s.truth.Retrains(s.seed)
	task, err := s.task(model)
	if err != nil {
		return err
	}
	objective, err := truth.Objective(s.truth.Measurement)
	if err != nil {
		return err
	}
	began := time.Now()
	start := s.truth.Start(s.seed)
	network := func() (train.Network, error) { return s.opt.Registry.Network(model) }
	params, _, err := train.Run(ctx, model, s.opt.Data, train.Options{Initial: start.Initial, Order: start.Order, Network: network})
	if err != nil {
		return fmt.Errorf("training seed %d: %w", s.seed, err)
	}
	elapsed(&s.trainingSeconds, began)
	began = time.Now()
	q := influence.Batch{X: s.opt.Queries.X, Y: s.opt.Queries.Y}
	if s.queries, _, err = influence.QueryGradients(ctx, task, params, q, s.truth.Outputs, objective); err != nil {
		return err
	}
	s.features, err = s.rows(ctx, task, params)
	elapsed(&s.gradientSeconds, began)
	return err
}

// task differentiates the model: by its layers, or by the registered graph that it names.
func (s *subject) task(m train.Model) (influence.Task, error) {
	if m.Builder == "" {
		return influence.NewTask(m)
	}
	return s.opt.Registry.Task(m, gorgonia.Options{})
}

// rows are the gradients of all samples: flat rows, or the factors where they are far smaller.
func (s *subject) rows(ctx context.Context, task influence.Task, params train.Params) (kernels.Source, error) {
	layers, d := task.Layers(), s.opt.Data
	flat, factored := int64(influence.Width(layers)), int64(0)
	for _, l := range layers {
		factored += int64(l.Positions) * int64(l.In+l.Out)
	}
	width := flat
	if flat*4*int64(d.Len()) > maxGradients {
		width = min(flat, factored)
	}
	if bytes := 4 * width * int64(d.Len()); bytes > maxGradients {
		return nil, fmt.Errorf("the gradients of %d samples take %d bytes, more than the %d that are held: score in a program of your own and give --scores", d.Len(), bytes, int64(maxGradients))
	}
	if width != flat {
		signals, err := task.Signals(ctx, params, influence.Batch{X: d.X, Y: d.Y}, influence.Loss)
		if err != nil {
			return nil, err
		}
		return signals.Source(layers), nil
	}
	all := make([]float32, 0, int64(d.Len())*flat)
	const batch = 256
	for i := 0; i < d.Len(); i += batch {
		end := min(i+batch, d.Len())
		signals, err := task.Signals(ctx, params, influence.Batch{X: d.X.Slice(i, end), Y: d.Y[i:end]}, influence.Loss)
		if err != nil {
			return nil, err
		}
		rows, err := signals.Rows(ctx, layers)
		if err != nil {
			return nil, err
		}
		for r := range rows.Rows {
			all = append(all, rows.Row(r)...)
		}
	}
	return kernels.MatrixSource(kernels.F32(d.Len(), int(flat), all)), nil
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

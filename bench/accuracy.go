package bench

import (
	"context"
	"fmt"
	"time"

	"attrib/embed"
	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/kernels"
	"attrib/train"
)

// The targets of the LDS.
const (
	SameRun       = "same"     // the retrained models share the scored model's start and batch order
	ExpectedModel = "expected" // the mean over other training seeds
)

// AccuracyRow is how well a method predicts retrained models: the LDS with a bootstrap 95 % interval over outputs.
type AccuracyRow struct {
	Method    string  `json:"method"`
	Target    string  `json:"target"`
	Removal   string  `json:"removal"` // "weight-zero": same batches and order, removed samples weigh nothing
	Removed   float64 `json:"removed"` // part of the samples
	LDS       float64 `json:"lds"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Ceiling   float64 `json:"ceiling"`   // what no method can pass on this target
	Seconds   float64 `json:"seconds"`   // of fitting and scoring, without training
	Trainings int     `json:"trainings"` // models the method used
}

// AccuracyOptions choose what is measured. The zero value measures every method that exists.
type AccuracyOptions struct {
	Methods  []string       // default: AccuracyMethods
	Damping  float64        // of influence. Default: influence.DefaultDamping
	Device   kernels.Device // required
	Progress func(done, total int)
}

// AccuracyMethods are the gradient methods and the honesty base lines, which look at labels and pixels only.
func AccuracyMethods() []string {
	var names []string
	for _, m := range influence.Methods() {
		names = append(names, m.Name())
	}
	return append(names, "same-class", "rbf")
}

// anchorParts are the parts removed in anchor B's retrainings, by the names of its tensors.
var anchorParts = []struct {
	name    string
	removed float64
}{{"0.01", .01}, {"0.05", .05}, {"0.5", .5}}

// anchorRun is the training seed of the scored model and of the same run; the expected model is the mean of seeds 20
// to 29, which no method sees.
const anchorRun = 7

// Accuracy measures methods against anchor B. Every method scores with one model, that of seed 7; goodness is the
// margin log p/(1−p). A subset's predicted output is the sum of the scores of the samples it keeps.
func Accuracy(ctx context.Context, o AccuracyOptions) ([]AccuracyRow, error) {
	a, err := AnchorB()
	if err != nil {
		return nil, err
	}
	if o.Methods == nil {
		o.Methods = AccuracyMethods()
	}
	subject, err := newSubject(ctx, a, o)
	if err != nil {
		return nil, err
	}
	truth, err := a.truths()
	if err != nil {
		return nil, err
	}
	var rows []AccuracyRow
	for i, name := range o.Methods {
		began := time.Now()
		scores, err := subject.scores(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		seconds := time.Since(began).Seconds()
		for _, t := range truth {
			row, err := t.row(scores, a)
			if err != nil {
				return nil, err
			}
			row.Method, row.Seconds, row.Trainings = name, seconds, 1
			if name == "same-class" || name == "rbf" {
				row.Trainings = 0
			}
			rows = append(rows, row)
		}
		if o.Progress != nil {
			o.Progress(i+1, len(o.Methods))
		}
	}
	return rows, nil
}

// truth is one target: outputs of retrained models, and the weights they were trained with.
type truth struct {
	target    string
	removed   float64
	kept      [][]float32
	retrained []float64 // subsets × outputs
	ceiling   float64
}

// truths are both targets for every part removed.
func (a *Anchor) truths() ([]truth, error) {
	var out []truth
	for _, part := range anchorParts {
		kept, err := a.Kept(part.name)
		if err != nil {
			return nil, err
		}
		same, err := a.marginsOf(part.name, anchorRun)
		if err != nil {
			return nil, err
		}
		var seeds [][]float64
		for s := 20; s < 30; s++ {
			m, err := a.marginsOf(part.name, s)
			if err != nil {
				return nil, err
			}
			seeds = append(seeds, m)
		}
		ceiling, err := Ceiling(seeds, a.Queries.Len())
		if err != nil {
			return nil, err
		}
		out = append(out, truth{SameRun, part.removed, kept, same, 1},
			truth{ExpectedModel, part.removed, kept, meanOf(seeds, 1<<len(seeds)-1), ceiling})
	}
	return out, nil
}

func (a *Anchor) marginsOf(part string, seed int) ([]float64, error) {
	m, err := a.Margins(part, seed)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(m))
	for i, v := range m {
		out[i] = float64(v)
	}
	return out, nil
}

// row scores a method's predictions: scores are outputs × samples.
func (t truth) row(scores []float64, a *Anchor) (AccuracyRow, error) {
	n, queries := a.Data.Len(), a.Queries.Len()
	predicted := make([]float64, len(t.kept)*queries)
	for s, keep := range t.kept {
		for z := range queries {
			sum := 0.0
			for i, w := range keep {
				sum += float64(w) * scores[z*n+i]
			}
			predicted[s*queries+z] = sum
		}
	}
	per, err := LDS(predicted, t.retrained, queries)
	if err != nil {
		return AccuracyRow{}, err
	}
	low, high := Bootstrap(per, 1000)
	return AccuracyRow{Target: t.target, Removal: "weight-zero", Removed: t.removed, LDS: mean(per), Low: low, High: high, Ceiling: t.ceiling}, nil
}

// subject is the scored model with what methods need of it.
type subject struct {
	anchor   *Anchor
	features kernels.Source
	queries  influence.Queries
	opt      AccuracyOptions
}

// newSubject trains the model of the same run and takes the gradients of samples and outputs.
func newSubject(ctx context.Context, a *Anchor, o AccuracyOptions) (*subject, error) {
	initial, err := a.Initial(anchorRun)
	if err != nil {
		return nil, err
	}
	order, err := a.Order(anchorRun)
	if err != nil {
		return nil, err
	}
	params, _, err := train.Run(ctx, a.Model, a.Data, train.Options{Initial: initial, Order: order})
	if err != nil {
		return nil, err
	}
	task, err := gorgonia.Registry(nil).Task(a.Model, gorgonia.Options{})
	if err != nil {
		return nil, err
	}
	signals, err := task.Signals(ctx, params, influence.Batch{X: a.Data.X, Y: a.Data.Y}, influence.Loss)
	if err != nil {
		return nil, err
	}
	rows, err := signals.Rows(ctx, task.Layers())
	if err != nil {
		return nil, err
	}
	ids := make([]string, a.Queries.Len())
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	q, _, err := influence.QueryGradients(ctx, task, params, influence.Batch{X: a.Queries.X, Y: a.Queries.Y}, ids, influence.Margin)
	return &subject{a, kernels.MatrixSource(rows), q, o}, err
}

// scores are outputs × samples of a method.
func (s *subject) scores(ctx context.Context, name string) ([]float64, error) {
	a := s.anchor
	run := &influence.Run{Features: s.features, Damping: s.opt.Damping, Device: s.opt.Device, Seeds: []int64{anchorRun}}
	queries := s.queries
	var method influence.Method
	switch name {
	case "same-class":
		return sameClass(a), nil
	case "rbf":
		method = embed.Neighbours{Measure: embed.RBF, LabelSign: true, Labels: a.Data.Y, QueryLabels: a.Queries.Y}
		run.Features, queries.Gradients = kernels.MatrixSource(a.Data.X), a.Queries.X
	default:
		var err error
		if method, err = influence.ByName(name); err != nil {
			return nil, err
		}
	}
	scorer, err := method.Fit(ctx, run)
	if err != nil {
		return nil, err
	}
	n := a.Data.Len()
	out := make([]float64, n*a.Queries.Len())
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

// sameClass scores 1 for samples of the output's label, else 0.
func sameClass(a *Anchor) []float64 {
	out := make([]float64, 0, a.Data.Len()*a.Queries.Len())
	for _, label := range a.Queries.Y {
		for _, y := range a.Data.Y {
			v := 0.0
			if y == label {
				v = 1
			}
			out = append(out, v)
		}
	}
	return out
}

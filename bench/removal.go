package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"attrib/train"
)

// Ranking is an order in which training samples are removed. Rows gives it for a training seed: row numbers of the
// data, the first to be removed first; a ranking by scores ignores the seed, a random one does not.
type Ranking struct {
	Name string
	Rows func(seed int64) []int
}

// RemovalOptions say what is retrained.
type RemovalOptions struct {
	Parts    []float64                     // fractions of the samples removed, each in (0, 1)
	Seeds    []int64                       // training seeds; every figure is a mean over them
	Workers  int                           // trainings at a time. Default: GOMAXPROCS
	Network  func() (train.Network, error) // default: the model's layers
	Progress func(done, total int)         // default: none
}

// Validate reports every problem together.
func (o RemovalOptions) Validate() error {
	var bad []error
	if len(o.Seeds) == 0 {
		bad = append(bad, errors.New("removal: no training seed is given"))
	}
	if len(o.Parts) == 0 {
		bad = append(bad, errors.New("removal: no part to remove is given"))
	}
	for _, p := range o.Parts {
		if !(p > 0 && p < 1) {
			bad = append(bad, fmt.Errorf("removal: part %v is not between 0 and 1", p))
		}
	}
	return errors.Join(bad...)
}

// Removal is what retraining showed: a curve per ranking over the parts, which begin with 0, the full data.
type Removal struct {
	Parts   []float64
	Curves  []RemovalCurve
	Models  int
	Seconds float64
}

// RemovalCurve is the goodness of the outputs after removal: Mean over training seeds of the mean over outputs, with
// the lowest and highest seed.
type RemovalCurve struct {
	Name            string
	Mean, Low, High []float64
}

// Measure gives the mean goodness of the outputs under trained parameters; larger is better.
type Measure func(train.Params) (float64, error)

// Remove retrains the model once for every ranking, part and seed, and once a seed on the full data. Trainings run in
// parallel, copies of a model of layers together (train.Coalitions); the result does not depend on how many.
func Remove(ctx context.Context, m train.Model, d train.Data, rankings []Ranking, measure Measure, o RemovalOptions) (*Removal, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	began := time.Now()
	per := 1 + len(rankings)*len(o.Parts)
	values := make([][]float64, len(o.Seeds)) // seed × (full, then ranking-major)
	for s, seed := range o.Seeds {
		weights, err := removalWeights(d.Len(), rankings, o.Parts, seed)
		if err != nil {
			return nil, err
		}
		values[s] = make([]float64, per)
		model := m
		model.Init.Seed = seed
		done := func(runs int) { o.progress(s*per+runs, len(o.Seeds)*per) }
		visit := func(run int, p train.Params) (err error) {
			values[s][run], err = measure(p)
			return err
		}
		if o.Network == nil {
			_, err = train.Coalitions(ctx, model, d, weights, train.CoalitionOptions{Workers: o.Workers, Progress: done, Visit: visit})
		} else {
			_, err = train.Many(ctx, model, d, weights, train.ManyOptions{Workers: o.Workers, Network: o.Network, Progress: done, Visit: visit})
		}
		if err != nil {
			return nil, fmt.Errorf("removal, training seed %d: %w", seed, err)
		}
	}
	out := gather(rankings, o.Parts, values)
	out.Models, out.Seconds = len(o.Seeds)*per, time.Since(began).Seconds()
	return out, nil
}

func (o RemovalOptions) progress(done, total int) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// removalWeights are the sample weights of every training of one seed: the full data, then ranking by ranking.
func removalWeights(n int, rankings []Ranking, parts []float64, seed int64) ([][]float32, error) {
	out := [][]float32{without(n, nil)}
	for _, r := range rankings {
		rows := r.Rows(seed)
		if len(rows) != n {
			return nil, fmt.Errorf("removal: ranking %q has %d rows, want %d", r.Name, len(rows), n)
		}
		for _, part := range parts {
			out = append(out, without(n, rows[:int(math.Round(part*float64(n)))]))
		}
	}
	return out, nil
}

func without(n int, removed []int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = 1
	}
	for _, i := range removed {
		w[i] = 0
	}
	return w
}

func gather(rankings []Ranking, parts []float64, values [][]float64) *Removal {
	out := &Removal{Parts: append([]float64{0}, parts...)}
	for r, ranking := range rankings {
		c := RemovalCurve{Name: ranking.Name}
		for p := range out.Parts {
			run := 0
			if p > 0 {
				run = 1 + r*len(parts) + p - 1
			}
			sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
			for _, v := range values {
				sum += v[run]
				low, high = min(low, v[run]), max(high, v[run])
			}
			c.Mean = append(c.Mean, sum/float64(len(values)))
			c.Low, c.High = append(c.Low, low), append(c.High, high)
		}
		out.Curves = append(out.Curves, c)
	}
	return out
}

package truth

import (
	"fmt"
	"math"
	"slices"

	"attrib/influence"
	"attrib/train"
)

// Schema is the schema of truth.json; RowsSchema that of rows.json.
const (
	Schema     = "attrib.truth/1"
	RowsSchema = "attrib.truth-rows/1"
)

// WeightZero is the kind of removal: the same batches and order, removed samples weigh 0, denominators stay.
const WeightZero = "weight-zero"

// Measurements of an output. Each is a goodness: larger is better.
const (
	Margin    = "margin"     // log p/(1−p) of the output's label
	LogProb   = "log-prob"   // log p of the label
	MinusLoss = "minus-loss" // −ℓ
)

// What a subset removes.
const (
	BySample      = "sample"
	ByContributor = "contributor"
)

// Truth is ground truth in memory. Sizes: n samples, q outputs, k groups; a part has m subsets.
type Truth struct {
	Source      string      // the program that retrained
	Arithmetic  string      // its class of arithmetic: kernels/simd.Path for ours
	Model       train.Model // Init.Seed is replaced by each training seed
	Data        string      // train.Data.Hash of the training split
	Queries     string      // train.Data.Hash of the outputs
	Samples     []string    // ids of the training samples, in the order of Keep
	Outputs     []string    // ids of the outputs, in the order of Values
	Removal     string      // WeightZero
	Measurement string      // Margin, LogProb or MinusLoss
	By          string      // BySample or ByContributor
	Groups      []string    // ByContributor: the contributors
	Group       []int32     // ByContributor: place in Groups of each sample, −1 for those that stay always
	SubsetSeed  *int64      // of random subsets; nil when all or given ones were taken
	Parts       []Part
	Initial     train.Params    // where every seed's training begins; nil: drawn from the seed
	Starts      map[int64]Start // by seed, in place of Initial and of what the seed says; else empty
}

// Part are subsets of one size or kind with what models retrained on them gave.
type Part struct {
	Name      string
	Removed   float64     // part of the samples (ByContributor: of the contributors) removed, in (0, 1); a mean over subsets
	Keep      []uint8     // m×n: 1 for samples that are kept, else 0
	Coalition []uint8     // m×k: 1 for contributors that take part; nil BySample
	Seeds     []int64     // training seeds; the first is the same run
	Values    [][]float32 // per seed, m×q
	Params    [][]byte    // per seed, m×32: Params.Hash of each model; nil when not known
}

// Start is how the training of a seed begins, when the seed does not say it. What is nil is drawn from the seed.
type Start struct {
	Initial train.Params
	Order   [][]int // of every epoch, each a permutation of 0 … n−1
}

// Start is how the training of a seed begins.
func (t *Truth) Start(seed int64) Start {
	s := t.Starts[seed]
	if s.Initial == nil {
		s.Initial = t.Initial
	}
	return s
}

// Subsets is m, the number of subsets of a part of n samples.
func (p *Part) Subsets(n int) int { return len(p.Keep) / max(n, 1) }

// Kept are the sample weights of subset r of n samples, as training takes them.
func (p *Part) Kept(n, r int) []float32 {
	w := make([]float32, n)
	for i, v := range p.Keep[r*n : (r+1)*n] {
		w[i] = float32(v)
	}
	return w
}

// Runs is the number of models of the truth.
func (t *Truth) Runs() (runs int) {
	for i := range t.Parts {
		runs += t.Parts[i].Subsets(len(t.Samples)) * len(t.Parts[i].Seeds)
	}
	return runs
}

// Retrains is the model as it is trained for a seed.
func (t *Truth) Retrains(seed int64) train.Model {
	m := t.Model
	m.Init.Seed = seed
	return m
}

// Objective is the function of the logits that is measured, whose Goodness gives it the sign of the values.
func Objective(measurement string) (influence.Objective, error) {
	switch measurement {
	case Margin:
		return influence.Margin, nil
	case LogProb:
		return influence.LogProb, nil
	case MinusLoss:
		return influence.Loss, nil
	}
	return 0, fmt.Errorf("measurement %q is not one of %s, %s, %s", measurement, Margin, LogProb, MinusLoss)
}

// Evaluate writes the measurement of every output (row of queries) under parameters p into out. It works in float64
// from float32 logits; a value that is not finite is an error that names the row.
func Evaluate(measurement, loss string, net train.Network, p train.Params, queries train.Data, out []float32) error {
	objective, err := Objective(measurement)
	if err != nil {
		return err
	}
	logits, err := train.Logits(net, p, queries.X)
	if err != nil {
		return err
	}
	z := make([]float64, logits.Cols)
	grad := make([]float64, len(z))
	for i, label := range queries.Y {
		for j, v := range logits.Row(i) {
			z[j] = float64(v)
		}
		v, err := objective.Logits(loss, z, int(label), grad)
		if err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
		out[i] = float32(objective.Goodness() * v)
		if math.IsNaN(float64(out[i])) || math.IsInf(float64(out[i]), 0) {
			return fmt.Errorf("output %d: its %s is %v", i, measurement, out[i])
		}
	}
	return nil
}

// Matches reports how the samples and outputs differ from those that the truth was made from; every difference names
// a field of the truth.
func (t *Truth) Matches(data, queries train.Data, samples, outputs []string) error {
	for _, f := range []struct {
		name, what string
		want, got  []string
	}{{"samples", "sample", t.Samples, samples}, {"outputs", "output", t.Outputs, outputs}} {
		if err := sameIDs(f.name, f.what, f.want, f.got); err != nil {
			return err
		}
	}
	if h := data.Hash(); h != t.Data {
		return fmt.Errorf("field data: the truth was made from other features or labels of the same samples (%.12s…, here %.12s…)", t.Data, h)
	}
	if h := queries.Hash(); h != t.Queries {
		return fmt.Errorf("field queries: the truth was made for other features or labels of the same outputs (%.12s…, here %.12s…)", t.Queries, h)
	}
	return nil
}

func sameIDs(field, what string, want, got []string) error {
	if len(want) != len(got) {
		return fmt.Errorf("field %s: the truth has %d %ss, there are %d here", field, len(want), what, len(got))
	}
	if slices.Equal(want, got) {
		return nil
	}
	for i := range want {
		if want[i] != got[i] {
			return fmt.Errorf("field %s: %s %d is %q in the truth and %q here", field, what, i, want[i], got[i])
		}
	}
	return nil
}

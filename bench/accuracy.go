package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"attrib/bench/truth"
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
	Part      string  `json:"part"`    // of the truth
	Removed   float64 `json:"removed"` // part of the samples, or of the contributors
	LDS       float64 `json:"lds"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Ceiling   float64 `json:"ceiling"`   // what no method can pass on this target
	Seconds   float64 `json:"seconds"`   // of gradients, fitting and scoring, without training; 0 for given scores
	Trainings int     `json:"trainings"` // models the method used; 0 for given scores

	per []float64 // LDS of each output
}

// Difference is how much better a method does than another on one target and part: of the mean LDS, with the paired
// bootstrap's 95 % interval over outputs. An interval without 0 tells the two apart.
type Difference struct {
	Method     string  `json:"method"`
	Than       string  `json:"than"`
	Target     string  `json:"target"`
	Part       string  `json:"part"`
	Removed    float64 `json:"removed"`
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// AccuracyReport is what Accuracy found. Rows come by method, then part, then target.
type AccuracyReport struct {
	Rows            []AccuracyRow
	Differences     []Difference // of every two methods, the one that comes first minus the other
	TrainingSeconds float64      // of training the scored model once; 0 when no method needed it
	Warnings        []error
}

// AccuracyOptions choose what is measured. The zero value but for Device measures every method on anchor B.
type AccuracyOptions struct {
	Truth         *truth.Truth // default: that of AnchorB
	Data, Queries train.Data   // samples and outputs of the truth, which methods look at. Default: none, or AnchorB's

	Methods  []string          // default: AccuracyMethods, those left out with a warning that the model does not allow
	Scores   []Scores          // made by other programs
	Parts    []string          // of the truth, by name. Default: all
	Damping  float64           // of influence. Default: influence.DefaultDamping
	Registry gorgonia.Registry // of the graph that the truth's model names. Default: none
	Device   kernels.Device    // required by methods
	Progress func(done, total int)
}

// Scores are a method's scores, outputs × samples, row-major; positive: the sample helped.
type Scores struct {
	Name  string
	Value []float64
}

// AccuracyMethods are the gradient methods and the honesty base lines, which look at labels and pixels only.
func AccuracyMethods() []string {
	var names []string
	for _, m := range influence.Methods() {
		names = append(names, m.Name())
	}
	return append(names, sameClassName, rbfName)
}

// Accuracy measures methods and given scores against a truth. Every method scores with one model, that of the truth's
// first seed, which no expected model contains. A subset's predicted output is the sum of the scores of the samples it
// keeps.
func Accuracy(ctx context.Context, o AccuracyOptions) (*AccuracyReport, error) {
	if o.Truth == nil {
		a, err := AnchorB()
		if err != nil {
			return nil, err
		}
		if o.Truth, err = a.Truth(); err != nil {
			return nil, err
		}
		o.Data, o.Queries = a.Data, a.Queries
	}
	k := &accuracy{o: o, report: &AccuracyReport{}, lenient: o.Methods == nil}
	if k.lenient {
		k.o.Methods = AccuracyMethods()
	}
	var err error
	if k.targets, err = targets(o.Truth, o.Parts, &k.report.Warnings); err != nil {
		return nil, err
	}
	k.subject = &subject{truth: o.Truth, seed: o.Truth.Parts[0].Seeds[0], opt: o}
	if err := k.run(ctx); err != nil {
		return nil, err
	}
	k.report.Differences = differences(k.report.Rows)
	k.report.TrainingSeconds = k.subject.trainingSeconds
	return k.report, nil
}

// accuracy is an Accuracy in progress.
type accuracy struct {
	o       AccuracyOptions
	targets []target
	subject *subject
	report  *AccuracyReport
	lenient bool // nobody asked for the methods by name
}

func (k *accuracy) run(ctx context.Context) error {
	total := len(k.o.Methods) + len(k.o.Scores)
	for i, name := range k.o.Methods {
		s, err := k.subject.scored(ctx, name)
		switch {
		case err == nil:
			err = k.measure(s)
		case k.lenient && ctx.Err() == nil:
			k.warn("%s is left out: %w", name, err)
			err = nil
		default:
			err = fmt.Errorf("%s: %w", name, err)
		}
		if err != nil {
			return err
		}
		k.progress(i+1, total)
	}
	for i, s := range k.o.Scores {
		if want := len(k.o.Truth.Outputs) * len(k.o.Truth.Samples); len(s.Value) != want {
			return fmt.Errorf("%s: %d scores, want %d outputs × %d samples", s.Name, len(s.Value), len(k.o.Truth.Outputs), len(k.o.Truth.Samples))
		}
		if err := k.measure(scored{Scores: s}); err != nil {
			return err
		}
		k.progress(len(k.o.Methods)+i+1, total)
	}
	if total > 0 && len(k.report.Rows) == 0 {
		return errors.Join(append([]error{errors.New("no method can be measured")}, k.report.Warnings...)...)
	}
	return nil
}

func (k *accuracy) progress(done, total int) {
	if k.o.Progress != nil {
		k.o.Progress(done, total)
	}
}

func (k *accuracy) warn(format string, args ...any) {
	k.report.Warnings = append(k.report.Warnings, fmt.Errorf(format, args...))
}

// measure adds a row for every target.
func (k *accuracy) measure(s scored) error {
	if slices.ContainsFunc(k.report.Rows, func(r AccuracyRow) bool { return r.Method == s.Name }) {
		return fmt.Errorf("%s: two methods or scores have this name; give scores another, as name=file", s.Name)
	}
	outputs := len(k.o.Truth.Outputs)
	var predicted []float64
	for i, t := range k.targets {
		if i == 0 || t.part != k.targets[i-1].part {
			predicted = predictions(s.Value, t.part, outputs, len(k.o.Truth.Samples))
			if same := Constant(predicted, outputs); len(same) > 0 {
				k.warn("%s, part %s: the predictions for %d of %d outputs (the first %q) are the same for every subset: they count 0", s.Name, t.part.Name, len(same), outputs, k.o.Truth.Outputs[same[0]])
			}
		}
		per, err := LDS(predicted, t.retrained, outputs)
		if err != nil {
			return fmt.Errorf("%s, part %s: %w", s.Name, t.part.Name, err)
		}
		low, high := Bootstrap(per, 1000)
		k.report.Rows = append(k.report.Rows, AccuracyRow{
			Method: s.Name, Target: t.name, Removal: k.o.Truth.Removal, Part: t.part.Name, Removed: t.part.Removed,
			LDS: mean(per), Low: low, High: high, Ceiling: t.ceiling, Seconds: s.seconds, Trainings: s.trainings, per: per,
		})
	}
	return nil
}

// predictions are subsets × outputs: the sum of the scores of what a subset keeps, up to a constant of each output,
// which no rank depends on. So of kept and removed samples the fewer are summed. Sums that are equal but for their
// rounding are made equal, so that ties stay ties.
func predictions(scores []float64, p *truth.Part, outputs, n int) []float64 {
	m := p.Subsets(n)
	kept := 0
	for _, v := range p.Keep {
		kept += int(v)
	}
	pick, sign := uint8(1), 1.0
	if 2*kept > len(p.Keep) {
		pick, sign = 0, -1
	}
	out, rounding := make([]float64, m*outputs), make([]float64, m*outputs)
	rows := make([]int, 0, n)
	for s := range m {
		rows = rows[:0]
		for i, v := range p.Keep[s*n : (s+1)*n] {
			if v == pick {
				rows = append(rows, i)
			}
		}
		unit := 4 * math.Sqrt(float64(len(rows))) * 0x1p-53
		for z := range outputs {
			of, sum, size := scores[z*n:(z+1)*n], 0.0, 0.0
			for _, i := range rows {
				sum, size = sum+of[i], size+math.Abs(of[i])
			}
			out[s*outputs+z], rounding[s*outputs+z] = sign*sum, unit*size
		}
	}
	for z := range outputs {
		tie(out, rounding, z, outputs)
	}
	return out
}

// tie makes values z, z+step, … equal to the next lower one where they differ by less than both can be off.
func tie(v, off []float64, z, step int) {
	order := make([]int, 0, len(v)/step)
	for i := z; i < len(v); i += step {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	for k := 1; k < len(order); k++ {
		if a, b := order[k-1], order[k]; v[b]-v[a] <= off[a]+off[b] {
			v[b] = v[a]
		}
	}
}

// target is what is predicted: outputs of retrained models on the subsets of a part.
type target struct {
	name      string
	part      *truth.Part
	retrained []float64 // subsets × outputs
	ceiling   float64
}

// targets are those of every part asked for: the same run, which is the truth's first seed, and the mean of the part's
// other seeds where there are two of them, so that its noise can be told.
func targets(t *truth.Truth, parts []string, warnings *[]error) (out []target, err error) {
	run := t.Parts[0].Seeds[0]
	for _, name := range parts {
		if !slices.ContainsFunc(t.Parts, func(p truth.Part) bool { return p.Name == name }) {
			return nil, fmt.Errorf("the truth has no part %q", name)
		}
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		if parts != nil && !slices.Contains(parts, p.Name) {
			continue
		}
		if m := p.Subsets(len(t.Samples)); m < 3 {
			return nil, fmt.Errorf("part %s has %d subsets, and a rank correlation over them needs at least 3", p.Name, m)
		}
		of, err := partTargets(p, run, len(t.Outputs), warnings)
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", p.Name, err)
		}
		out = append(out, of...)
	}
	return out, nil
}

func partTargets(p *truth.Part, run int64, outputs int, warnings *[]error) (out []target, err error) {
	var others [][]float64
	for s, seed := range p.Seeds {
		v := doubles(p.Values[s])
		if seed != run {
			others = append(others, v)
			continue
		}
		out = append(out, target{SameRun, p, v, 1})
	}
	if len(others) < 2 {
		*warnings = append(*warnings, fmt.Errorf("part %s has %d training seeds besides the same run's: the expected model needs at least 2 and is left out", p.Name, len(others)))
	} else {
		ceiling, err := Ceiling(others, outputs)
		if err != nil {
			return nil, err
		}
		out = append(out, target{ExpectedModel, p, meanOf(others, 1<<len(others)-1), ceiling})
	}
	for _, t := range out {
		if same := Constant(t.retrained, outputs); len(same) > 0 {
			*warnings = append(*warnings, fmt.Errorf("part %s, %s: retraining moves %d of %d outputs not at all: they count 0 for every method", p.Name, t.name, len(same), outputs))
		}
	}
	return out, nil
}

func doubles(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// differences compares every two methods on every target and part.
func differences(rows []AccuracyRow) []Difference {
	out := []Difference{}
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			if a.Target != b.Target || a.Part != b.Part {
				continue
			}
			d := make([]float64, len(a.per))
			for z := range d {
				d[z] = a.per[z] - b.per[z]
			}
			low, high := Bootstrap(d, 1000)
			out = append(out, Difference{a.Method, b.Method, a.Target, a.Part, a.Removed, mean(d), low, high})
		}
	}
	return out
}

// scored are scores with what they cost.
type scored struct {
	Scores
	seconds   float64
	trainings int
}

// elapsed adds the seconds since began.
func elapsed(to *float64, began time.Time) { *to += time.Since(began).Seconds() }

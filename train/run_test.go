package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
)

func train(t *testing.T, m Model, d Data, o Options) (Params, *Log) {
	t.Helper()
	p, l, err := Run(t.Context(), m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return p, l
}

func TestRunLearnsAndRepeats(t *testing.T) {
	m := mlp()
	m.Epochs = 30
	d := blobs(200, 5, 3, 1)
	p, l := train(t, m, d, Options{})
	again, _ := train(t, m, d, Options{})
	if p.Hash() != again.Hash() {
		t.Error("the same run gave other bits")
	}
	loss, accuracy, err := Evaluate(m, must[Network](t)(NewNetwork(m)), p, blobs(300, 5, 3, 9))
	if err != nil {
		t.Fatal(err)
	}
	if accuracy < 0.9 || loss > 0.4 {
		t.Errorf("loss %.3f, accuracy %.3f on fresh samples", loss, accuracy)
	}
	if first, last := l.Epochs[0].Loss, l.Epochs[29].Loss; !(last < first/2) {
		t.Errorf("loss went from %v to %v", first, last)
	}
	m.Init.Seed++
	if other, _ := train(t, m, d, Options{}); other.Hash() == p.Hash() {
		t.Error("another seed gave the same bits")
	}
}

// One step of SGD against the update written out by hand from the float64 reference.
func TestStepsFollowPyTorchsConvention(t *testing.T) {
	m := mlp()
	m.Epochs, m.Batch = 2, 4
	d := blobs(4, 5, 3, 1)
	d.Weight = []float32{1, 0, 0.5, 1}
	got, _ := train(t, m, d, Options{})
	p := InitialParams(must[Network](t)(NewNetwork(m)).Specs(), m.Init.Seed).Doubles()
	v := make([][]float64, len(p))
	for k := range v {
		v[k] = make([]float64, len(p[k]))
	}
	for range m.Epochs {
		g := make([][]float64, len(p))
		for k := range g {
			g[k] = make([]float64, len(p[k]))
		}
		for i := range 4 {
			_, one := Reference(m, p, sampleOf(d, i), ReferenceLoss(m.Loss, int(d.Y[i])))
			for k := range g {
				for j := range g[k] {
					g[k][j] += float64(d.Weight[i]) * one[k][j] / 4
				}
			}
		}
		for k := range p {
			for j := range p[k] {
				v[k][j] = 0.9*v[k][j] + g[k][j] + 1e-3*p[k][j]
				p[k][j] -= 0.05 * v[k][j]
			}
		}
	}
	for k, have := range got.Doubles() {
		if r := relative(have, p[k]); !(r < 1e-6) {
			t.Errorf("tensor %s: relative difference %.2e", got[k].Name, r)
		}
	}
}

func TestLastBatchIsShorter(t *testing.T) {
	m := mlp()
	m.Epochs, m.Batch = 1, 4
	_, l := train(t, m, blobs(10, 5, 3, 1), Options{})
	if l.Epochs[0].Steps[0].Count != 3 {
		t.Errorf("%d steps for 10 samples in batches of 4", l.Epochs[0].Steps[0].Count)
	}
}

func TestReplayGivesTheSameBits(t *testing.T) {
	m, d := mlp(), blobs(50, 5, 3, 1)
	d.Weight = make([]float32, 50)
	for i := range d.Weight {
		d.Weight[i] = float32(i%3) / 2
	}
	order := make([][]int, m.Epochs)
	for e := range order {
		order[e] = EpochOrder(99, e, 50)
	}
	for name, o := range map[string]Options{"seed": {}, "given order": {Order: order}} {
		o.Out = t.TempDir()
		p, _ := train(t, m, d, o)
		l := must[*Log](t)(ReadLog(filepath.Join(o.Out, LogName)))
		back, err := Replay(t.Context(), m, d, l, Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		if back.Hash() != p.Hash() {
			t.Errorf("%s: the replay differs", name)
		}
		final, _, err := ReadParams(filepath.Join(o.Out, FinalName))
		if err != nil || must[Params](t)(final.Match(must[Network](t)(NewNetwork(m)).Specs())).Hash() != p.Hash() {
			t.Errorf("%s: %s differs from the result (%v)", name, FinalName, err)
		}
		for _, line := range bytes.Split(bytes.TrimSpace(must[[]byte](t)(os.ReadFile(filepath.Join(o.Out, LogName)))), []byte("\n")) {
			validate(t, "train-log.v1.json", line)
		}
	}
}

func TestReplayNamesWhatDiffers(t *testing.T) {
	m, d := mlp(), blobs(50, 5, 3, 1)
	_, l := train(t, m, d, Options{})
	other := m
	other.Batch = 17
	moved := blobs(50, 5, 3, 2)
	weights := make([]float32, 50)
	changed := *l
	changed.Epochs = slices.Clone(l.Epochs)
	changed.Epochs[2].Steps = []Step{{Count: 4, LearningRate: 0.06, Momentum: 0.9, WeightDecay: 1e-3}}
	for _, c := range []struct {
		name string
		m    Model
		d    Data
		l    *Log
		o    Options
		want []string
	}{
		{"model", other, d, l, Options{}, []string{`field "model"`, `field "batch" is 16, want 17`}},
		{"data", m, moved, l, Options{}, []string{`field "data"`}},
		{"weights", m, d, l, Options{Weights: weights}, []string{`field "weights"`}},
		{"initial", m, d, l, Options{Initial: InitialParams(must[Network](t)(NewNetwork(m)).Specs(), 8)}, []string{`field "initial"`}},
		{"steps", m, d, &changed, Options{}, []string{"epoch 3", `field "params"`}},
	} {
		_, err := Replay(t.Context(), c.m, c.d, c.l, c.o)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", c.name, err, want)
			}
		}
	}
}

func TestReadLogRefuses(t *testing.T) {
	dir := t.TempDir()
	m, d := mlp(), blobs(50, 5, 3, 1)
	train(t, m, d, Options{Out: dir})
	good := string(must[[]byte](t)(os.ReadFile(filepath.Join(dir, LogName))))
	for _, c := range []struct{ name, from, to, want string }{
		{"future", "attrib.train-log/1", "attrib.train-log/2", "from the future"},
		{"epoch", `"epoch":3`, `"epoch":4`, `bad.log:4: field "epoch": 4, want 3`},
		{"steps", `"count":4`, `"count":5`, `field "steps": 5 steps`},
		{"unknown", `"samples"`, `"samplez"`, `unknown field "samplez"`},
	} {
		path := filepath.Join(dir, "bad.log")
		if err := os.WriteFile(path, []byte(strings.Replace(good, c.from, c.to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLog(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	m := mlp()
	d := blobs(20, 5, 3, 1)
	nan := blobs(20, 5, 3, 1)
	nan.X.Floats()[7*5+2] = float32(math.NaN())
	label := blobs(20, 5, 3, 1)
	label.Y[4] = 3
	hot := m
	hot.Optimizer.LearningRate = 1e30
	for _, c := range []struct {
		name string
		m    Model
		d    Data
		o    Options
		want string
	}{
		{"empty", m, Data{X: kernels.F32(0, 5, nil)}, Options{}, "empty"},
		{"width", m, blobs(20, 6, 3, 1), Options{}, "6 values, the model takes 5"},
		{"labels", m, Data{X: d.X, Y: d.Y[:3]}, Options{}, "3 labels for 20 samples"},
		{"label", m, label, Options{}, "row 4: label 3 is outside the 3 classes"},
		{"nan", m, nan, Options{}, "row 7: value 2 is NaN"},
		{"weights", m, d, Options{Weights: []float32{1}}, "1 weights for 20 samples"},
		{"negative weight", m, Data{X: d.X, Y: d.Y, Weight: append(make([]float32, 19), -1)}, Options{}, "row 19: weight -1"},
		{"order", m, d, Options{Order: [][]int{{1}}}, "orders of 1 epochs"},
		{"order row", m, d, Options{Order: [][]int{{1}, {2}, {20}, {0}, {0}, {0}}}, "order of epoch 3: row 20"},
		{"diverges", hot, d, Options{}, "is no longer finite: lower the learning rate"},
		{"tensor", m, d, Options{Initial: Params{{"fc1.weight", []int{5, 7}, make([]float32, 35)}}}, `tensor "fc1.weight" has shape [5 7], the model wants [7 5]`},
		{"no tensor", m, d, Options{Initial: Params{}}, `tensor "fc1.weight" is missing`},
		{"builder", Model{Schema: ModelSchema, Name: "g", Builder: "mine", Loss: CrossEntropy, Init: m.Init, Optimizer: m.Optimizer, Epochs: 1, Batch: 1}, d, Options{}, `registered graph "mine"`},
	} {
		_, _, err := Run(t.Context(), c.m, c.d, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestDivergenceNamesStepAndBatch(t *testing.T) {
	m := mlp()
	m.Loss = SquaredError
	m.Optimizer.LearningRate = 3e5
	m.Epochs = 40
	_, _, err := Run(t.Context(), m, blobs(40, 5, 3, 1), Options{})
	if err == nil || !strings.Contains(err.Error(), "batch") || !strings.Contains(err.Error(), "lower the learning rate") {
		t.Errorf("error %v", err)
	}
}

func TestCancelledRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := mlp()
	_, _, err := Run(ctx, m, blobs(50, 5, 3, 1), Options{Progress: func(e int, _ float32) {
		if e == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped after epoch 2 of 6") {
		t.Errorf("error %v", err)
	}
}

// An order may name samples more than once, so that a batch holds more than there are.
func TestRunRepeatsSamples(t *testing.T) {
	m, d := mlp(), blobs(5, 5, 3, 1)
	m.Epochs = 2
	order := [][]int{{0, 1, 2, 3, 4, 4, 3, 2}, {1}}
	p, l, err := Run(t.Context(), m, d, Options{Order: order})
	if err != nil {
		t.Fatal(err)
	}
	if got := must[[]Params](t)(Coalitions(t.Context(), m, d, [][]float32{{1, 1, 1, 1, 1}}, CoalitionOptions{Order: order})); got[0].Hash() != p.Hash() {
		t.Error("other bits than those of a coalition")
	}
	if got, err := Replay(t.Context(), m, d, l, Options{}); err != nil || got.Hash() != p.Hash() {
		t.Errorf("replayed: %v", err)
	}
}

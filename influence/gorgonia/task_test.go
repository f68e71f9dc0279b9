package gorgonia

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"attrib/influence"
	"attrib/train"
)

func TestSignalsRefuses(t *testing.T) {
	m := mlp(train.CrossEntropy, 5, 4, 3)
	task := taskOf(t, m, Options{})
	p := train.InitialParams(task.Specs(), 1)
	good := blobs(4, 5, 3)
	label := blobs(4, 5, 3)
	label.Y[2], label.IDs = 3, []int64{10, 11, 12, 13}
	nan := blobs(4, 5, 3)
	nan.X.Floats()[6] = float32(math.NaN())
	wrong := p.Clone()
	wrong[0].Shape = []int{5, 4}
	hot := p.Clone()
	for i := range hot[2].Data {
		hot[2].Data[i] = 3e38
	}
	for i := range hot[3].Data {
		hot[3].Data[i] = 3e38
	}
	for i := range hot[0].Data {
		hot[0].Data[i] = 1
	}
	for _, c := range []struct {
		name string
		p    train.Params
		b    influence.Batch
		want string
	}{
		{"width", p, blobs(4, 6, 3), "samples have 6 values of F32, the graph takes 5"},
		{"labels", p, influence.Batch{X: good.X, Y: good.Y[:2]}, "2 labels for 4 samples"},
		{"label", p, label, "sample 12: label 3 is outside the 3 classes"},
		{"nan", p, nan, "sample 1 holds a NaN"},
		{"tensor", wrong, good, `tensor "fc1.weight" has shape [5 4], the model wants [4 5]`},
		{"overflow", hot, good, "hold a NaN or an infinity"},
	} {
		if _, err := task.Signals(t.Context(), c.p, c.b, influence.Loss); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	squared := taskOf(t, mlp(train.SquaredError, 5, 3), Options{})
	q := train.InitialParams(squared.Specs(), 1)
	if _, err := squared.Signals(t.Context(), q, good, influence.Margin); err == nil || !strings.Contains(err.Error(), "objective margin needs the loss") {
		t.Errorf("margin of a squared error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := task.Signals(ctx, p, good, influence.Loss); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestConcurrentSignals(t *testing.T) {
	task := taskOf(t, mlp(train.CrossEntropy, 5, 4, 3), Options{Batch: 8})
	p := train.InitialParams(task.Specs(), 1)
	b := blobs(30, 5, 3)
	want := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, influence.Loss))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			f, err := task.Signals(t.Context(), p, b, influence.Loss)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 30 {
				if relative(gradient(f, i), gradient(want, i)) != 0 {
					t.Errorf("sample %d differs", i)
				}
			}
		})
	}
	wg.Wait()
}

func TestDemoSizeIsFast(t *testing.T) {
	task := taskOf(t, mlp(train.CrossEntropy, 64, 32, 10), Options{})
	p := train.InitialParams(task.Specs(), 1)
	began := time.Now()
	must[*influence.Factors](t)(task.Signals(t.Context(), p, blobs(1500, 64, 10), influence.Loss))
	seconds := time.Since(began).Seconds()
	t.Logf("1500 samples of 64-32-10: %.3f s", seconds)
	if seconds > 3 {
		t.Errorf("%.1f s for 1500 samples", seconds)
	}
}

// A graph trained by train.Run ends where the plain-Go layers end.
func TestTrainingThroughTheGraph(t *testing.T) {
	m := mlp(train.CrossEntropy, 5, 4, 3)
	b := blobs(50, 5, 3)
	d := train.Data{X: b.X, Y: b.Y}
	want, _, err := train.Run(t.Context(), m, d, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := m
	g.Builder, g.Input, g.Layers = "mine", 0, nil
	r := Registry{"mine": must[Builder](t)(FromModel(m))}
	got, _, err := train.Run(t.Context(), g, d, train.Options{Network: func() (train.Network, error) { return r.Network(g) }})
	if err != nil {
		t.Fatal(err)
	}
	for k := range want {
		if r := relative(doubles(got[k].Data), doubles(want[k].Data)); !(r < 1e-4) {
			t.Errorf("tensor %s: relative difference %.2e", want[k].Name, r)
		}
	}
	net := must[train.Network](t)(r.Network(g))
	loss, accuracy, err := train.Evaluate(g, net, got, d)
	if err != nil || accuracy < 0.8 || loss > 1 {
		t.Errorf("loss %.3f, accuracy %.3f, %v", loss, accuracy, err)
	}
}

func TestRegistry(t *testing.T) {
	b := must[Builder](t)(FromModel(mlp(train.CrossEntropy, 5, 3)))
	all := must[Registry](t)(Merge(Registry{"a": b}, Registry{"b": b}))
	g := mlp(train.CrossEntropy, 5, 3)
	g.Input, g.Layers, g.Builder = 0, nil, "c"
	if _, err := all.Task(g, Options{}); err == nil || !strings.Contains(err.Error(), `no graph "c" is registered (registered: a, b)`) {
		t.Errorf("unknown graph: %v", err)
	}
	if _, err := Merge(all, Registry{"a": b}); err == nil || !strings.Contains(err.Error(), `graph "a" is registered twice`) {
		t.Errorf("registered twice: %v", err)
	}
	g.Builder = "a"
	if task := must[*Task](t)(all.Task(g, Options{})); task.Input() != 5 || task.Classes() != 3 {
		t.Errorf("input %d, classes %d", task.Input(), task.Classes())
	}
}

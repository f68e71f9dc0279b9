package bench

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"attrib/internal/digits"
	"attrib/kernels"
	"attrib/train"
)

func digitsModel() train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "logistic", Input: 64,
		Layers: []train.Layer{{Name: "fc", Type: train.Dense, In: 64, Out: 10, Activation: train.None}},
		Loss:   train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9},
		Epochs:    5, Batch: 50,
	}
}

// classSevenFirst removes every seven first: the outputs measured are sevens, so their goodness must fall far.
func classSevenFirst(y []int32) []int {
	var first, rest []int
	for i, label := range y {
		if label == 7 {
			first = append(first, i)
		} else {
			rest = append(rest, i)
		}
	}
	return append(first, rest...)
}

func setup(t *testing.T) (train.Data, Measure, *train.Model) {
	t.Helper()
	const n = 400
	images, labels := digits.Images(), digits.Labels()
	x, y := make([]float32, n*64), make([]int32, n)
	for i := range n {
		for j, v := range images[i] {
			x[i*64+j] = float32(v) / 16
		}
		y[i] = int32(labels[i])
	}
	m := digitsModel()
	d := train.Data{X: kernels.F32(n, 64, x), Y: y}
	net, err := train.NewNetwork(m)
	if err != nil {
		t.Fatal(err)
	}
	var sevens train.Data
	var rows []float32
	for i, label := range y {
		if label == 7 {
			rows = append(rows, x[i*64:(i+1)*64]...)
			sevens.Y = append(sevens.Y, 7)
		}
	}
	sevens.X = kernels.F32(len(sevens.Y), 64, rows)
	measure := func(p train.Params) (float64, error) {
		loss, _, err := train.Evaluate(m, net, p, sevens)
		return -loss, err
	}
	return d, measure, &m
}

func TestRemovingWhatMattersHurts(t *testing.T) {
	d, measure, m := setup(t)
	sevens := classSevenFirst(d.Y)
	reversed := make([]int, len(sevens))
	for i, v := range sevens {
		reversed[len(sevens)-1-i] = v
	}
	rankings := []Ranking{
		{"sevens first", func(int64) []int { return sevens }},
		{"sevens last", func(int64) []int { return reversed }},
	}
	run := func(workers int) *Removal {
		r, err := Remove(context.Background(), *m, d, rankings, measure, RemovalOptions{Parts: []float64{.05, .2}, Seeds: []int64{1, 2}, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := run(1)
	first, last := r.Curves[0].Mean, r.Curves[1].Mean
	if first[0] != last[0] {
		t.Errorf("the full data gives %v and %v, want one value", first[0], last[0])
	}
	if !(first[2] < first[0]-1) {
		t.Errorf("without any seven the mean log-probability of sevens went from %.2f to %.2f, want it to fall by more than 1", first[0], first[2])
	}
	if math.Abs(last[2]-last[0]) > .5 {
		t.Errorf("with all sevens kept it went from %.2f to %.2f", last[0], last[2])
	}
	if r.Models != 10 {
		t.Errorf("%d models, want 2 × (1 + 2 × 2)", r.Models)
	}
	if again := run(2); !reflect.DeepEqual(again.Curves, r.Curves) {
		t.Error("two workers give other figures than one")
	}
}

func TestRemoveRefuses(t *testing.T) {
	d, measure, m := setup(t)
	_, err := Remove(context.Background(), *m, d, nil, measure, RemovalOptions{Parts: []float64{1.5}})
	if err == nil || !strings.Contains(err.Error(), "no training seed") || !strings.Contains(err.Error(), "part 1.5") {
		t.Errorf("error %v, want both problems named", err)
	}
	short := []Ranking{{"short", func(int64) []int { return []int{0} }}}
	_, err = Remove(context.Background(), *m, d, short, measure, RemovalOptions{Parts: []float64{.1}, Seeds: []int64{1}})
	if err == nil || !strings.Contains(err.Error(), `"short" has 1 rows`) {
		t.Errorf("error %v, want the ranking named", err)
	}
}

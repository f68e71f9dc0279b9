package influence_test

import (
	"math"
	"testing"

	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/train"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func random(seed byte, rows, cols int) kernels.Matrix {
	draw := philox.New([32]byte{seed}, 0)
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = float32(draw.Float64() - 0.5)
	}
	return kernels.F32(rows, cols, v)
}

func doubles(m kernels.Matrix) [][]float64 {
	out := make([][]float64, m.Rows)
	for i := range out {
		for _, v := range m.Row(i) {
			out[i] = append(out[i], float64(v))
		}
	}
	return out
}

// blobs are n samples in c overlapping classes; a fifth of the labels is wrong, so losses do not vanish.
func blobs(seed byte, n, d, c int) train.Data {
	draw := philox.New([32]byte{seed}, 0)
	x, y := make([]float32, n*d), make([]int32, n)
	for i := range n {
		truth := draw.Intn(c)
		for j := range d {
			x[i*d+j] = float32(2*draw.Float64() - 1)
			if j%c == truth {
				x[i*d+j] += 0.8
			}
		}
		y[i] = int32(truth)
		if draw.Intn(5) == 0 {
			y[i] = int32(draw.Intn(c))
		}
	}
	return train.Data{X: kernels.F32(n, d, x), Y: y}
}

func logistic(d, c int) train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "logistic", Input: d, Loss: train.CrossEntropy,
		Layers:    []train.Layer{{Name: "fc1", Type: train.Dense, In: d, Out: c, Activation: train.None}},
		Init:      train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: 0.3, Momentum: 0.9, WeightDecay: 1e-2}, Epochs: 100, Batch: 1000,
	}
}

func taskOf(t testing.TB, m train.Model) influence.Task {
	t.Helper()
	return must[*gorgonia.Task](t)(gorgonia.Registry(nil).Task(m, gorgonia.Options{}))
}

// trained is a model with its data, features and queries.
type trained struct {
	m        train.Model
	data     train.Data
	params   train.Params
	task     influence.Task
	features kernels.Source
}

func trainOn(t testing.TB, m train.Model, d train.Data) trained {
	t.Helper()
	p, _, err := train.Run(t.Context(), m, d, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	task := taskOf(t, m)
	f := must[*influence.Factors](t)(task.Signals(t.Context(), p, influence.Batch{X: d.X, Y: d.Y}, influence.Loss))
	rows := must[kernels.Matrix](t)(f.Rows(t.Context(), task.Layers()))
	return trained{m, d, p, task, kernels.MatrixSource(rows)}
}

// spearman is the rank correlation; ties are not expected.
func spearman(a, b []float64) float64 {
	rank := func(v []float64) []float64 {
		r := make([]float64, len(v))
		for i := range v {
			for j := range v {
				if v[j] < v[i] {
					r[i]++
				}
			}
		}
		return r
	}
	x, y := rank(a), rank(b)
	mean := float64(len(a)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mean) * (y[i] - mean)
		xx += (x[i] - mean) * (x[i] - mean)
		yy += (y[i] - mean) * (y[i] - mean)
	}
	return xy / math.Sqrt(xx*yy)
}

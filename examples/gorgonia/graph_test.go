package main

import (
	"math"
	"testing"

	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/internal/digits"
	"attrib/kernels"
	"attrib/train"
)

func realDigits(from, n int) train.Data {
	x, y := make([]float32, n*inputs), make([]int32, n)
	for i := range n {
		y[i] = int32(digits.Labels()[from+i])
		for j, v := range digits.Images()[from+i] {
			x[i*inputs+j] = float32(v) / 16
		}
	}
	return train.Data{X: kernels.F32(n, inputs, x), Y: y}
}

// The example's model learns the digits, and its gradients are those of finite differences.
func TestExampleTrainsAndDifferentiates(t *testing.T) {
	m, err := train.ReadModel("model.json")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := train.Run(t.Context(), m, realDigits(0, 1000), train.Options{Network: func() (train.Network, error) { return registry.Network(m) }})
	if err != nil {
		t.Fatal(err)
	}
	net, err := registry.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, accuracy, err := train.Evaluate(m, net, p, realDigits(1000, 500)); err != nil || accuracy < 0.9 {
		t.Errorf("accuracy %.3f on held-out digits, %v", accuracy, err)
	}
	checkGradients(t, m, p)
}

func checkGradients(t *testing.T, m train.Model, p train.Params) {
	task, err := registry.Task(m, gorgonia.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one := realDigits(1000, 1)
	b := influence.Batch{X: one.X, Y: one.Y}
	f, err := task.Signals(t.Context(), p, b, influence.Margin)
	if err != nil {
		t.Fatal(err)
	}
	for l, layer := range task.Layers() {
		o, i := largest(f.D[l].Row(0)), largest(f.A[l].Row(0)[:layer.In-1])
		want := float64(f.D[l].Row(0)[o]) * float64(f.A[l].Row(0)[i])
		const h = 1e-2
		var side [2]float64
		for s, step := range []float32{h, -h} {
			moved := p.Clone()
			w, _ := moved.Get(layer.Name + ".weight")
			w.Data[o*w.Shape[1]+i] += step
			g, err := task.Signals(t.Context(), moved, b, influence.Margin)
			if err != nil {
				t.Fatal(err)
			}
			side[s] = float64(g.Value[0])
		}
		if got := (side[0] - side[1]) / (2 * h); math.Abs(got-want) > 1e-2*math.Abs(want) {
			t.Errorf("layer %s: gradient %v, finite difference %v", layer.Name, want, got)
		}
	}
}

func largest(v []float32) int {
	best := 0
	for i := range v {
		if math.Abs(float64(v[i])) > math.Abs(float64(v[best])) {
			best = i
		}
	}
	return best
}

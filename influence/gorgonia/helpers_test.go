package gorgonia

import (
	"math"
	"testing"

	"attrib/influence"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/train"
)

// mlp is a tanh network with the given widths.
func mlp(loss string, widths ...int) train.Model {
	m := train.Model{
		Schema: train.ModelSchema, Name: "small", Input: widths[0], Loss: loss,
		Init:      train.Init{Scheme: train.UniformFanIn, Seed: 5},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: 0.1, Momentum: 0.9, WeightDecay: 1e-3}, Epochs: 5, Batch: 20,
	}
	for l := 1; l < len(widths); l++ {
		activation := train.Tanh
		if l == len(widths)-1 {
			activation = train.None
		}
		m.Layers = append(m.Layers, train.Layer{Name: "fc" + string(rune('0'+l)), Type: train.Dense, In: widths[l-1], Out: widths[l], Activation: activation})
	}
	return m
}

func blobs(n, d, c int) influence.Batch {
	draw := philox.New([32]byte{4}, 0)
	b := influence.Batch{Y: make([]int32, n)}
	x := make([]float32, n*d)
	for i := range n {
		b.Y[i] = int32(draw.Intn(c))
		for j := range d {
			x[i*d+j] = float32(draw.Float64() - 0.5)
			if j%c == int(b.Y[i]) {
				x[i*d+j]++
			}
		}
	}
	b.X = kernels.F32(n, d, x)
	return b
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// gradient is sample i's gradient, layer after layer, out×in with the bias as last column.
func gradient(f *influence.Factors, i int) []float64 {
	var out []float64
	for l := range f.A {
		for _, d := range f.D[l].Row(i) {
			for _, a := range f.A[l].Row(i) {
				out = append(out, float64(d)*float64(a))
			}
		}
	}
	return out
}

// rowOf puts state_dict gradients (weight, bias, weight, …) into gradient's layout.
func rowOf(m train.Model, grads [][]float64) []float64 {
	var out []float64
	for l, layer := range m.Layers {
		for o := range layer.Out {
			out = append(out, grads[2*l][o*layer.In:(o+1)*layer.In]...)
			out = append(out, grads[2*l+1][o])
		}
	}
	return out
}

func relative(a, b []float64) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	d, n := 0.0, 0.0
	for i := range a {
		d += (a[i] - b[i]) * (a[i] - b[i])
		n += b[i] * b[i]
	}
	return math.Sqrt(d / n)
}

func doubles(v []float32) []float64 { return convert[float64](v) }

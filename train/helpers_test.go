package train

import (
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
)

// mlp is a small tanh network: 5-7-3.
func mlp() Model {
	return Model{
		Schema: ModelSchema, Name: "small", Input: 5,
		Layers: []Layer{
			{Name: "fc1", Type: Dense, In: 5, Out: 7, Activation: Tanh},
			{Name: "fc2", Type: Dense, In: 7, Out: 3, Activation: None},
		},
		Loss: CrossEntropy, Init: Init{UniformFanIn, 7},
		Optimizer: Optimizer{Name: SGD, LearningRate: 0.05, Momentum: 0.9, WeightDecay: 1e-3}, Epochs: 6, Batch: 16,
	}
}

// blobs are n samples of width d in c classes, each class round its own corner.
func blobs(n, d, c int, seed byte) Data {
	draw := philox.New([32]byte{seed}, 0)
	x, y := make([]float32, n*d), make([]int32, n)
	for i := range n {
		y[i] = int32(draw.Intn(c))
		for j := range d {
			x[i*d+j] = float32(draw.Float64() - 0.5)
			if j%c == int(y[i]) {
				x[i*d+j]++
			}
		}
	}
	return Data{X: kernels.F32(n, d, x), Y: y}
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

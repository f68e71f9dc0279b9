package train

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/simd"
)

// copyCard is emulated cards that train copies.
func copyCard(t *testing.T, o cuda.Options, settings ...string) cuda.Device {
	t.Helper()
	fake.Start(t, 80, []string{"../kernels/cuda/src/train.cu"}, append([]string{"cc=80"}, settings...)...)
	d := must[cuda.Device](t)(cuda.New(o))
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, driver.ErrDeviceLost) {
			t.Error(err)
		}
	})
	return d
}

func copyTrainer(t *testing.T, d cuda.Device) kernels.CopyTrainer {
	t.Helper()
	c, ok := d.(kernels.CopyTrainer)
	if !ok {
		t.Fatal("the device trains no copies")
	}
	return c
}

func needVectors(t *testing.T) {
	t.Helper()
	if simd.Active() == simd.Generic {
		t.Skip("plain Go rounds products before it adds them: a card has the bits of the vector paths")
	}
}

// layered is a network of dense layers of these widths, with these activations in turn.
func layered(widths []int, activations []string, loss string) Model {
	m := mlp()
	m.Input, m.Layers, m.Loss, m.Epochs = widths[0], nil, loss, 2
	for i := range widths[1:] {
		a := None
		if i < len(widths)-2 {
			a = activations[i%len(activations)]
		}
		m.Layers = append(m.Layers, Layer{Name: fmt.Sprint("fc", i), Type: Dense, In: widths[i], Out: widths[i+1], Activation: a, NoBias: i%3 == 2})
	}
	return m
}

// deviceCases are networks, losses and optimisers of every kind; batches do not divide the samples.
func deviceCases() map[string]Model {
	all := map[string]Model{
		"anchor":  layered([]int{64, 64, 32, 10}, []string{Tanh}, CrossEntropy),
		"wide":    layered([]int{9, 70, 67, 4}, []string{ReLU, Tanh}, CrossEntropy),
		"logits":  layered([]int{6, 20}, nil, CrossEntropy),
		"squared": layered([]int{5, 9, 6, 3}, []string{Tanh, None}, SquaredError),
		"gelu":    layered([]int{7, 17, 33, 5}, []string{GELU, GELUTanh}, CrossEntropy),
	}
	for name, o := range map[string]Optimizer{
		"adam":  {Name: Adam, LearningRate: .01, WeightDecay: .02},
		"adamw": {Name: AdamW, LearningRate: .02, WeightDecay: .1, Beta1: .8, Beta2: .95, Epsilon: 1e-6},
		"plain": {Name: SGD, LearningRate: .1},
	} {
		m := layered([]int{5, 8, 3}, []string{GELUTanh}, CrossEntropy)
		m.Optimizer, m.Schedule = o, &Schedule{Kind: Cosine, WarmupSteps: 2}
		all[name] = m
	}
	return all
}

// Copies that a card trains are the CPU's, bit for bit.
func TestCoalitionsOnDevice(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}, "order=3", "devices=2"))
	for name, m := range deviceCases() {
		t.Run(name, func(t *testing.T) {
			data, weights := blobs(53, m.Input, m.Classes(), 2), mixedWeights(5, 53)
			want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
			for _, together := range []int{0, 1, 2} {
				got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d, Copies: together})))
				if !slices.Equal(got, want) {
					t.Errorf("%d together: other bits than the CPU's", together)
				}
			}
		})
	}
}

// A batch that the CPU sums in several tiles, orders that are given, and weights of owners.
func TestCoalitionsOnDeviceTileByTile(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m := layered([]int{3, 4, 2}, []string{Tanh}, CrossEntropy)
	m.Batch, m.Epochs = 700, 2
	data := blobs(900, 3, 2, 3)
	owner, order := make([]int, 900), make([][]int, 2)
	for i := range owner {
		owner[i] = i * i % 4
		order[0], order[1] = append(order[0], (i*7)%900), append(order[1], 899-i/2)
	}
	order[1] = order[1][:701] // a batch of one sample at the end
	weights := [][]float32{{1, 1, 1, 1}, {0, .25, 2, 1, 9}, {0, 0, 0, 0}, {1, 0, 0, 0}}
	o := CoalitionOptions{Owner: owner, Order: order}
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, o)))
	o.Device = d
	if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, o))); !slices.Equal(got, want) {
		t.Error("other bits than the CPU's")
	}
}

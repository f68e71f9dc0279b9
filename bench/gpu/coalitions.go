package main

import (
	"context"
	"fmt"
	"math"

	"attrib/bench/results"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/train"
)

// counted is a device that says what it was given.
type counted struct {
	kernels.CopyTrainer
	ops, bytes int64
}

func (c *counted) TrainCopies(ctx context.Context, t kernels.CopyTraining) error {
	c.ops, c.bytes = t.Work()
	return c.CopyTrainer.TrainCopies(ctx, t)
}

// coalitions times the training of one network for every coalition of ten contributors, from samples on the host to
// parameters there, with the bits of the CPU.
func (t *timer) coalitions() error {
	models, samples := t.size(1024, 6), t.size(1493, 23)
	m, d, weights, owner := t.anchor(models, samples)
	return t.device(cuda.Options{}, func(on cuda.Device) error {
		trainer, ok := on.(kernels.CopyTrainer)
		if !ok {
			return lacks("training of copies")
		}
		c := &counted{CopyTrainer: trainer}
		trained := 0
		o := train.CoalitionOptions{Device: c, Owner: owner, Visit: func(int, train.Params) error { trained++; return nil }}
		seconds, err := t.time(func() error {
			trained = 0
			_, err := train.Coalitions(context.Background(), m, d, weights, o)
			return err
		})
		if err != nil {
			return err
		}
		if trained != models {
			return fmt.Errorf("%d of %d models were trained", trained, models)
		}
		sizes := map[string]int64{"models": int64(models), "samples": int64(samples), "batch": int64(m.Batch), "epochs": int64(m.Epochs)}
		for i, l := range m.Layers {
			sizes[fmt.Sprint("in", i)], sizes["classes"] = int64(l.In), int64(l.Out)
		}
		return t.hand(results.Shape{Name: fmt.Sprintf("coalitions %d × (64-64-32-10)", models), Seconds: seconds, Sizes: sizes,
			Work: fmt.Sprintf("%d tanh networks trained in float32 for %d epochs of %d samples in batches of %d, for coalitions of 10 contributors, from samples to parameters on the host",
				models, m.Epochs, samples, m.Batch),
			Bytes: float64(c.bytes), Ops: float64(c.ops)})
	})
}

// anchor is a network and schedule as that of the digits (design, "Anchors"), random samples of ten contributors, and the
// first coalitions of them.
func (t *timer) anchor(models, samples int) (m train.Model, d train.Data, weights [][]float32, owner []int) {
	const players, input, classes = 10, 64, 10
	m = train.Model{Schema: train.ModelSchema, Name: "coalitions", Input: input, Loss: train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9, WeightDecay: 1e-3}, Epochs: t.size(30, 2), Batch: t.size(200, 9),
		Layers: []train.Layer{
			{Name: "fc1", Type: train.Dense, In: input, Out: 64, Activation: train.Tanh},
			{Name: "fc2", Type: train.Dense, In: 64, Out: 32, Activation: train.Tanh},
			{Name: "fc3", Type: train.Dense, In: 32, Out: classes, Activation: train.None},
		}}
	d = train.Data{X: kernels.F32(samples, input, uniform(samples*input, 4)), Y: make([]int32, samples)}
	draw := philox.New([32]byte{6}, 0)
	for i := range samples {
		d.Y[i], owner = int32(draw.Intn(classes)), append(owner, i%players)
		row := d.X.Row(i)
		for j := range row {
			row[j] = float32(math.Abs(float64(row[j]))) // as pixels are
		}
	}
	for k := range models {
		w := make([]float32, players)
		for p := range w {
			w[p] = float32(k >> p & 1)
		}
		weights = append(weights, w)
	}
	return m, d, weights, owner
}

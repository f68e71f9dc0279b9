package influence

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/simd"
	"attrib/train"
)

// gemmCard is an emulated card.
func gemmCard(t *testing.T, settings ...string) blas.Device {
	t.Helper()
	fake.Start(t, 80, []string{"../kernels/cuda/src/gemm.cu"}, append([]string{"cc=80"}, settings...)...)
	d, err := cuda.New(cuda.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, driver.ErrDeviceLost) {
			t.Error(err)
		}
	})
	return d.(blas.Device)
}

func cardModel(t *testing.T) (*LayerTask, Params, Batch) {
	t.Helper()
	m := train.Model{
		Schema: train.ModelSchema, Name: "small", Input: 6, Loss: train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: 3},
		Layers: []train.Layer{
			{Name: "a", Type: train.Dense, In: 6, Out: 9, Activation: train.Tanh}, {Name: "b", Type: train.Dense, In: 9, Out: 3, Activation: train.None},
		},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: 0.1}, Epochs: 1, Batch: 8,
	}
	task, err := NewTask(m)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 21*6), make([]int32, 21)
	for i := range x {
		x[i] = float32(i*i%17)/8 - 1
	}
	for i := range y {
		y[i] = int32(i % 3)
	}
	data := train.Data{X: kernels.F32(21, 6, x), Y: y}
	p, _, err := train.Run(t.Context(), m, data, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return task, p, Batch{X: data.X, Y: y}
}

// Signals are the CPU's bits when a card computes the products, and its error is theirs.
func TestCardGivesTheSameSignals(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("plain Go has other bits than a card")
	}
	task, p, b := cardModel(t)
	objective := LogProb
	want, err := task.Signals(t.Context(), p, b, objective)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("same", func(t *testing.T) {
		task.On(gemmCard(t))
		got, err := task.Signals(t.Context(), p, b, objective)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("other signals, error %v", err)
		}
	})
	for _, at := range []string{"1", "2", "3"} {
		t.Run("lost at "+at, func(t *testing.T) {
			task.On(gemmCard(t, "lost_launch="+at))
			if got, err := task.Signals(t.Context(), p, b, objective); !errors.Is(err, driver.ErrDeviceLost) || got != nil || !strings.Contains(err.Error(), "cuda:0") {
				t.Errorf("%v", err)
			}
		})
	}
	task.On(nil)
	if got, err := task.Signals(t.Context(), p, b, objective); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("back on the CPU: %v", err)
	}
}

package cpu_test

import (
	"context"
	"fmt"
	"testing"

	"attrib/influence"
	"attrib/internal/digits"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/simd"
	"attrib/train"
)

// digitsMLP is the demo's network.
func digitsMLP(seed, epochs int) train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "digits-mlp", Input: digits.Pixels,
		Layers: []train.Layer{
			{Name: "fc1", Type: train.Dense, In: digits.Pixels, Out: 32, Activation: train.Tanh},
			{Name: "fc2", Type: train.Dense, In: 32, Out: digits.Classes, Activation: train.None},
		},
		Loss: train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: int64(seed)},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9, WeightDecay: 1e-3},
		Epochs:    epochs, Batch: 100,
	}
}

func digitsData() train.Data {
	images, labels := digits.Images(), digits.Labels()
	d := train.Data{X: kernels.F32(digits.Count, digits.Pixels, make([]float32, digits.Count*digits.Pixels))}
	for i := range digits.Count {
		for k, v := range images[i] {
			d.X.Row(i)[k] = float32(v) / digits.Max
		}
		d.Y = append(d.Y, int32(labels[i]))
	}
	return d
}

// gradients are rows of real gradients: of every digit at several checkpoints of networks from several seeds. The
// queries are those of held-out digits at one of the checkpoints.
func gradients(t testing.TB, rows, queries int) (g, q kernels.Matrix) {
	t.Helper()
	all, ctx := digitsData(), context.Background()
	learned := train.Data{X: all.X.Slice(0, digits.Train), Y: all.Y[:digits.Train]}
	at := 0
	for seed := 1; at < rows; seed++ {
		for _, epochs := range []int{1, 2, 4, 7, 12, 20, 30} {
			m := digitsMLP(seed, epochs)
			p, _, err := train.Run(ctx, m, learned, train.Options{})
			if err != nil {
				t.Fatal(err)
			}
			task, err := influence.NewTask(m)
			if err != nil {
				t.Fatal(err)
			}
			width := p.Count()
			if g.Data == nil {
				g = kernels.F32(rows, width, make([]float32, rows*width))
			}
			for lo := 0; lo < digits.Count && at < rows; {
				n := min(256, digits.Count-lo, rows-at)
				at += gradientsOf(t, task, p, all, lo, n, g.Slice(at, at+n))
				lo += n
			}
			if q.Data == nil && epochs == 12 {
				q = kernels.F32(queries, width, make([]float32, queries*width))
				gradientsOf(t, task, p, all, digits.Train, queries, q)
			}
		}
	}
	return g, q
}

func gradientsOf(t testing.TB, task *influence.LayerTask, p train.Params, d train.Data, lo, n int, to kernels.Matrix) int {
	t.Helper()
	f, err := task.Signals(context.Background(), p, influence.Batch{X: d.X.Slice(lo, lo+n), Y: d.Y[lo : lo+n]}, influence.Loss)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.Rows(context.Background(), task.Layers())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		copy(to.Row(i), rows.Row(i))
	}
	return n
}

// BenchmarkSketchRecall prints the recall of every form for several numbers of candidates, 0 for the default, on 200,000 real gradients.
func BenchmarkSketchRecall(b *testing.B) {
	rows, queries := gradients(b, 200_000, 64)
	small, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		b.Fatal(err)
	}
	sketch, exact, ctx := kernels.MatrixSource(small), kernels.MatrixSource(rows), context.Background()
	for _, p := range simd.Available()[1:] { // plain Go rounds queries as VNNI does, and takes minutes
		for _, form := range cpu.SketchForms(p) {
			d := cpu.New(cpu.Options{Path: p})
			scan := kernels.Scan{Queries: queries, K: 10, Worst: 10}
			want, err := d.Scan(ctx, exact, scan)
			if err != nil {
				b.Fatal(err)
			}
			for _, c := range []int{10, 12, 16, 0} {
				b.Run(fmt.Sprintf("%v-%s/candidates=%d", p, form, c), func(b *testing.B) {
					for b.Loop() {
						got, err := cpu.SketchWith(ctx, d, form, sketch, exact, scan, kernels.SketchOptions{Candidates: c})
						if err != nil {
							b.Fatal(err)
						}
						b.ReportMetric(recall(got.ID, want.ID, 10), "best")
						b.ReportMetric(recall(got.WorstID, want.WorstID, 10), "worst")
					}
				})
			}
		}
	}
}

// recall is the part of want's rows that got has too, in lists of k.
func recall(got, want []int64, k int) float64 {
	found, there := 0, map[[2]int64]bool{}
	for i, id := range got {
		there[[2]int64{int64(i / k), id}] = true
	}
	for i, id := range want {
		if there[[2]int64{int64(i / k), id}] {
			found++
		}
	}
	return float64(found) / float64(len(want))
}

package influence_test

import (
	"math"
	"strings"
	"testing"

	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/train"
)

// layered are models with every kind of layer.
func layered() []train.Model {
	image := logistic(2*4*3, 3)
	image.Shape = []int{2, 4, 3}
	image.Layers = []train.Layer{
		{Name: "c", Type: train.Conv2d, In: 2, Out: 3, Kernel: []int{3, 2}, Padding: []int{1, 0}, Activation: train.GELU},
		{Name: "n", Type: train.LayerNorm, In: 24, Out: 24, Activation: train.None},
		{Name: "fc", Type: train.Dense, In: 24, Out: 3, Activation: train.None},
	}
	tokens := logistic(4, 3)
	tokens.Layers = []train.Layer{
		{Name: "e", Type: train.Embedding, In: 9, Out: 5, Activation: train.None},
		{Name: "n", Type: train.LayerNorm, In: 5, Out: 5, Activation: train.ReLU},
		{Name: "p", Type: train.Dense, In: 5, Out: 4, Activation: train.Tanh, NoBias: true},
		{Name: "fc", Type: train.Dense, In: 16, Out: 3, Activation: train.None},
	}
	return []train.Model{mlp(), image, tokens}
}

// samplesFor are n samples that the model takes.
func samplesFor(m train.Model, n int) influence.Batch {
	draw := philox.New([32]byte{5}, 0)
	x, y := make([]float32, n*m.Input), make([]int32, n)
	for i := range x {
		x[i] = float32(2*draw.Float64() - 1)
		if m.Layers[0].Type == train.Embedding {
			x[i] = float32(draw.Intn(m.Layers[0].In))
		}
	}
	for i := range y {
		y[i] = int32(draw.Intn(3))
	}
	return influence.Batch{X: kernels.F32(n, m.Input, x), Y: y}
}

// Flat rows are the reference's gradients: layer after layer out×in with the bias as last column; for a layer norm and
// an embedding tensor after tensor.
func TestLayerTaskAgreesWithTheReference(t *testing.T) {
	for _, m := range layered() {
		for _, o := range []influence.Objective{influence.Loss, influence.Margin, influence.LogProb} {
			task := must[*influence.LayerTask](t)(influence.NewTask(m))
			p := train.InitialParams(task.Specs(), 4)
			b := samplesFor(m, 11)
			f := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, o))
			rows := must[kernels.Matrix](t)(f.Rows(t.Context(), task.Layers()))
			if rows.Cols != p.Count() {
				t.Fatalf("rows of %d values for %d parameters", rows.Cols, p.Count())
			}
			for i := range b.X.Rows {
				value, grads := train.Reference(m, p.Doubles(), doubles(b.X.Slice(i, i+1))[0], func(z []float64) (float64, []float64) {
					grad := make([]float64, len(z))
					v, err := o.Logits(m.Loss, z, int(b.Y[i]), grad)
					if err != nil {
						t.Fatal(err)
					}
					return v, grad
				})
				want := rowOf(m, grads)
				off, top := math.Abs(value-float64(f.Value[i])), 1.0
				for j, v := range rows.Row(i) {
					off, top = max(off, math.Abs(float64(v)-want[j])), max(top, math.Abs(want[j]))
				}
				if off > 2e-6*top {
					t.Errorf("%v, sample %d: differs by %g", o, i, off)
				}
			}
		}
	}
}

// rowOf puts gradients in state_dict order into a flat row.
func rowOf(m train.Model, grads [][]float64) []float64 {
	var out []float64
	k := 0
	for _, l := range m.Layers {
		weight := grads[k]
		k++
		if l.Type == train.Embedding || l.NoBias {
			out = append(out, weight...)
			continue
		}
		bias := grads[k]
		k++
		if l.Type == train.LayerNorm {
			out = append(append(out, weight...), bias...)
			continue
		}
		in := len(weight) / l.Out
		for o := range l.Out {
			out = append(append(out, weight[o*in:(o+1)*in]...), bias[o])
		}
	}
	return out
}

// The task of the model's layers and that of the same layers as a gorgonia graph give the same signals.
func TestLayerTaskAgreesWithGorgonia(t *testing.T) {
	m := mlp()
	own := must[*influence.LayerTask](t)(influence.NewTask(m))
	graph := must[*gorgonia.Task](t)(gorgonia.Registry(nil).Task(m, gorgonia.Options{}))
	p, b := train.InitialParams(own.Specs(), 4), samplesFor(m, 33)
	x := must[*influence.Factors](t)(own.Signals(t.Context(), p, b, influence.Loss))
	y := must[*influence.Factors](t)(graph.Signals(t.Context(), p, b, influence.Loss))
	for l := range x.A {
		for k, pair := range [][2]kernels.Matrix{{x.A[l], y.A[l]}, {x.D[l], y.D[l]}} {
			for i, v := range pair[0].Floats() {
				if math.Abs(float64(v-pair[1].Floats()[i])) > 1e-6 {
					t.Fatalf("layer %d, factor %d, value %d: %g, gorgonia %g", l, k, i, v, pair[1].Floats()[i])
				}
			}
		}
	}
}

func TestLayerTaskRefuses(t *testing.T) {
	m := layered()[2]
	task := must[*influence.LayerTask](t)(influence.NewTask(m))
	p, b := train.InitialParams(task.Specs(), 4), samplesFor(m, 3)
	b.IDs = []int64{70, 71, 72}
	b.X.Floats()[5] = 9
	if _, err := task.Signals(t.Context(), p, b, influence.Loss); err == nil || !strings.Contains(err.Error(), "sample 71: value 1 is 9, want a token from 0 to 8") {
		t.Errorf("error %v", err)
	}
	m = mlp()
	task = must[*influence.LayerTask](t)(influence.NewTask(m))
	p, b = train.InitialParams(task.Specs(), 4), samplesFor(m, 3)
	for i := range p[1].Data {
		p[1].Data[i] = 3e38
	}
	for i := range p[2].Data {
		p[2].Data[i] = 3e38
	}
	if _, err := task.Signals(t.Context(), p, b, influence.Loss); err == nil || !strings.Contains(err.Error(), "sample 0") {
		t.Errorf("error %v", err)
	}
}

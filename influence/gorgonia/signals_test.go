package gorgonia

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"attrib/influence"
	"attrib/train"
)

func taskOf(t *testing.T, m train.Model, o Options) *Task {
	t.Helper()
	return must[*Task](t)(Registry(nil).Task(m, o))
}

// objectiveFunc writes the objective out, straight from its definition, for the float64 reference.
func objectiveFunc(o influence.Objective, loss string, label int) train.LogitFunc {
	return func(z []float64) (float64, []float64) {
		if o == influence.Loss {
			return train.ReferenceLoss(loss, label)(z)
		}
		value := func(z []float64) float64 {
			sum := 0.0
			for _, v := range z {
				sum += math.Exp(v)
			}
			p := math.Exp(z[label]) / sum
			if o == influence.Margin {
				return math.Log(p / (1 - p))
			}
			return math.Log(p)
		}
		grad := make([]float64, len(z))
		for j, v := range z {
			const h = 1e-6
			z[j] = v + h
			up := value(z)
			z[j] = v - h
			grad[j] = (up - value(z)) / (2 * h)
			z[j] = v
		}
		return value(z), grad
	}
}

var objectives = []struct {
	o    influence.Objective
	loss string
}{
	{influence.Loss, train.CrossEntropy}, {influence.Margin, train.CrossEntropy},
	{influence.LogProb, train.CrossEntropy}, {influence.Loss, train.SquaredError},
}

// The gradients of the float64 graph against central differences of the reference's objective, parameter by parameter.
func TestAgreesWithFiniteDifferences(t *testing.T) {
	for _, widths := range [][]int{{5, 3}, {5, 6, 3}, {5, 6, 4, 3}} {
		for _, c := range objectives {
			m := mlp(c.loss, widths...)
			task := taskOf(t, m, Options{Batch: 2, DType: tensor.Float64})
			p := train.InitialParams(task.Specs(), 1)
			b := blobs(3, 5, 3)
			f := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, c.o))
			for i := range 3 {
				params := p.Doubles()
				x := doubles(b.X.Row(i))
				fn := objectiveFunc(c.o, c.loss, int(b.Y[i]))
				diff := make([][]float64, len(params))
				for k := range params {
					diff[k] = make([]float64, len(params[k]))
					for j, v := range params[k] {
						const h = 1e-5
						params[k][j] = v + h
						up, _ := train.Reference(m, params, x, fn)
						params[k][j] = v - h
						down, _ := train.Reference(m, params, x, fn)
						params[k][j] = v
						diff[k][j] = (up - down) / (2 * h)
					}
				}
				if r := relative(gradient(f, i), rowOf(m, diff)); !(r < 1e-6) {
					t.Errorf("%v, %v of %s, sample %d: relative difference %.2e", widths, c.o, c.loss, i, r)
				}
				if value, _ := fn(train.ReferenceLogits(m, params, x)); math.Abs(value-float64(f.Value[i])) > 1e-6 {
					t.Errorf("%v: %v of sample %d is %v, want %v", widths, c.o, i, f.Value[i], value)
				}
			}
		}
	}
}

func TestAgreesWithReferenceBackward(t *testing.T) {
	for _, c := range objectives {
		m := mlp(c.loss, 5, 6, 3)
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			task := taskOf(t, m, Options{DType: dtype})
			p := train.InitialParams(task.Specs(), 1)
			b := blobs(80, 5, 3)
			f := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, c.o))
			for i := range b.Y {
				_, grads := train.Reference(m, p.Doubles(), doubles(b.X.Row(i)), objectiveFunc(c.o, c.loss, int(b.Y[i])))
				if r := relative(gradient(f, i), rowOf(m, grads)); !(r < 1e-5) {
					t.Fatalf("%v, %v, sample %d: relative difference %.2e", dtype, c.o, i, r)
				}
			}
		}
	}
}

// Graphs built for batches of 1, 7 and 64, and calls of any length, give the same signals.
func TestBatchDoesNotMatter(t *testing.T) {
	m := mlp(train.CrossEntropy, 5, 6, 3)
	b := blobs(70, 5, 3)
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		var want *influence.Factors
		for _, batch := range []int{64, 7, 1} {
			task := taskOf(t, m, Options{Batch: batch, DType: dtype})
			p := train.InitialParams(task.Specs(), 1)
			f := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, influence.Margin))
			if want == nil {
				want = f
			}
			for i := range 70 {
				if r := relative(gradient(f, i), gradient(want, i)); !(r < 1e-6) {
					t.Errorf("%v: batches of %d and 64 differ by %.2e on sample %d", dtype, batch, r, i)
				}
			}
			part := influence.Batch{X: b.X.Slice(13, 22), Y: b.Y[13:22]}
			g := must[*influence.Factors](t)(task.Signals(t.Context(), p, part, influence.Margin))
			for i := range 9 {
				if r := relative(gradient(g, i), gradient(f, 13+i)); r != 0 {
					t.Errorf("%v, batch %d: sample %d differs by %.2e between two calls", dtype, batch, 13+i, r)
				}
			}
		}
	}
}

func TestSureAnswersKeepTheirGradients(t *testing.T) {
	m := mlp(train.CrossEntropy, 2, 3)
	task := taskOf(t, m, Options{})
	p := train.Params{{Name: "fc1.weight", Shape: []int{3, 2}, Data: []float32{200, 0, -200, 0, 0, 0}}, {Name: "fc1.bias", Shape: []int{3}, Data: make([]float32, 3)}}
	b := blobs(1, 2, 3)
	copy(b.X.Floats(), []float32{1, 1})
	b.Y[0] = 0
	f := must[*influence.Factors](t)(task.Signals(t.Context(), p, b, influence.Margin))
	if f.D[0].Row(0)[0] != 1 || f.Value[0] != 200 {
		t.Errorf("margin %v, gradient %v at a sure answer, want 200 and 1", f.Value[0], f.D[0].Row(0))
	}
}

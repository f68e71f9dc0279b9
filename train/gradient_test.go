package train

import (
	"math"
	"testing"

	"attrib/kernels"
)

// relative is ‖a−b‖/‖b‖.
func relative(a, b []float64) float64 {
	d, n := 0.0, 0.0
	for i := range a {
		d += (a[i] - b[i]) * (a[i] - b[i])
		n += b[i] * b[i]
	}
	return math.Sqrt(d / n)
}

func sampleOf(d Data, i int) []float64 {
	x := make([]float64, d.X.Cols)
	for j, v := range d.row(i) {
		x[j] = float64(v)
	}
	return x
}

func TestReferenceAgreesWithFiniteDifferences(t *testing.T) {
	for _, loss := range []string{CrossEntropy, SquaredError} {
		m := mlp()
		m.Loss = loss
		net := must[Network](t)(NewNetwork(m))
		p := InitialParams(net.Specs(), 3).Doubles()
		d := blobs(4, 5, 3, 2)
		for i := range d.Len() {
			f := ReferenceLoss(loss, int(d.Y[i]))
			x := sampleOf(d, i)
			_, grads := Reference(m, p, x, f)
			for k := range p {
				diff := make([]float64, len(p[k]))
				for j, v := range p[k] {
					const h = 1e-5
					p[k][j] = v + h
					up, _ := Reference(m, p, x, f)
					p[k][j] = v - h
					down, _ := Reference(m, p, x, f)
					p[k][j] = v
					diff[j] = (up - down) / (2 * h)
				}
				if r := relative(grads[k], diff); !(r < 1e-7) {
					t.Errorf("%s, sample %d, tensor %d: relative difference %.2e", loss, i, k, r)
				}
			}
		}
	}
}

func TestBackwardAgreesWithReference(t *testing.T) {
	for _, loss := range []string{CrossEntropy, SquaredError} {
		m := mlp()
		m.Loss = loss
		net := must[Network](t)(NewNetwork(m))
		p := InitialParams(net.Specs(), 3)
		d := blobs(9, 5, 3, 2)
		scale := []float32{1, 0, 0.5, 2, 1, 0.25, 1, 3, 1}
		grad, losses := p.Zero(), make([]float32, 9)
		if err := net.Backward(p, d.X, d.Y, scale, grad, losses); err != nil {
			t.Fatal(err)
		}
		want := p.Zero().Doubles()
		for i := range d.Len() {
			value, g := Reference(m, p.Doubles(), sampleOf(d, i), ReferenceLoss(loss, int(d.Y[i])))
			if math.Abs(value-float64(losses[i])) > 1e-5 {
				t.Errorf("%s: loss of sample %d is %v, want %v", loss, i, losses[i], value)
			}
			for k := range g {
				for j := range g[k] {
					want[k][j] += float64(scale[i]) * g[k][j]
				}
			}
		}
		for k, got := range grad.Doubles() {
			if r := relative(got, want[k]); !(r < 1e-6) {
				t.Errorf("%s: tensor %s: relative difference %.2e", loss, p[k].Name, r)
			}
		}
	}
}

func TestLossNeitherOverflowsNorCancels(t *testing.T) {
	grad := make([]float64, 3)
	if l := LossGradient(CrossEntropy, []float64{1000, -1000, 0}, 0, grad); l != 0 || grad[0] != 0 {
		t.Errorf("loss %v, gradient %v at a sure answer", l, grad)
	}
	if l := LossGradient(CrossEntropy, []float64{1000, -1000, 0}, 1, grad); l != 2000 || grad[1] != -1 {
		t.Errorf("loss %v, gradient %v at a wrong answer", l, grad)
	}
}

func TestForwardTakesStridedRows(t *testing.T) {
	m := mlp()
	net := must[Network](t)(NewNetwork(m))
	p := InitialParams(net.Specs(), 3)
	d := blobs(6, 5, 3, 2)
	wide := make([]float32, 6*8)
	for i := range 6 {
		copy(wide[i*8:], d.row(i))
	}
	strided := kernels.F32(6, 8, wide)
	strided.Cols = 5
	a := must[kernels.Matrix](t)(Logits(net, p, d.X))
	b := must[kernels.Matrix](t)(Logits(net, p, strided))
	for i, v := range a.Floats() {
		if v != b.Floats()[i] {
			t.Fatalf("logit %d: %v and %v", i, v, b.Floats()[i])
		}
	}
}

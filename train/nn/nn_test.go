package nn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestReferenceAgreesWithFiniteDifferences holds the oracle's gradient against differences of its own values.
func TestReferenceAgreesWithFiniteDifferences(t *testing.T) {
	each(t, 3, func(t *testing.T, s sampleNet) {
		p := s.doubles()
		_, grad := s.gradient(p)
		want, at := make([]float64, len(grad)), 0
		for k := range p {
			for i := range p[k] {
				const h = 1e-5
				v := p[k][i]
				p[k][i] = v + h
				up, _ := s.gradient(p)
				p[k][i] = v - h
				down, _ := s.gradient(p)
				p[k][i] = v
				want[at] = (up - down) / (2 * h)
				at++
			}
		}
		off := worst(t, grad, want)
		t.Logf("%d parameters, largest difference %.1e of the largest", len(grad), off)
		if off > 1e-7 {
			t.Errorf("gradient differs from finite differences by %g", off)
		}
	})
}

func TestLogitsAndGradientAgreeWithTheReference(t *testing.T) {
	each(t, 5, func(t *testing.T, s sampleNet) {
		theta := s.packed()
		p := s.net.NewPass(1, 5, 1)
		losses := p.run(s.batch, theta)
		grad := make([]float32, s.net.size)
		p.Backward(grad, 0, 0)
		var logits []float64
		for i := range s.batch.Y {
			logits = append(logits, s.ref.Logits(s.doubles(), doubles(s.batch.X[i*s.net.input:(i+1)*s.net.input]))...)
		}
		if off := worst(t, doubles(p.Logits()), logits); off > 1e-6 {
			t.Errorf("logits differ by %g", off)
		}
		total, want := s.gradient(s.doubles())
		got := 0.0
		for i, l := range losses {
			got += float64(l) * float64(s.batch.Scale[i])
		}
		if off := worst(t, []float64{got}, []float64{total}); off > 1e-6 {
			t.Errorf("loss %g, want %g", got, total)
		}
		off := worst(t, s.flat(grad), want)
		t.Logf("gradient: largest difference %.1e of the largest", off)
		if off > 2e-6 {
			t.Errorf("gradient differs by %g", off)
		}
	})
}

// run is a pass of one lane up to the loss.
func (p *Pass) run(b Batch, theta []float32) []float32 {
	copy(p.X, b.X)
	copy(p.Y, b.Y)
	copy(p.Scale, b.Scale)
	p.Begin(1, len(b.Y), false, theta, 0)
	p.Forward()
	losses := make([]float32, len(b.Y))
	p.Loss(losses)
	return losses
}

// hessianProduct is H·v by central differences of the reference gradient, extrapolated once.
func (s sampleNet) hessianProduct(v []float64) []float64 {
	at := func(h float64) []float64 {
		side := func(h float64) []float64 {
			p, k := s.doubles(), 0
			for _, t := range p {
				for i := range t {
					t[i] += h * v[k]
					k++
				}
			}
			_, g := s.gradient(p)
			return g
		}
		up, down := side(h), side(-h)
		for i := range up {
			up[i] = (up[i] - down[i]) / (2 * h)
		}
		return up
	}
	const h = 1e-4
	coarse, fine := at(2*h), at(h)
	for i := range fine {
		fine[i] += (fine[i] - coarse[i]) / 3
	}
	return fine
}

func TestHessianProductsAgreeWithFiniteDifferences(t *testing.T) {
	const vectors, samples = 5, 7
	each(t, samples, func(t *testing.T, s sampleNet) {
		r := rand.New(rand.NewPCG(3, 3))
		size := s.net.size
		v, hv, slope := make([]float32, vectors*size), make([]float32, vectors*size), make([]float32, vectors*samples)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		h := s.net.NewHessian(2)
		h.tile, h.lanes = 3, 2 // several tiles and groups
		h.Multiply(s.packed(), s.batch, vectors, v, hv, 0, slope)
		worstOff, worstSlope := 0.0, 0.0
		for k := range vectors {
			row := s.flat(v[k*size : (k+1)*size])
			worstOff = max(worstOff, worst(t, s.flat(hv[k*size:(k+1)*size]), s.hessianProduct(row)))
			worstSlope = max(worstSlope, worst(t, doubles(slope[k*samples:(k+1)*samples]), s.slopes(row)))
		}
		t.Logf("products: largest difference %.1e of the largest, slopes %.1e", worstOff, worstSlope)
		if worstOff > 3e-6 || worstSlope > 3e-6 {
			t.Errorf("products differ by %g, slopes by %g", worstOff, worstSlope)
		}
	})
}

// slopes are v·∇ℓ_i from the reference.
func (s sampleNet) slopes(v []float64) []float64 {
	var out []float64
	for i, y := range s.batch.Y {
		_, grads := s.ref.Gradient(s.doubles(), doubles(s.batch.X[i*s.net.input:(i+1)*s.net.input]), ReferenceLoss(s.loss, int(y)))
		sum, at := 0.0, 0
		for _, g := range grads {
			for _, d := range g {
				sum += d * v[at]
				at++
			}
		}
		out = append(out, sum)
	}
	return out
}

// TestHessianProductsDoNotDependOnGroups takes vectors singly, together and with any number of workers.
func TestHessianProductsDoNotDependOnGroups(t *testing.T) {
	each(t, 9, func(t *testing.T, s sampleNet) {
		const vectors = 6
		r := rand.New(rand.NewPCG(4, 4))
		size := s.net.size
		v := make([]float32, vectors*size)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		var want []float32
		for _, c := range []struct{ workers, lanes int }{{1, 1}, {1, 6}, {2, 4}, {3, 1}} {
			h := s.net.NewHessian(c.workers)
			h.lanes = c.lanes
			h.workers = nil
			for range c.workers {
				h.workers = append(h.workers, s.net.newTangents(h.base, c.lanes, h.tile))
			}
			hv := make([]float32, vectors*size+vectors*9)
			h.Multiply(s.packed(), s.batch, vectors, v, hv, 0, hv[vectors*size:])
			if want == nil {
				want = hv
			}
			if !slices.Equal(hv, want) {
				t.Errorf("%d workers with %d vectors at a time give other bits", c.workers, c.lanes)
			}
		}
	})
}

// TestLanesAreTheSameBits trains nothing: it takes gradients of three copies at once and of each by itself.
func TestLanesAreTheSameBits(t *testing.T) {
	each(t, 6, func(t *testing.T, s sampleNet) {
		r := rand.New(rand.NewPCG(5, 5))
		size := s.net.size
		theta := make([]float32, 3*size)
		for k := range 3 {
			s.net.Pack(theta[k*size:], randomTheta(r, s.net))
		}
		for _, shared := range []bool{true, false} {
			p := s.net.NewPass(3, 6, 2)
			for k := range 3 {
				if k == 0 || !shared {
					copy(p.X[k*6*s.net.input:], s.batch.X)
				}
				copy(p.Y[k*6:], s.batch.Y)
				copy(p.Scale[k*6:], s.batch.Scale)
			}
			p.Begin(3, 6, shared, theta, size)
			p.Forward()
			p.Loss(make([]float32, 18))
			grad := make([]float32, 3*size)
			p.Backward(grad, size, 0)
			for k := range 3 {
				one := s.net.NewPass(1, 6, 1)
				one.run(s.batch, theta[k*size:])
				want := make([]float32, size)
				one.Backward(want, 0, 0)
				if !slices.Equal(grad[k*size:(k+1)*size], want) {
					t.Errorf("shared %v: copy %d has other bits", shared, k)
				}
			}
		}
	})
}

func TestPackAndUnpackAreInverse(t *testing.T) {
	each(t, 1, func(t *testing.T, s sampleNet) {
		got := s.flat(s.packed())
		var want []float64
		for _, v := range s.theta {
			want = append(want, doubles(v)...)
		}
		if !slices.Equal(got, want) {
			t.Error("values moved")
		}
	})
}

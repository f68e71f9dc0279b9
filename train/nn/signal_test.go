package nn

import "testing"

// TestSignalsAreTheSamplesGradients holds every sample's gradient, made from signals, against the reference.
func TestSignalsAreTheSamplesGradients(t *testing.T) {
	each(t, 4, func(t *testing.T, s sampleNet) {
		p := s.net.NewPass(1, 4, 1)
		for i := range s.batch.Scale {
			s.batch.Scale[i] = 1
		}
		p.run(s.batch, s.packed())
		p.Backward(nil, 0, 0)
		signals := p.Signals()
		off := 0.0
		for i, y := range s.batch.Y {
			var got, want []float64
			for _, sig := range signals {
				weight := make([]float32, sig.Out*sig.In)
				switch sig.Kind {
				case Lookup:
					weight = make([]float32, s.net.Tokens()*sig.Out)
				case Elementwise:
					weight = make([]float32, sig.In)
				}
				var bias []float32
				if sig.Bias {
					bias = make([]float32, sig.Out)
				}
				sig.Gradient(i, weight, bias)
				got = append(append(got, doubles(weight)...), doubles(bias)...)
			}
			_, grads := s.ref.Gradient(s.doubles(), doubles(s.batch.X[i*s.net.input:(i+1)*s.net.input]), ReferenceLoss(s.loss, int(y)))
			for _, g := range grads {
				want = append(want, g...)
			}
			off = max(off, worst(t, got, want))
		}
		t.Logf("largest difference %.1e of the largest", off)
		if off > 2e-6 {
			t.Errorf("a sample's gradient differs by %g", off)
		}
	})
}

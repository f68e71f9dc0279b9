package train

import (
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// tokens is a network on three tokens with every activation that the others lack.
func tokens() Model {
	m := mlp()
	m.Input = 3
	m.Layers = []Layer{
		{Name: "e", Type: Embedding, In: 11, Out: 6, Activation: None},
		{Name: "n", Type: LayerNorm, In: 6, Out: 6, Activation: GELUTanh},
		{Name: "fc", Type: Dense, In: 18, Out: 3, Activation: None},
	}
	m.Optimizer = Optimizer{Name: AdamW, LearningRate: .01, WeightDecay: .01}
	m.Schedule = &Schedule{Kind: Cosine, WarmupSteps: 3}
	return m
}

// TestBitsOfEveryMachine holds trained parameters against those of other machines: AVX2 and AVX-512 share theirs, plain
// Go has others. ATTRIB_CPU shows a class on a machine that has more.
func TestBitsOfEveryMachine(t *testing.T) {
	fused := simd.Active() != simd.Generic
	for _, c := range []struct {
		name         string
		m            Model
		fused, plain string
	}{
		{"dense", mlp(), "f9971a3b8ea2e2d3", "a7209e0ac95c5578"},
		{"convolutional", convolutional(), "d804edfed921a02c", "03f3c51b31fe13d8"},
		{"tokens", tokens(), "e2c5f9c6ab93b099", "ab86fe4802cf716a"},
	} {
		draw := philox.New([32]byte{3}, 0)
		x, y := make([]float32, 70*c.m.Input), make([]int32, 70)
		for i := range x {
			x[i] = float32(2*draw.Float64() - 1)
			if c.m.Layers[0].Type == Embedding {
				x[i] = float32(draw.Intn(11))
			}
		}
		for i := range y {
			y[i] = int32(draw.Intn(3))
		}
		p, _ := train(t, c.m, Data{X: kernels.F32(70, c.m.Input, x), Y: y}, Options{})
		want := c.plain
		if fused {
			want = c.fused
		}
		if got := p.Hash()[:16]; got != want {
			t.Errorf("%s (fused %v): parameters hash to %s…, want %s", c.name, fused, got, want)
		}
	}
}

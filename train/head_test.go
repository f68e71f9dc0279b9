package train

import (
	"strings"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
)

// convolutional is a network in which images, and a sample that was flattened, come out of layers.
func convolutional() Model {
	m := mlp()
	m.Input, m.Shape = 2*4*3, []int{2, 4, 3}
	m.Layers = []Layer{
		{Name: "c1", Type: Conv2d, In: 2, Out: 3, Kernel: []int{3, 3}, Padding: []int{1, 1}, Activation: Tanh},
		{Name: "c2", Type: Conv2d, In: 3, Out: 2, Kernel: []int{2, 2}, Activation: ReLU},
		{Name: "n", Type: LayerNorm, In: 12, Out: 12, Activation: GELU},
		{Name: "fc", Type: Dense, In: 12, Out: 3, Activation: None},
	}
	return m
}

// The head's logits on features are those of the whole model on samples, and training it moves only its own layers.
func TestHeadsTakeFeatures(t *testing.T) {
	m := convolutional()
	draw := philox.New([32]byte{3}, 0)
	x, y := make([]float32, 30*m.Input), make([]int32, 30)
	for i := range x {
		x[i] = float32(2*draw.Float64() - 1)
	}
	for i := range y {
		y[i] = int32(draw.Intn(3))
	}
	data := Data{X: kernels.F32(30, m.Input, x), Y: y}
	net := must[Network](t)(NewNetwork(m))
	p := InitialParams(net.Specs(), 5)
	whole := must[kernels.Matrix](t)(Logits(net, p, data.X))
	for layers := 1; layers <= 3; layers++ {
		head, start, err := Head(m, p, layers)
		if err != nil {
			t.Fatal(err)
		}
		features := must[kernels.Matrix](t)(Features(m, p, data.X, layers))
		own := must[Network](t)(NewNetwork(head))
		got := must[kernels.Matrix](t)(Logits(own, start, features))
		if off := relative(floats(got.Floats()), floats(whole.Floats())); off > 1e-6 { // sums run in another order
			t.Errorf("behind %d layers the logits differ by %g", layers, off)
		}
		trained := must[[]Params](t)(Coalitions(t.Context(), head, Data{X: features, Y: y}, randomWeights(3, 30), CoalitionOptions{Initial: start}))
		if trained[0].Hash() == start.Hash() {
			t.Error("nothing was trained")
		}
	}
	for _, layers := range []int{0, 4, -1} {
		if _, _, err := Head(m, p, layers); err == nil || !strings.Contains(err.Error(), "want 1 to 3") {
			t.Errorf("%d layers: %v", layers, err)
		}
	}
}

package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/train/nn"
)

// TestGradientAgreesWithGorgonia runs a network of every operator that gorgonia has (convolution, product, bias, tanh,
// rectifier) as a graph of its own and compares logits and gradients.
func TestGradientAgreesWithGorgonia(t *testing.T) {
	const samples = 6
	layers := []nn.Layer{
		{Name: "c", Type: nn.Conv2d, In: 2, Out: 3, Kernel: []int{3, 3}, Stride: []int{2, 1}, Padding: []int{1, 1}, NoBias: true, Activation: nn.ReLU},
		{Name: "a", Type: nn.Dense, In: 3 * 3 * 4, Out: 7, Activation: nn.Tanh},
		{Name: "b", Type: nn.Dense, In: 7, Out: 4, Activation: nn.None},
	}
	net, err := nn.New(layers, 2*5*4, []int{2, 5, 4}, nn.CrossEntropy)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var params [][]float32
	for _, s := range net.Specs() {
		params = append(params, normal(r, s.Values()))
	}
	theta := make([]float32, net.Size())
	net.Pack(theta, params)
	p := net.NewPass(1, samples, 1)
	copy(p.X, normal(r, len(p.X)))
	for i := range p.Y {
		p.Y[i], p.Scale[i] = int32(r.IntN(4)), float32(r.Float64())
	}
	p.Begin(1, samples, false, theta, 0)
	p.Forward()
	p.Loss(make([]float32, samples))
	seeds := append([]float32(nil), p.Seeds()...)
	packed := make([]float32, net.Size())
	p.Backward(packed, 0, 0)
	got := make([][]float32, len(params))
	for k := range got {
		got[k] = make([]float32, len(params[k]))
	}
	net.Unpack(got, packed)

	logits, want := gorgoniaGradient(t, p.X, params, seeds, samples)
	if off := apart(p.Logits(), logits); off > 1e-5 {
		t.Errorf("logits differ by %g", off)
	}
	for k, s := range net.Specs() {
		off := apart(got[k], want[k])
		t.Logf("%s: largest difference %.1e", s.Name, off)
		if off > 1e-5 {
			t.Errorf("%s: gradient differs by %g", s.Name, off)
		}
	}
}

// gorgoniaGradient are logits and the gradients of Σ seeds∘logits.
func gorgoniaGradient(t *testing.T, x []float32, params [][]float32, seeds []float32, samples int) (logits []float32, grads [][]float32) {
	t.Helper()
	g := G.NewGraph()
	node := func(name string, data []float32, shape ...int) *G.Node {
		return G.NewTensor(g, G.Float32, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float32(nil), data...)))))
	}
	image := node("x", x, samples, 2, 5, 4)
	conv, a, aBias := node("c", params[0], 3, 2, 3, 3), node("a", params[1], 7, 36), node("ab", params[2], 1, 7)
	b, bBias := node("b", params[3], 4, 7), node("bb", params[4], 1, 4)
	h := G.Must(G.Rectify(G.Must(G.Conv2d(image, conv, tensor.Shape{3, 3}, []int{1, 1}, []int{2, 1}, []int{1, 1}))))
	h = G.Must(G.Reshape(h, tensor.Shape{samples, 36}))
	affine := func(h, w, bias *G.Node) *G.Node {
		return G.Must(G.BroadcastAdd(G.Must(G.Mul(h, G.Must(G.Transpose(w, 1, 0)))), bias, nil, []byte{0}))
	}
	z := affine(G.Must(G.Tanh(affine(h, a, aBias))), b, bBias)
	total := G.Must(G.Sum(G.Must(G.HadamardProd(z, node("seeds", seeds, samples, 4)))))
	wrt := []*G.Node{conv, a, aBias, b, bBias}
	nodes, err := G.Grad(total, wrt...)
	if err != nil {
		t.Fatal(err)
	}
	var read []G.Value
	read = append(read, make([]G.Value, len(nodes)+1)...)
	G.Read(z, &read[0])
	for k, n := range nodes {
		G.Read(n, &read[k+1])
	}
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	values := func(v G.Value) []float32 { return append([]float32(nil), v.Data().([]float32)...) }
	for k := range nodes {
		grads = append(grads, values(read[k+1]))
	}
	return values(read[0]), grads
}

func normal(r *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(r.NormFloat64() * .5)
	}
	return out
}

// apart is the largest difference over the largest value.
func apart(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	off, top := 0.0, 0.0
	for i := range a {
		off, top = max(off, math.Abs(float64(a[i]-b[i]))), max(top, math.Abs(float64(b[i])))
	}
	return off / top
}

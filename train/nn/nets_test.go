package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sampleNet is a network of the tests with random parameters and samples.
type sampleNet struct {
	name  string
	ref   ReferenceNet
	loss  string
	net   *Net
	theta [][]float32 // state_dict
	batch Batch
}

var testNets = []struct {
	name   string
	layers []Layer
	input  int
	image  []int
	loss   string
}{
	{"dense tanh", []Layer{{Name: "a", Type: Dense, In: 5, Out: 7, Activation: Tanh}, {Name: "b", Type: Dense, In: 7, Out: 3, Activation: None}}, 5, nil, CrossEntropy},
	{"one layer, squared error", []Layer{{Name: "a", Type: Dense, In: 4, Out: 2, Activation: None}}, 4, nil, SquaredError},
	{"every activation, no bias", []Layer{
		{Name: "a", Type: Dense, In: 6, Out: 9, Activation: GELU, NoBias: true},
		{Name: "b", Type: Dense, In: 9, Out: 8, Activation: ReLU},
		{Name: "c", Type: Dense, In: 8, Out: 7, Activation: GELUTanh},
		{Name: "d", Type: Dense, In: 7, Out: 5, Activation: None, NoBias: true},
		{Name: "e", Type: Dense, In: 5, Out: 4, Activation: None}}, 6, nil, CrossEntropy},
	{"convolutions", []Layer{
		{Name: "c1", Type: Conv2d, In: 2, Out: 3, Kernel: []int{3, 2}, Padding: []int{1, 0}, Activation: Tanh},
		{Name: "c2", Type: Conv2d, In: 3, Out: 4, Kernel: []int{2, 3}, Stride: []int{2, 1}, Padding: []int{0, 2}, Activation: GELU},
		{Name: "fc", Type: Dense, In: 4 * 2 * 6, Out: 3, Activation: None}}, 2 * 4 * 5, []int{2, 4, 5}, CrossEntropy},
	{"a convolution to single places", []Layer{
		{Name: "c1", Type: Conv2d, In: 1, Out: 3, Kernel: []int{1, 1}, Activation: ReLU},
		{Name: "n", Type: LayerNorm, In: 3 * 6, Out: 3 * 6, Activation: GELU},
		{Name: "fc", Type: Dense, In: 18, Out: 2, Activation: None}}, 6, []int{1, 2, 3}, CrossEntropy},
	{"stride beyond the kernel, no bias", []Layer{
		{Name: "c1", Type: Conv2d, In: 1, Out: 2, Kernel: []int{2, 2}, Stride: []int{3, 3}, NoBias: true, Activation: None},
		{Name: "fc", Type: Dense, In: 8, Out: 3, Activation: None}}, 30, []int{1, 6, 5}, SquaredError},
	{"tokens", []Layer{
		{Name: "e", Type: Embedding, In: 11, Out: 4, Activation: None},
		{Name: "n", Type: LayerNorm, In: 4, Out: 4, Activation: None},
		{Name: "p", Type: Dense, In: 4, Out: 5, Activation: Tanh},
		{Name: "fc", Type: Dense, In: 15, Out: 3, Activation: None}}, 3, nil, CrossEntropy},
	{"layer norms at both ends", []Layer{
		{Name: "n0", Type: LayerNorm, In: 6, Out: 6, Epsilon: 1e-3, Activation: Tanh},
		{Name: "a", Type: Dense, In: 6, Out: 5, Activation: None},
		{Name: "n1", Type: LayerNorm, In: 5, Out: 5, Activation: None}}, 6, nil, CrossEntropy},
	{"a sequence of features", []Layer{
		{Name: "p", Type: Dense, In: 3, Out: 4, Activation: GELU}, {Name: "n", Type: LayerNorm, In: 4, Out: 4, Activation: None},
		{Name: "fc", Type: Dense, In: 20, Out: 3, Activation: None}}, 15, []int{5, 3}, CrossEntropy},
	{"dense on an image", []Layer{
		{Name: "a", Type: Dense, In: 12, Out: 5, Activation: Tanh}, {Name: "b", Type: Dense, In: 5, Out: 3, Activation: None}}, 12, []int{3, 2, 2}, CrossEntropy},
}

func each(t *testing.T, samples int, do func(t *testing.T, s sampleNet)) {
	for k, c := range testNets {
		t.Run(c.name, func(t *testing.T) {
			net, err := New(c.layers, c.input, c.image, c.loss)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(uint64(k), 7))
			do(t, sampleNet{c.name, ReferenceNet{c.layers, c.input, c.image}, c.loss, net, randomTheta(r, net), randomBatch(r, net, samples)})
		})
	}
}

func randomTheta(r *rand.Rand, n *Net) [][]float32 {
	out := make([][]float32, len(n.specs))
	for k, s := range n.specs {
		out[k] = make([]float32, s.Values())
		for i := range out[k] {
			out[k][i] = float32(r.NormFloat64() * .6)
			if s.Fill == Ones {
				out[k][i]++
			}
		}
	}
	return out
}

func randomBatch(r *rand.Rand, n *Net, samples int) Batch {
	b := Batch{X: make([]float32, samples*n.input), Y: make([]int32, samples), Scale: make([]float32, samples)}
	for i := range b.X {
		b.X[i] = float32(r.NormFloat64())
		if v := n.Tokens(); v > 0 {
			b.X[i] = float32(r.IntN(v))
		}
	}
	for i := range b.Y {
		b.Y[i], b.Scale[i] = int32(r.IntN(n.Classes())), float32(r.Float64()*2/float64(samples))
	}
	return b
}

func (s sampleNet) packed() []float32 {
	out := make([]float32, s.net.size)
	s.net.Pack(out, s.theta)
	return out
}

// tensors are packed values as one float64 row in state_dict order.
func (s sampleNet) flat(packed []float32) []float64 {
	ts := make([][]float32, len(s.net.specs))
	for k, spec := range s.net.specs {
		ts[k] = make([]float32, spec.Values())
	}
	s.net.Unpack(ts, packed)
	var out []float64
	for _, t := range ts {
		for _, v := range t {
			out = append(out, float64(v))
		}
	}
	return out
}

func doubles(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

func (s sampleNet) doubles() [][]float64 {
	out := make([][]float64, len(s.theta))
	for k, v := range s.theta {
		out[k] = doubles(v)
	}
	return out
}

// gradient is the reference gradient of the batch's loss at parameters p, as one row.
func (s sampleNet) gradient(p [][]float64) (float64, []float64) {
	sum, total := make([]float64, s.net.size), 0.0
	for i, y := range s.batch.Y {
		x := doubles(s.batch.X[i*s.net.input : (i+1)*s.net.input])
		value, grads := s.ref.Gradient(p, x, ReferenceLoss(s.loss, int(y)))
		w, at := float64(s.batch.Scale[i]), 0
		total += w * value
		for _, g := range grads {
			for _, v := range g {
				sum[at] += w * v
				at++
			}
		}
	}
	return total, sum
}

// worst is the largest difference over the largest value.
func worst(t testing.TB, got, want []float64) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	off, top := 0.0, 1e-30
	for i := range want {
		if math.IsNaN(got[i]) {
			return math.Inf(1)
		}
		off, top = max(off, math.Abs(got[i]-want[i])), max(top, math.Abs(want[i]))
	}
	return off / top
}

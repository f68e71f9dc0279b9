package peers

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"attrib/influence"
	"attrib/kernels"
	"attrib/train"
)

// network is one that is compared, with as many samples.
type network struct {
	name    string
	model   train.Model
	samples int
	spread  float64 // of the parameters
}

func layers(l ...train.Layer) []train.Layer {
	for i := range l {
		l[i].Name = fmt.Sprintf("layer%d", i)
		if l[i].Activation == "" {
			l[i].Activation = train.None
		}
	}
	return l
}

func model(input int, shape []int, change func(*train.Model), l ...train.Layer) train.Model {
	m := train.Model{
		Schema: train.ModelSchema, Name: "compared", Input: input, Shape: shape, Layers: layers(l...), Loss: train.CrossEntropy,
		Init:      train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9, WeightDecay: 1e-3}, Epochs: 4, Batch: 16,
	}
	if change != nil {
		change(&m)
	}
	return m
}

func networks() []network {
	dense, conv, norm, table := train.Dense, train.Conv2d, train.LayerNorm, train.Embedding
	adam := func(name string) func(*train.Model) {
		return func(m *train.Model) {
			m.Optimizer = train.Optimizer{Name: name, LearningRate: .01, WeightDecay: .01}
			m.Schedule = &train.Schedule{Kind: train.Cosine, WarmupSteps: 5, FinalRate: .001}
		}
	}
	return []network{
		{"tanh", model(9, nil, nil,
			train.Layer{Type: dense, In: 9, Out: 12, Activation: train.Tanh}, train.Layer{Type: dense, In: 12, Out: 5}), 50, .4},
		{"relu, gelu, adam", model(11, nil, adam(train.Adam),
			train.Layer{Type: dense, In: 11, Out: 10, Activation: train.GELU}, train.Layer{Type: dense, In: 10, Out: 8, Activation: train.ReLU},
			train.Layer{Type: dense, In: 8, Out: 4}), 45, .4},
		{"images, strides", model(3*7*6, []int{3, 7, 6}, adam(train.AdamW),
			train.Layer{Type: conv, In: 3, Out: 5, Kernel: []int{3, 3}, Stride: []int{2, 1}, Padding: []int{1, 1}, Activation: train.Tanh},
			train.Layer{Type: conv, In: 5, Out: 4, Kernel: []int{2, 5}, Padding: []int{0, 2}, Activation: train.GELUTanh},
			train.Layer{Type: dense, In: 4 * 3 * 6, Out: 6}), 33, .3},
		{"single places, no bias, beyond the kernel", model(2*5*5, []int{2, 5, 5}, func(m *train.Model) { m.Loss = train.SquaredError },
			train.Layer{Type: conv, In: 2, Out: 3, Kernel: []int{1, 1}, NoBias: true, Activation: train.ReLU},
			train.Layer{Type: conv, In: 3, Out: 4, Kernel: []int{2, 2}, Stride: []int{3, 3}, Activation: train.Tanh},
			train.Layer{Type: dense, In: 16, Out: 3, NoBias: true}), 20, .3},
		{"tokens", model(6, nil, adam(train.AdamW),
			train.Layer{Type: table, In: 20, Out: 8}, train.Layer{Type: norm, In: 8, Out: 8},
			train.Layer{Type: dense, In: 8, Out: 7, Activation: train.GELU}, train.Layer{Type: dense, In: 42, Out: 4}), 40, .4},
		{"layer norms of whole images", model(2*4*3, []int{2, 4, 3}, nil,
			train.Layer{Type: conv, In: 2, Out: 3, Kernel: []int{3, 3}, Padding: []int{1, 1}, Activation: train.GELU},
			train.Layer{Type: norm, In: 36, Out: 36, Epsilon: 1e-3, Activation: train.Tanh}, train.Layer{Type: norm, In: 36, Out: 36},
			train.Layer{Type: dense, In: 36, Out: 3}), 30, .4},
		{"sequences of features", model(4*5, []int{4, 5}, func(m *train.Model) { m.Schedule = &train.Schedule{Kind: train.LinearWarmup, WarmupSteps: 7} },
			train.Layer{Type: norm, In: 5, Out: 5}, train.Layer{Type: dense, In: 5, Out: 6, Activation: train.Tanh},
			train.Layer{Type: dense, In: 24, Out: 3}), 37, .4},
		{"one layer, batch of one", model(7, nil, func(m *train.Model) { m.Batch, m.Optimizer.LearningRate = 1, .01 },
			train.Layer{Type: dense, In: 7, Out: 3}), 12, .4},
		{"large logits", model(8, nil, func(m *train.Model) { m.Optimizer.LearningRate = .001 },
			train.Layer{Type: dense, In: 8, Out: 9, Activation: train.ReLU}, train.Layer{Type: dense, In: 9, Out: 4}), 25, 6},
	}
}

// start are random parameters and samples; a third of the samples weigh nothing, others a half or two.
func (n network) start(t *testing.T) (train.Params, train.Data) {
	t.Helper()
	net, err := train.NewNet(n.model)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, uint64(n.samples)))
	p := train.InitialParams(net.Specs(), 1)
	for _, tensor := range p {
		for i := range tensor.Data {
			tensor.Data[i] += float32(r.NormFloat64() * n.spread)
		}
	}
	x, y, weight := make([]float32, n.samples*n.model.Input), make([]int32, n.samples), make([]float32, n.samples)
	for i := range x {
		x[i] = float32(r.NormFloat64())
		if v := net.Tokens(); v > 0 {
			x[i] = float32(r.IntN(v))
		}
	}
	for i := range y {
		y[i], weight[i] = int32(r.IntN(net.Classes())), []float32{0, 1, 1, .5, 2, 0}[r.IntN(6)]
	}
	return p, train.Data{X: kernels.F32(n.samples, n.model.Input, x), Y: y, Weight: weight}
}

// TestNetworksAgreeWithPyTorch compares logits, gradients, signals, Hessian products and trained parameters with
// PyTorch's in float64, as the largest difference over the largest value.
func TestNetworksAgreeWithPyTorch(t *testing.T) {
	Python(t)
	var requests []Request
	for _, n := range networks() {
		requests = append(requests, n.request(t))
	}
	answers := Torch(t, requests...)
	for i, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			r, want := requests[i], answers[i]
			got := ours(t, r)
			for _, tensor := range r.Params {
				want["train"] = append(want["train"], want["train."+tensor.Name]...)
			}
			for _, c := range []struct {
				what  string
				limit float64
			}{{"logits", 1e-5}, {"gradient", 1e-5}, {"samples", 1e-5}, {"products", 1e-5}, {"slopes", 1e-5}, {"train", 1e-4}} {
				off := apart(got[c.what], want[c.what])
				t.Logf("%-8s %.1e", c.what, off)
				if !(off <= c.limit) {
					t.Errorf("%s differ by %.1e of the largest value", c.what, off)
				}
			}
		})
	}
}

// request asks for everything about the network, in float64.
func (n network) request(t *testing.T) Request {
	t.Helper()
	p, d := n.start(t)
	r := Request{
		Model: n.model, DType: "float64", Params: p, Data: d, Scale: make([]float32, d.Len()), Vectors: make([]float32, 7*p.Count()),
		What: []string{"logits", "gradient", "samples", "products", "train"},
	}
	draw := rand.New(rand.NewPCG(3, 4))
	for i := range r.Vectors {
		r.Vectors[i] = float32(draw.NormFloat64())
	}
	for i, w := range d.Weight {
		r.Scale[i] = w / float32(d.Len())
	}
	for e := range n.model.Epochs {
		r.Order = append(r.Order, train.EpochOrder(1, e, d.Len()))
	}
	return r
}

// ours are the same answers from packages train and influence.
func ours(t *testing.T, r Request) Answer {
	t.Helper()
	m, p, d := r.Model, r.Params, r.Data
	net, err := train.NewNetwork(m)
	must(t, err)
	logits, err := train.Logits(net, p, d.X)
	must(t, err)
	grad := p.Zero()
	must(t, net.Backward(p, d.X, d.Y, r.Scale, grad, make([]float32, d.Len())))
	h, err := train.NewHessian(m, 2)
	must(t, err)
	products, slopes, err := h.Products(p, d.X, d.Y, r.Scale, kernels.F32(len(r.Vectors)/p.Count(), p.Count(), r.Vectors))
	must(t, err)
	trained, _, err := train.Run(context.Background(), m, d, train.Options{Initial: p, Order: r.Order})
	must(t, err)
	together, err := train.Coalitions(context.Background(), m, d, [][]float32{d.Weight, d.Weight}, train.CoalitionOptions{Initial: p, Order: r.Order})
	must(t, err)
	if together[1].Hash() != trained.Hash() {
		t.Error("trained together the parameters are others")
	}
	return Answer{
		"logits": floats(logits.Floats()), "gradient": values(grad), "samples": samples(t, m, p, d),
		"products": floats(products.Floats()), "slopes": floats(slopes.Floats()), "train": values(trained),
	}
}

// samples are the per-sample gradients, tensor after tensor as in state_dict.
func samples(t *testing.T, m train.Model, p train.Params, d train.Data) []float64 {
	t.Helper()
	task, err := influence.NewTask(m)
	if err != nil {
		t.Fatal(err)
	}
	f, err := task.Signals(t.Context(), p, influence.Batch{X: d.X, Y: d.Y}, influence.Loss)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.Rows(t.Context(), task.Layers())
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for i := range d.Len() {
		row := rows.Row(i)
		for _, l := range task.Layers() {
			var weight, bias []float64
			for o := range l.Out {
				part := floats(row[o*l.In : (o+1)*l.In])
				if l.Bias {
					bias = append(bias, part[l.In-1])
					part = part[:l.In-1]
				}
				weight = append(weight, part...)
			}
			row, out = row[l.In*l.Out:], append(append(out, weight...), bias...)
		}
	}
	return out
}

func values(p train.Params) []float64 {
	var out []float64
	for _, t := range p {
		out = append(out, floats(t.Data)...)
	}
	return out
}

func floats(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

// apart is the largest difference over the largest value; infinite when something is missing or not a number.
func apart(a, b []float64) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	off, top := 0.0, 0.0
	for i := range a {
		if math.IsNaN(a[i]) || math.IsNaN(b[i]) {
			return math.Inf(1)
		}
		off, top = max(off, math.Abs(a[i]-b[i])), max(top, math.Abs(b[i]))
	}
	return off / top
}

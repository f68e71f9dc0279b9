package nn

import (
	"fmt"
	"math"
	"slices"

	"attrib/kernels/simd"
)

// Fill says how initial values of a tensor are drawn.
type Fill uint8

// The ways to fill a tensor; PyTorch's defaults.
const (
	Uniform Fill = iota // uniform in ±1/√FanIn
	Normal              // standard normal
	Ones
	Zeros
)

// Spec is the name and shape of one parameter tensor in state_dict layout, and how its initial values are drawn.
type Spec struct {
	Name  string
	Shape []int
	FanIn int // values that feed one output, for Uniform
	Fill  Fill
}

// Values is the number of values of the tensor.
func (s Spec) Values() int {
	n := 1
	for _, d := range s.Shape {
		n *= d
	}
	return n
}

// Net is a network laid out for computing. It is not changed after New, so that many goroutines may use it.
type Net struct {
	loss  string
	input int
	nodes []*node
	specs []Spec
	size  int // parameters
}

// node is a layer and where its parameters and values lie.
type node struct {
	Layer
	op
	in, out size
	inner   int // values that feed one output of a dense or conv2d layer
	classes int // columns of the weight
	weight  int // where the weight begins in a copy
	bias    int // where the bias begins; −1 without
	// torch[j] is the place, in PyTorch's order of the values that feed an output, of what is at j here. nil: the same
	torch []int32
}

// New lays a network out. Samples have input values; shape is as for Check, and so is the error.
func New(layers []Layer, input int, shape []int, loss string) (*Net, error) {
	if err := simd.Check(); err != nil {
		return nil, err
	}
	in, out, err := shapes(layers, input, shape, loss)
	if err != nil {
		return nil, err
	}
	n := &Net{loss: loss, input: input}
	var order []int32 // PyTorch's, of the values of a sample that was flattened
	for i, l := range layers {
		d := &node{Layer: l, in: in[i], out: out[i], bias: -1}
		if i > 0 && d.in.rows == 1 && out[i-1].isImage() {
			order = kernelOrder(out[i-1].features, out[i-1].rows) // channel by channel
		}
		d.place(n, order, i == 0)
		if l.Type != LayerNorm {
			order = nil
		}
		n.nodes = append(n.nodes, d)
	}
	return n, nil
}

// place gives the layer its parameters and its way of computing. order is PyTorch's order of the values that come in.
func (d *node) place(n *Net, order []int32, first bool) {
	d.weight, d.torch = n.size, order
	switch d.Type {
	case Embedding:
		d.op, d.inner, d.classes = embedding{d}, d.In, d.Out
		n.add(Spec{d.Name + ".weight", []int{d.In, d.Out}, 0, Normal})
		return
	case LayerNorm:
		d.op, d.inner, d.classes = layerNorm{d}, 1, d.In
		n.add(Spec{d.Name + ".weight", []int{d.In}, 0, Ones})
		d.bias = n.size
		n.add(Spec{d.Name + ".bias", []int{d.In}, 0, Zeros})
	case Conv2d:
		d.inner, d.classes = d.In*d.Kernel[0]*d.Kernel[1], d.Out
		d.op = linear{d, convolution{geometryOf(d.Layer, d.in), first}}
		d.torch = kernelOrder(d.In, d.Kernel[0]*d.Kernel[1])
		n.addWeight(d, []int{d.Out, d.In, d.Kernel[0], d.Kernel[1]})
	case Dense:
		d.inner, d.classes = d.In, d.Out
		d.op = linear{d, nil}
		n.addWeight(d, []int{d.Out, d.In})
	}
}

// kernelOrder is the order of values that lie place by place here and channel by channel in PyTorch.
func kernelOrder(channels, places int) []int32 {
	out := make([]int32, channels*places)
	for p := range places {
		for c := range channels {
			out[p*channels+c] = int32(c*places + p)
		}
	}
	return out
}

func (n *Net) addWeight(d *node, shape []int) {
	n.add(Spec{d.Name + ".weight", shape, d.inner, Uniform})
	if !d.NoBias {
		d.bias = n.size
		n.add(Spec{d.Name + ".bias", []int{d.Out}, d.inner, Uniform})
	}
}

func (n *Net) add(s Spec) {
	n.specs = append(n.specs, s)
	n.size += s.Values()
}

// Specs are the parameter tensors in state_dict order.
func (n *Net) Specs() []Spec { return slices.Clone(n.specs) }

// Size is the number of parameters.
func (n *Net) Size() int { return n.size }

// Input is the number of values of a sample.
func (n *Net) Input() int { return n.input }

// Loss is the name of the loss.
func (n *Net) Loss() string { return n.loss }

// Classes is the width of the logits.
func (n *Net) Classes() int { return n.nodes[len(n.nodes)-1].out.features }

// Tokens is the vocabulary when samples are tokens, numbers 0 … Tokens−1 held as float32; else 0.
func (n *Net) Tokens() int {
	if d := n.nodes[0]; d.Type == Embedding {
		return d.In
	}
	return 0
}

// Output is the shape of a sample after so many layers: values, channels × height × width of an image, or positions ×
// features.
func (n *Net) Output(layers int) []int {
	if layers == 0 {
		return []int{n.input}
	}
	s := n.nodes[layers-1].out
	switch {
	case s.isImage():
		return []int{s.features, s.height, s.width}
	case s.rows > 1:
		return []int{s.rows, s.features}
	}
	return []int{s.features}
}

// CheckTokens reports the first value of a sample that is no token, for a network that takes tokens.
func (n *Net) CheckTokens(sample []float32) error {
	vocabulary := n.Tokens()
	if vocabulary == 0 {
		return nil
	}
	for j, v := range sample {
		if !(v >= 0 && v < float32(vocabulary)) || v != float32(int(v)) {
			return fmt.Errorf("value %d is %v, want a token from 0 to %d", j, v, vocabulary-1)
		}
	}
	return nil
}

// Pack lays the tensors (in the order and layout of Specs) out as a copy, Size values.
func (n *Net) Pack(dst []float32, tensors [][]float32) {
	n.walk(tensors, func(at, inner, cols int, torch []int32, t []float32) {
		for j := range inner {
			row := dst[at+j*cols : at+(j+1)*cols]
			from := place(torch, j)
			for o := range row {
				row[o] = t[o*inner+from]
			}
		}
	}, func(at int, torch []int32, t []float32) {
		for j := range t {
			dst[at+j] = t[place(torch, j)]
		}
	})
}

// Unpack sets the tensors (in the order and layout of Specs) to the copy that src begins with.
func (n *Net) Unpack(tensors [][]float32, src []float32) {
	n.walk(tensors, func(at, inner, cols int, torch []int32, t []float32) {
		for j := range inner {
			to := place(torch, j)
			for o, v := range src[at+j*cols : at+(j+1)*cols] {
				t[o*inner+to] = v
			}
		}
	}, func(at int, torch []int32, t []float32) {
		for j := range t {
			t[place(torch, j)] = src[at+j]
		}
	})
}

func place(torch []int32, j int) int {
	if torch == nil {
		return j
	}
	return int(torch[j])
}

// walk calls weight for every weight that is held as (inner, cols), and row for every other tensor.
func (n *Net) walk(tensors [][]float32, weight func(at, inner, cols int, torch []int32, t []float32), row func(at int, torch []int32, t []float32)) {
	k := 0
	for _, d := range n.nodes {
		switch d.Type {
		case Embedding:
			row(d.weight, nil, tensors[k])
		case LayerNorm:
			row(d.weight, d.torch, tensors[k])
			k++
			row(d.bias, d.torch, tensors[k])
		default:
			weight(d.weight, d.inner, d.classes, d.torch, tensors[k])
			if d.bias >= 0 {
				k++
				row(d.bias, nil, tensors[k])
			}
		}
		k++
	}
}

// TensorAt is the name of the tensor that holds value i of a copy.
func (n *Net) TensorAt(i int) string {
	for _, s := range n.specs {
		if i -= s.Values(); i < 0 {
			return s.Name
		}
	}
	return ""
}

// Tile is how many samples a Pass should take at a time so that their values stay in a processor's cache. It depends
// on the network alone, since sums over a batch are made tile by tile.
func (n *Net) Tile() int {
	return int(min(max(tileBytes/n.sampleBytes(), 1), maxTile))
}

const (
	tileBytes = 1 << 21
	maxTile   = 512
)

// sampleBytes is what a Pass holds for every sample of a lane.
func (n *Net) sampleBytes() int64 {
	values := int64(n.input + 3)
	for _, d := range n.nodes {
		values += d.values()
	}
	return 4 * values
}

// Bytes is what a lane of a Pass holds for so many samples, without parameters.
func (n *Net) Bytes(samples int) int64 {
	b := n.sampleBytes()
	if b > math.MaxInt64/int64(max(samples, 1)) {
		return math.MaxInt64
	}
	return b * int64(samples)
}

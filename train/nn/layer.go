package nn

import (
	"errors"
	"fmt"
	"math"
)

// Types of layers.
const (
	Dense     = "dense"      // y = x·Wᵀ + b over the last dimension, or over the whole sample
	Conv2d    = "conv2d"     // cross-correlation over an image, as torch.nn.Conv2d
	Embedding = "embedding"  // a row of a table for every token; first layer only
	LayerNorm = "layer-norm" // (x − mean)/√(variance + ε)·weight + bias over the last dimension, or over the whole sample
)

// Activations, applied to a layer's output.
const (
	None     = "none"
	Tanh     = "tanh"
	ReLU     = "relu"      // max(0, z); its second derivative counts as 0 everywhere
	GELU     = "gelu"      // z·Φ(z), Φ the normal distribution function
	GELUTanh = "gelu-tanh" // ½z(1 + tanh(√(2/π)(z + 0.044715z³)))
)

// Losses of one sample with logits z.
const (
	CrossEntropy = "softmax-cross-entropy" // ℓ = log Σ_j exp z_j − z_label
	SquaredError = "squared-error"         // ℓ = ½‖z − e_label‖², e_label the label's unit vector
)

// Layer is one layer. Parameters are "<name>.weight" and "<name>.bias".
//
//	dense       weight (out, in), bias (out); in is the size of the last dimension, or of the whole sample, which is
//	            then flattened (images as channels × height × width)
//	conv2d      weight (out, in, kernel height, kernel width), bias (out); in and out are channels
//	embedding   weight (in, out); in is the vocabulary
//	layer-norm  weight (in), bias (in); in = out as for dense
type Layer struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	In         int     `json:"in"`
	Out        int     `json:"out"`
	Activation string  `json:"activation"`
	Kernel     []int   `json:"kernel,omitempty"`  // conv2d: height and width
	Stride     []int   `json:"stride,omitempty"`  // conv2d: default [1, 1]
	Padding    []int   `json:"padding,omitempty"` // conv2d: zeros on every side; default [0, 0]
	Epsilon    float64 `json:"epsilon,omitempty"` // layer-norm: ε. Default 1e-5
	NoBias     bool    `json:"noBias,omitempty"`  // dense and conv2d without a bias
}

// DefaultEpsilon is ε of a layer norm that states none, PyTorch's.
const DefaultEpsilon = 1e-5

// size is the shape of one sample between layers: rows of features, and for an image how the rows lie.
type size struct {
	rows, features int
	height, width  int // of an image; rows = height·width. 0 for anything else
}

func (s size) values() int   { return s.rows * s.features }
func (s size) isImage() bool { return s.height > 0 }

// flat is the sample as one row.
func (s size) flat() size { return size{rows: 1, features: s.values()} }

func (s size) String() string {
	switch {
	case s.isImage():
		return fmt.Sprintf("an image of %d×%d×%d (channels × height × width)", s.features, s.height, s.width)
	case s.rows == 1:
		return fmt.Sprintf("%d values", s.features)
	}
	return fmt.Sprintf("%d positions of %d values", s.rows, s.features)
}

// inputSize is the shape of a sample of input values.
func inputSize(input int, shape []int) size {
	switch len(shape) {
	case 3:
		return size{shape[1] * shape[2], shape[0], shape[1], shape[2]}
	case 2:
		return size{rows: shape[0], features: shape[1]}
	}
	return size{rows: 1, features: input}
}

// Check reports everything that is wrong with a network of these layers on samples of input values, each problem with
// the name of its field in model.json. shape is empty for samples that are plain rows, channels, height and width of
// images, or positions and features of sequences.
func Check(layers []Layer, input int, shape []int, loss string) error {
	_, _, err := shapes(layers, input, shape, loss)
	return err
}

// shapes are the sizes that the layers take and give.
func shapes(layers []Layer, input int, shape []int, loss string) (in, out []size, err error) {
	c := &checker{seen: map[string]bool{}}
	at := c.input(input, shape)
	if len(layers) == 0 {
		c.bad(`field "layers" is empty; give layers, or the "builder" of a registered graph`)
	}
	for i, l := range layers {
		c.at = fmt.Sprintf("layers[%d]", i)
		c.layer(l, i, i == len(layers)-1)
		taken := c.takes(l, at, input)
		given := c.gives(l, taken)
		in, out = append(in, taken), append(out, given)
		at = given
	}
	c.end(layers, at, loss)
	if len(c.all) == 0 {
		c.fits(layers, in, out)
	}
	return in, out, errors.Join(c.all...)
}

// maxParameters and maxValues bound a network, and what a sample takes on its way through it: 1 GiB each.
const (
	maxParameters = 1 << 28
	maxValues     = 1 << 28
)

// fits checks that the network is one that can be held.
func (c *checker) fits(layers []Layer, in, out []size) {
	parameters, values := 0.0, 0.0
	for i, l := range layers {
		rows := float64(l.In)
		if l.Type == Conv2d {
			rows *= float64(l.Kernel[0]) * float64(l.Kernel[1])
			values += rows * float64(out[i].rows)
		}
		if l.Type == LayerNorm {
			rows = 2
		}
		parameters += rows * float64(l.Out)
		values += float64(in[i].rows)*float64(in[i].features) + float64(out[i].rows)*float64(out[i].features)
		if parameters > maxParameters {
			c.bad(`field "layers[%d]": with this layer the model has %.3g parameters, want at most %d`, i, parameters, maxParameters)
			return
		}
		if values > maxValues {
			c.bad(`field "layers[%d]": with this layer a sample takes %.3g values on its way, want at most %d`, i, values, maxValues)
			return
		}
	}
}

type checker struct {
	at   string // the layer's field
	seen map[string]bool
	all  []error
}

func (c *checker) bad(format string, args ...any) { c.all = append(c.all, fmt.Errorf(format, args...)) }

func (c *checker) input(input int, shape []int) size {
	if input < 1 || input > maxWidth {
		c.bad(`field "input": %d, want 1 to %d`, input, maxWidth)
		return inputSize(max(input, 1), nil)
	}
	if len(shape) == 0 {
		return inputSize(input, nil)
	}
	product := 1
	for _, d := range shape {
		if d < 1 || d > input {
			product = 0
			break
		}
		product *= d // two factors of at most 2³⁰ each
		if product > input {
			break
		}
	}
	if len(shape) != 2 && len(shape) != 3 || product != input {
		c.bad(`field "shape": %v, want channels, height and width of an image, or positions and features, whose product is "input", %d`, shape, input)
		return inputSize(input, nil)
	}
	return inputSize(input, shape)
}

// maxWidth bounds every dimension, so that products of two of them fit.
const maxWidth = 1 << 30

// layer checks what can be told from the layer alone.
func (c *checker) layer(l Layer, i int, last bool) {
	if l.Name == "" || c.seen[l.Name] {
		c.bad(`field "%s.name": %q is empty or used twice`, c.at, l.Name)
	}
	c.seen[l.Name] = true
	switch l.Type {
	case Dense, Conv2d, LayerNorm:
	case Embedding:
		if i > 0 {
			c.bad(`field "%s.type": %q takes the samples themselves, so it must be the first layer`, c.at, l.Type)
		}
		if l.In > maxTokens {
			c.bad(`field "%s.in": a vocabulary of %d, want at most %d: samples hold tokens as float32`, c.at, l.In, maxTokens)
		}
	default:
		c.bad(`field "%s.type": layer type %q is not supported; use %q, %q, %q or %q, or register a gorgonia graph`,
			c.at, l.Type, Dense, Conv2d, Embedding, LayerNorm)
	}
	if l.Out < 1 || l.Out > maxWidth {
		c.bad(`field "%s.out": %d, want 1 to %d`, c.at, l.Out, maxWidth)
	}
	switch l.Activation {
	case None, Tanh, ReLU, GELU, GELUTanh:
		if last && l.Activation != None {
			c.bad(`field "%s.activation": the last layer gives the logits, want %q`, c.at, None)
		}
	default:
		c.bad(`field "%s.activation": %q is not supported; use %q, %q, %q, %q or %q`, c.at, l.Activation, None, Tanh, ReLU, GELU, GELUTanh)
	}
	c.extras(l)
}

const maxTokens = 1 << 24

// extras checks the fields that belong to one type only.
func (c *checker) extras(l Layer) {
	unless := func(field string, set bool, types ...string) {
		for _, t := range types {
			set = set && l.Type != t
		}
		if set {
			c.bad(`field "%s.%s" does not belong to a layer of type %q`, c.at, field, l.Type)
		}
	}
	unless("kernel", l.Kernel != nil, Conv2d)
	unless("stride", l.Stride != nil, Conv2d)
	unless("padding", l.Padding != nil, Conv2d)
	unless("epsilon", l.Epsilon != 0, LayerNorm)
	unless("noBias", l.NoBias, Dense, Conv2d)
	if l.Type == LayerNorm && (!(l.Epsilon >= 0) || math.IsInf(l.Epsilon, 0)) {
		c.bad(`field "%s.epsilon": %v, want a positive number`, c.at, l.Epsilon)
	}
	if l.Type != Conv2d {
		return
	}
	pair := func(field string, v []int, least int) {
		if len(v) != 2 || min(v[0], v[1]) < least || max(v[0], v[1]) > maxWidth {
			c.bad(`field "%s.%s": %v, want two numbers, height and width, of at least %d`, c.at, field, v, least)
		}
	}
	pair("kernel", l.Kernel, 1)
	if l.Stride != nil {
		pair("stride", l.Stride, 1)
	}
	if l.Padding != nil {
		pair("padding", l.Padding, 0)
	}
}

// takes is the shape in which the layer takes what comes in.
func (c *checker) takes(l Layer, at size, input int) size {
	switch l.Type {
	case Embedding:
		if l.In < 1 {
			c.bad(`field "%s.in": a vocabulary of %d, want at least 1`, c.at, l.In)
		}
		if at.isImage() || at.rows != 1 {
			c.bad(`field "shape": %q takes tokens, not %v`, Embedding, at)
		}
		return size{rows: input, features: 1}
	case Conv2d:
		if !at.isImage() {
			c.bad(`field "%s.type": %q takes an image, but %v come in; give the model's "shape", or put it before layers that flatten`, c.at, l.Type, at)
		} else if l.In != at.features {
			c.bad(`field "%s.in": %d channels, but %v comes in`, c.at, l.In, at)
		}
		return at
	}
	switch {
	case l.In == at.values():
		return at.flat()
	case l.In == at.features && !at.isImage():
		return at
	case at.isImage():
		c.bad(`field "%s.in": %d, but %v comes in, %d values`, c.at, l.In, at, at.values())
	default:
		c.bad(`field "%s.in": %d, but %v come in`, c.at, l.In, at)
	}
	return at
}

// gives is the shape of the layer's output.
func (c *checker) gives(l Layer, in size) size {
	switch l.Type {
	case Conv2d:
		return c.convolved(l, in)
	case LayerNorm:
		if l.Out != l.In {
			c.bad(`field "%s.out": %d, a layer norm gives the %d values that come in`, c.at, l.Out, l.In)
		}
		return in
	}
	return size{rows: in.rows, features: l.Out}
}

func (c *checker) convolved(l Layer, in size) size {
	if !in.isImage() || len(l.Kernel) != 2 || (l.Stride != nil && len(l.Stride) != 2) || (l.Padding != nil && len(l.Padding) != 2) {
		return size{1, max(l.Out, 1), 1, 1} // reported already
	}
	g := geometryOf(l, in)
	if g.sh < 1 || g.sw < 1 || g.kh < 1 || g.kw < 1 || g.ph < 0 || g.pw < 0 || max(g.ph, g.pw, g.kh, g.kw) > maxWidth {
		return size{1, max(l.Out, 1), 1, 1}
	}
	h, w := g.outputs()
	if h < 1 || w < 1 {
		c.bad(`field "%s.kernel": %v is larger than the image of %d×%d with its padding`, c.at, l.Kernel, in.height, in.width)
		return size{1, max(l.Out, 1), 1, 1}
	}
	return size{h * w, l.Out, h, w}
}

// end checks what the network as a whole gives.
func (c *checker) end(layers []Layer, at size, loss string) {
	if loss != CrossEntropy && loss != SquaredError {
		c.bad(`field "loss": %q is not supported; use %q or %q`, loss, CrossEntropy, SquaredError)
	}
	n := len(layers)
	if n == 0 || len(c.all) > 0 {
		return
	}
	if at.rows != 1 {
		c.bad(`field "layers[%d]": the last layer gives %v, want one row of logits: let a dense layer take all`, n-1, at)
	}
	if loss == CrossEntropy && layers[n-1].Out < 2 {
		c.bad(`field "layers[%d].out": %d, %s needs at least 2 classes`, n-1, layers[n-1].Out, CrossEntropy)
	}
}

package gorgonia

import (
	"errors"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/influence"
	"attrib/train"
)

// graphs is a small language for test graphs: nodes are made without error checks, which New turns into errors.
type graphs struct {
	g     *G.ExprGraph
	dtype tensor.Dtype
	batch int
	net   *Net
}

func (b graphs) input(d int) *G.Node {
	b.net.Input = G.NewMatrix(b.g, b.dtype, G.WithShape(b.batch, d), G.WithName("x"))
	return b.net.Input
}

func (b graphs) param(name string, shape ...int) *G.Node {
	n := G.NewTensor(b.g, b.dtype, len(shape), G.WithShape(shape...), G.WithName(name))
	b.net.Parameters = append(b.net.Parameters, n)
	return n
}

func (b graphs) frozen(name string, value float64, shape ...int) *G.Node {
	size := tensor.Shape(shape).TotalSize()
	var backing any = slices.Repeat([]float64{value}, size)
	if b.dtype == tensor.Float32 {
		backing = slices.Repeat([]float32{float32(value)}, size)
	}
	n := G.NewTensor(b.g, b.dtype, len(shape), G.WithShape(shape...), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))))
	b.net.Frozen = append(b.net.Frozen, n)
	return n
}

func builder(build func(b graphs) *G.Node) Builder {
	return func(g *G.ExprGraph, batch int, dtype tensor.Dtype) (*Net, error) {
		b := graphs{g, dtype, batch, &Net{}}
		b.net.Logits = build(b)
		return b.net, nil
	}
}

func ok(n *G.Node, err error) *G.Node { return G.Must(n, err) }

func addRow(y, bias *G.Node) *G.Node { return ok(G.BroadcastAdd(y, bias, nil, []byte{0})) }

// Graphs of dense layers in the forms in which people write them. All are the tanh network 5-4-3 (some without
// biases) with the parameters fc1.* and fc2.*.
var accepted = map[string]func(b graphs) *G.Node{
	"bias rows": func(b graphs) *G.Node {
		h := ok(G.Tanh(addRow(ok(G.Mul(b.input(5), b.param("fc1.weight", 5, 4))), b.param("fc1.bias", 1, 4))))
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), b.param("fc2.bias", 1, 3))
	},
	"transposed weights": func(b graphs) *G.Node {
		w1, w2 := b.param("fc1.weight", 4, 5), b.param("fc2.weight", 3, 4)
		h := ok(G.Tanh(addRow(ok(G.Mul(b.input(5), ok(G.Transpose(w1)))), b.param("fc1.bias", 1, 4))))
		return addRow(ok(G.Mul(h, ok(G.Transpose(w2)))), b.param("fc2.bias", 1, 3))
	},
	"bias on the left, parameters out of order": func(b graphs) *G.Node {
		b2, b1 := b.param("fc2.bias", 1, 3), b.param("fc1.bias", 1, 4)
		h := ok(G.Tanh(ok(G.BroadcastAdd(b1, ok(G.Mul(b.input(5), b.param("fc1.weight", 5, 4))), []byte{0}, nil))))
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), b2)
	},
	"vector bias, reshaped": func(b graphs) *G.Node {
		h := ok(G.Tanh(addRow(ok(G.Mul(b.input(5), b.param("fc1.weight", 5, 4))), ok(G.Reshape(b.param("fc1.bias", 4), tensor.Shape{1, 4})))))
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), ok(G.Reshape(b.param("fc2.bias", 3), tensor.Shape{1, 3})))
	},
	"bias of the first layer as a product with ones": func(b graphs) *G.Node {
		y := ok(G.Mul(b.input(5), b.param("fc1.weight", 5, 4)))
		h := ok(G.Tanh(ok(G.Add(y, ok(G.Mul(b.frozen("ones", 1, b.batch, 1), b.param("fc1.bias", 1, 4)))))))
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), b.param("fc2.bias", 1, 3))
	},
	"frozen scale, printed value": func(b graphs) *G.Node {
		x := ok(G.HadamardProd(b.input(5), b.frozen("scale", 1, b.batch, 5)))
		h := ok(G.Tanh(addRow(ok(G.Mul(x, b.param("fc1.weight", 5, 4))), b.param("fc1.bias", 1, 4))))
		var seen G.Value
		G.Read(h, &seen)
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), b.param("fc2.bias", 1, 3))
	},
	"tanh from exponentials and constants": func(b graphs) *G.Node {
		y := addRow(ok(G.Mul(b.input(5), b.param("fc1.weight", 5, 4))), b.param("fc1.bias", 1, 4))
		var two any = 2.0
		if b.dtype == tensor.Float32 {
			two = float32(2)
		}
		s := ok(G.Sigmoid(ok(G.HadamardProd(y, G.NewConstant(two))))) // tanh y = 2σ(2y) − 1
		h := ok(G.Sub(ok(G.HadamardProd(s, G.NewConstant(two))), b.frozen("one", 1, b.batch, 4)))
		return addRow(ok(G.Mul(h, b.param("fc2.weight", 4, 3))), b.param("fc2.bias", 1, 3))
	},
}

func TestGraphsOfDenseLayers(t *testing.T) {
	m := mlp(train.CrossEntropy, 5, 4, 3)
	net := must[train.Network](t)(train.NewNetwork(m))
	p := train.InitialParams(net.Specs(), 1)
	b := blobs(10, 5, 3)
	for name, build := range accepted {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			task, err := New(builder(build), m.Loss, Options{Batch: 4, DType: dtype})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			params := p
			if strings.Contains(name, "ones") { // there the bias is a weight (out, 1)
				params = p.Clone()
				params[1].Shape = []int{4, 1}
			}
			f := must[*influence.Factors](t)(task.Signals(t.Context(), params, b, influence.Loss))
			for i := range 10 {
				_, want := train.Reference(m, p.Doubles(), doubles(b.X.Row(i)), train.ReferenceLoss(m.Loss, int(b.Y[i])))
				got := byName(task, f, i)
				for k, s := range net.Specs() {
					if r := relative(got[s.Name], want[k]); !(r < 2e-5) {
						t.Errorf("%s, %v: sample %d, %s: relative difference %.2e", name, dtype, i, s.Name, r)
					}
				}
			}
		}
	}
}

// byName are sample i's gradients per tensor.
func byName(task *Task, f *influence.Factors, i int) map[string][]float64 {
	out := map[string][]float64{}
	for l, d := range task.layers {
		for _, g := range f.D[l].Row(i) {
			for j, a := range f.A[l].Row(i) {
				name := d.weight.Name()
				if j == d.in {
					name = d.bias.Name()
				}
				out[name] = append(out[name], float64(g)*float64(a))
			}
		}
	}
	return out
}

// New itself holds a graph against finite differences, so being accepted is the test.
func TestGraphsOfOtherShapes(t *testing.T) {
	layer := func(b graphs, x *G.Node, name string, in, out int) *G.Node {
		return addRow(ok(G.Mul(x, b.param(name+".weight", in, out))), b.param(name+".bias", 1, out))
	}
	for name, build := range map[string]func(b graphs) *G.Node{
		"relu": func(b graphs) *G.Node { return layer(b, ok(G.Rectify(layer(b, b.input(5), "l1", 5, 6))), "l2", 6, 3) },
		"leaky relu": func(b graphs) *G.Node {
			return layer(b, ok(G.LeakyRelu(layer(b, b.input(5), "l1", 5, 6), 0.1)), "l2", 6, 3)
		},
		"sigmoid":  func(b graphs) *G.Node { return layer(b, ok(G.Sigmoid(layer(b, b.input(5), "l1", 5, 6))), "l2", 6, 3) },
		"softplus": func(b graphs) *G.Node { return layer(b, ok(G.Softplus(layer(b, b.input(5), "l1", 5, 6))), "l2", 6, 3) },
		"square":   func(b graphs) *G.Node { return layer(b, ok(G.Square(layer(b, b.input(5), "l1", 5, 6))), "l2", 6, 3) },
		"residual": func(b graphs) *G.Node {
			h := ok(G.Tanh(layer(b, b.input(5), "l1", 5, 6)))
			return layer(b, ok(G.Add(h, ok(G.Tanh(layer(b, h, "l2", 6, 6))))), "l3", 6, 3)
		},
		"gated": func(b graphs) *G.Node {
			x := b.input(5)
			gate := ok(G.Sigmoid(layer(b, x, "gate", 5, 6)))
			return layer(b, ok(G.HadamardProd(gate, layer(b, x, "l1", 5, 6))), "l2", 6, 3)
		},
	} {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			task, err := New(builder(build), train.CrossEntropy, Options{Batch: 8, DType: dtype})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if _, err := task.Signals(t.Context(), train.InitialParams(task.Specs(), 1), blobs(11, 5, 3), influence.Margin); err != nil {
				t.Errorf("%s, %v: %v", name, dtype, err)
			}
		}
	}
}

func TestGraphsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		build func(b graphs) *G.Node
		want  string
	}{
		"shared weight": {func(b graphs) *G.Node {
			w := b.param("tied", 5, 5)
			return ok(G.Mul(ok(G.Tanh(ok(G.Mul(b.input(5), w)))), w))
		}, `parameter "tied": it is shared: 2 operations use it`},
		"shared transpose": {func(b graphs) *G.Node {
			w := ok(G.Transpose(b.param("tied", 5, 5)))
			return ok(G.Mul(ok(G.Tanh(ok(G.Mul(b.input(5), w)))), w))
		}, `parameter "tied": its transpose is used by several`},
		"shared bias": {func(b graphs) *G.Node {
			bias := b.param("bias", 1, 5)
			h := ok(G.Tanh(addRow(ok(G.Mul(b.input(5), b.param("w1", 5, 5))), bias)))
			return addRow(ok(G.Mul(h, b.param("w2", 5, 5))), bias)
		}, `parameter "bias": it is shared`},
		"scale": {func(b graphs) *G.Node {
			y := ok(G.Mul(b.input(5), b.param("w", 5, 3)))
			return ok(G.BroadcastHadamardProd(y, b.param("gain", 1, 3), nil, []byte{0}))
		}, `parameter "gain": it is used by the operation`},
		"bias after the activation": {func(b graphs) *G.Node {
			return addRow(ok(G.Tanh(ok(G.Mul(b.input(5), b.param("w", 5, 3))))), b.param("late", 1, 3))
		}, `parameter "late": it is added to something that is not the product`},
		"two biases": {func(b graphs) *G.Node {
			y := ok(G.Mul(b.input(5), b.param("w", 5, 3)))
			return ok(G.Add(addRow(y, b.param("b1", 1, 3)), addRow(y, b.param("b2", 1, 3))))
		}, `bias`},
		"skipped bias": {func(b graphs) *G.Node {
			y := ok(G.Mul(b.input(5), b.param("w", 5, 3)))
			return ok(G.Add(addRow(y, b.param("b", 1, 3)), ok(G.Tanh(y))))
		}, `parameter "b": the product of layer "w" is used without its bias too`},
		"bias per sample": {func(b graphs) *G.Node {
			y := ok(G.Mul(b.input(5), b.param("w", 5, 3)))
			return ok(G.BroadcastAdd(y, b.param("each", b.batch, 1), nil, []byte{1}))
		}, `parameter "each"`},
		"left factor": {func(b graphs) *G.Node {
			return ok(G.Mul(b.param("mix", b.batch, b.batch), b.input(5)))
		}, `parameter "mix": it is the left factor`},
		"unused": {func(b graphs) *G.Node {
			b.param("idle", 5, 3)
			return ok(G.Mul(b.input(5), b.param("w", 5, 3)))
		}, `parameter "idle": the logits do not depend on it`},
		"unlisted leaf": {func(b graphs) *G.Node {
			w := G.NewMatrix(b.g, b.dtype, G.WithShape(5, 3), G.WithName("forgotten"))
			return ok(G.Mul(b.input(5), w))
		}, `node "forgotten" is neither the input, a parameter nor frozen`},
		"frozen without value": {func(b graphs) *G.Node {
			w := G.NewMatrix(b.g, b.dtype, G.WithShape(5, 5), G.WithName("empty"))
			b.net.Frozen = G.Nodes{w}
			return ok(G.Mul(ok(G.Mul(b.input(5), w)), b.param("w", 5, 3)))
		}, `frozen node "empty" has no value`},
		"name twice": {func(b graphs) *G.Node {
			return ok(G.Mul(ok(G.Mul(b.input(5), b.param("w", 5, 4))), b.param("w", 4, 3)))
		}, `node name "w" is empty or used twice`},
		"no parameters": {func(b graphs) *G.Node { return ok(G.Tanh(b.input(5))) }, "no trainable parameters"},
		"no input": {func(b graphs) *G.Node {
			b.input(5)
			return ok(G.Mul(b.frozen("const", 1, b.batch, 5), b.param("w", 5, 3)))
		}, `do not depend on the input "x"`},
		"rows that see each other": {func(b graphs) *G.Node {
			y := ok(G.Mul(b.input(5), b.param("w", 5, 3)))
			return ok(G.BroadcastSub(y, ok(G.Reshape(ok(G.Mean(y, 0)), tensor.Shape{1, 3})), nil, []byte{0}))
		}, "depend on other samples"},
		"dropout": {func(b graphs) *G.Node {
			return ok(G.Mul(ok(G.Dropout(b.input(5), 0.5)), b.param("w", 5, 3)))
		}, "draws at random"},
		"logits of one row": {func(b graphs) *G.Node {
			return ok(G.Reshape(ok(G.Sum(ok(G.Mul(b.input(5), b.param("w", 5, 3))), 0)), tensor.Shape{1, 3}))
		}, "want a matrix of 3 rows"},
	} {
		_, err := New(builder(c.build), train.CrossEntropy, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestBuildersThatFail(t *testing.T) {
	boom := func(*G.ExprGraph, int, tensor.Dtype) (*Net, error) { panic("boom") }
	if _, err := New(boom, train.CrossEntropy, Options{}); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("panic: %v", err)
	}
	failed := errors.New("no such layer")
	if _, err := New(func(*G.ExprGraph, int, tensor.Dtype) (*Net, error) { return nil, failed }, train.CrossEntropy, Options{}); !errors.Is(err, failed) {
		t.Errorf("error: %v", err)
	}
	if _, err := New(func(*G.ExprGraph, int, tensor.Dtype) (*Net, error) { return nil, nil }, train.CrossEntropy, Options{}); err == nil {
		t.Error("a builder without a graph is accepted")
	}
	stubborn := builder(func(b graphs) *G.Node {
		b.dtype = tensor.Float32
		return ok(G.Mul(b.input(5), b.param("w", 5, 3)))
	})
	if _, err := New(stubborn, train.CrossEntropy, Options{}); err == nil || !strings.Contains(err.Error(), "as the builder was told") {
		t.Errorf("other element type: %v", err)
	}
}

package gorgonia

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"attrib/train"
)

// Net is a user's graph.
type Net struct {
	Input      *G.Node // batch×d, the samples
	Logits     *G.Node // batch×classes
	Parameters G.Nodes // the trainable leaves; their names are those of the checkpoint's tensors
	Frozen     G.Nodes // leaves with a value of their own that is not trained
}

// Builder adds a graph for that batch size and element type (tensor.Float32 or tensor.Float64) to g. Values of
// parameters are set by the adapter: a node W of a product Mul(x, W) has shape (in, out), while the checkpoint's
// tensor of its name has PyTorch's layout (out, in).
type Builder func(g *G.ExprGraph, batch int, dtype tensor.Dtype) (*Net, error)

// Registry names the builders that model.json may ask for ("builder": "name").
type Registry map[string]Builder

// Merge puts several registries together. A name that is used twice is an error.
func Merge(registries ...Registry) (Registry, error) {
	out := Registry{}
	for _, r := range registries {
		for _, name := range slices.Sorted(maps.Keys(r)) {
			if _, ok := out[name]; ok {
				return nil, fmt.Errorf("graph %q is registered twice", name)
			}
			out[name] = r[name]
		}
	}
	return out, nil
}

// Builder is the builder of a model: the registered graph that it names, or its own layers.
func (r Registry) Builder(m train.Model) (Builder, error) {
	if m.Builder == "" {
		return FromModel(m)
	}
	if b, ok := r[m.Builder]; ok && b != nil {
		return b, nil
	}
	names := strings.Join(slices.Sorted(maps.Keys(r)), ", ")
	if names == "" {
		names = "none"
	}
	return nil, fmt.Errorf(`field "builder": no graph %q is registered (registered: %s)`, m.Builder, names)
}

// Task is New on the model's builder and loss.
func (r Registry) Task(m train.Model, o Options) (*Task, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	b, err := r.Builder(m)
	if err != nil {
		return nil, err
	}
	return New(b, m.Loss, o)
}

// Network makes the network that train.Run needs: the plain-Go layers of a built-in model, the graph of a registered
// one.
func (r Registry) Network(m train.Model) (train.Network, error) {
	if m.Builder == "" {
		return train.NewNetwork(m)
	}
	t, err := r.Task(m, Options{Batch: m.Batch})
	if err != nil {
		return nil, err
	}
	return t.Network(), nil
}

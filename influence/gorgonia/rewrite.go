package gorgonia

import (
	"fmt"
	"sync"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// building guards the construction of graphs: gorgonia's constants are package variables whose hashes are cached in
// place, so two goroutines must not build graphs at the same time.
var building sync.Mutex

// clone is a copy of a user's graph. With probes it also holds what a backward pass needs.
type clone struct {
	graph  *G.ExprGraph
	input  *G.Node
	weight []*G.Node // per layer, (in, out)
	bias   []*G.Node // per layer, nil when it has none
	logits *G.Node

	seed   *G.Node   // batch×classes: the objective's gradient with respect to the logits
	probe  []*G.Node // per layer, batch×out, always zero
	active []*G.Node // per layer, the activation that the weight multiplies
}

// rewrite copies what the logits depend on. Operations are applied anew in topological order; a transposed weight
// becomes a leaf of its own, because gorgonia transposes in place.
func rewrite(a *analysis, probes bool) (*clone, error) {
	c := &clone{graph: G.NewGraph()}
	c.weight, c.bias = make([]*G.Node, len(a.layers)), make([]*G.Node, len(a.layers))
	c.probe, c.active = make([]*G.Node, len(a.layers)), make([]*G.Node, len(a.layers))
	to := map[*G.Node]*G.Node{}
	for _, n := range a.order {
		copied, err := c.node(a, n, to)
		if err != nil {
			return nil, fmt.Errorf("node %q: %w", n.Name(), err)
		}
		for l, d := range a.layers {
			if d.product == n && probes {
				c.active[l] = to[children(n)[0]]
				c.probe[l] = c.leaf(n, "probe "+d.name, d.product.Shape())
				if copied, err = G.Add(copied, c.probe[l]); err != nil {
					return nil, fmt.Errorf("probe of layer %q: %w", d.name, err)
				}
			}
		}
		to[n] = copied
	}
	c.input, c.logits = to[a.net.Input], to[a.net.Logits]
	if probes {
		c.seed = c.leaf(a.net.Logits, "objective", a.net.Logits.Shape())
	}
	return c, nil
}

func (c *clone) leaf(like *G.Node, name string, shape tensor.Shape) *G.Node {
	return G.NewUniqueNode(G.In(c.graph), G.WithType(like.Type()), G.WithShape(shape...), G.WithName(name))
}

// node copies one node, whose children are copied already.
func (c *clone) node(a *analysis, n *G.Node, to map[*G.Node]*G.Node) (*G.Node, error) {
	for l, d := range a.layers {
		switch {
		case n == d.weight && d.flipped != nil:
			return nil, nil // its transpose stands for it
		case n == d.weight || n == d.flipped:
			c.weight[l] = c.leaf(n, d.weight.Name(), n.Shape())
			return c.weight[l], nil
		case n == d.bias:
			c.bias[l] = c.leaf(n, n.Name(), n.Shape())
			return c.bias[l], nil
		}
	}
	if n.Op() == nil {
		copied := c.leaf(n, n.Name(), n.Shape())
		if a.leaf[n] != frozenLeaf {
			return copied, nil
		}
		value, err := G.CloneValue(n.Value())
		if err != nil {
			return nil, err
		}
		return copied, G.Let(copied, value)
	}
	if _, ok := n.Op().(interface{ Value() G.Value }); ok {
		return n.CloneTo(c.graph), nil // a constant
	}
	below := children(n)
	args := make([]*G.Node, len(below))
	for i, b := range below {
		args[i] = to[b]
	}
	return G.ApplyOp(n.Op(), args...)
}

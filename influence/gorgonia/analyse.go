package gorgonia

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/graph"
	G "gorgonia.org/gorgonia"
)

// denseLayer is one product of an activation and a trainable weight in the user's graph.
type denseLayer struct {
	name         string
	weight, bias *G.Node // bias may be nil
	flipped      *G.Node // Transpose(weight) when the graph multiplies by that, else nil
	product      *G.Node // Mul(activation, weight)
	in, out      int
}

// analysis is what the adapter knows of a user's graph.
type analysis struct {
	net    *Net
	order  []*G.Node             // what the logits depend on, children first
	users  map[*G.Node][]*G.Node // within order
	layers []denseLayer          // in the order in which Parameters names their weights
	leaf   map[*G.Node]leafKind
}

type leafKind uint8

const (
	notLeaf leafKind = iota
	inputLeaf
	parameterLeaf
	frozenLeaf
)

// analyse finds the dense layers and reports everything that keeps the graph from being used, each node by name.
func analyse(net *Net, batch int) (*analysis, error) {
	if err := checkEnds(net, batch); err != nil {
		return nil, err
	}
	a := &analysis{net: net, users: map[*G.Node][]*G.Node{}, leaf: map[*G.Node]leafKind{}}
	a.visit(net.Logits, map[*G.Node]bool{})
	if err := a.classify(); err != nil {
		return nil, err
	}
	var all []error
	for _, p := range net.Parameters {
		if err := a.parameter(p); err != nil {
			all = append(all, fmt.Errorf("parameter %q: %w", p.Name(), err))
		}
	}
	if len(all) == 0 && len(a.layers) == 0 {
		all = append(all, errors.New("the graph has no trainable parameters"))
	}
	if len(all) == 0 {
		all = append(all, a.biases())
	}
	return a, errors.Join(all...)
}

func checkEnds(net *Net, batch int) error {
	if net == nil || net.Input == nil || net.Logits == nil {
		return errors.New("the builder gave no input or no logits")
	}
	for _, n := range []*G.Node{net.Input, net.Logits} {
		if s := n.Shape(); len(s) != 2 || s[0] != batch {
			return fmt.Errorf("node %q has shape %v, want a matrix of %d rows, one a sample", n.Name(), s, batch)
		}
	}
	if net.Logits.Graph() != net.Input.Graph() {
		return errors.New("input and logits are in different graphs")
	}
	return nil
}

// visit puts n and all it depends on into a.order, children first.
func (a *analysis) visit(n *G.Node, seen map[*G.Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	for _, c := range children(n) {
		a.visit(c, seen)
		a.users[c] = append(a.users[c], n)
	}
	a.order = append(a.order, n)
}

func children(n *G.Node) []*G.Node {
	if n.Graph() == nil || n.Op() == nil {
		return nil
	}
	nodes := graph.NodesOf(n.Graph().From(n.ID()))
	out := make([]*G.Node, len(nodes))
	for i, c := range nodes {
		out[i] = c.(*G.Node)
	}
	return out
}

// classify tells the leaves apart and refuses those that nobody answers for, and operations that draw at random.
func (a *analysis) classify() error {
	var all []error
	names := map[string]*G.Node{}
	mark := func(kind leafKind, nodes ...*G.Node) {
		for _, n := range nodes {
			if old, ok := names[n.Name()]; ok || n.Name() == "" {
				if old != n {
					all = append(all, fmt.Errorf("node name %q is empty or used twice", n.Name()))
				} else {
					all = append(all, fmt.Errorf("node %q is listed twice", n.Name()))
				}
			}
			names[n.Name()], a.leaf[n] = n, kind
		}
	}
	mark(inputLeaf, a.net.Input)
	mark(parameterLeaf, a.net.Parameters...)
	mark(frozenLeaf, a.net.Frozen...)
	for _, n := range a.order {
		if n.Op() == nil && a.leaf[n] == notLeaf {
			all = append(all, fmt.Errorf("node %q is neither the input, a parameter nor frozen: list it in Parameters or Frozen", n.Name()))
		}
		if kind := opKind(n); kind == "randomOp" || kind == "dropoutOp" {
			all = append(all, fmt.Errorf("node %q draws at random: build the graph for evaluation", n.Name()))
		}
		if a.leaf[n] == frozenLeaf && n.Value() == nil {
			all = append(all, fmt.Errorf("frozen node %q has no value", n.Name()))
		}
	}
	if !slices.Contains(a.order, a.net.Input) {
		all = append(all, fmt.Errorf("the logits do not depend on the input %q", a.net.Input.Name()))
	}
	return errors.Join(all...)
}

// opKind is the name of gorgonia's own type of the node's operation; the types themselves are not exported.
func opKind(n *G.Node) string {
	if n.Op() == nil {
		return ""
	}
	kind := fmt.Sprintf("%T", n.Op())
	return kind[strings.LastIndexByte(kind, '.')+1:]
}

// parameter finds the layer of which p is the weight. Biases are left for later.
func (a *analysis) parameter(p *G.Node) error {
	users := a.users[p]
	if len(users) == 0 {
		return errors.New("the logits do not depend on it")
	}
	if len(users) > 1 {
		return fmt.Errorf("it is shared: %d operations use it, and per-sample gradients of shared weights are not supported", len(users))
	}
	l := denseLayer{name: layerName(p.Name()), weight: p, product: users[0]}
	factor := p
	if opKind(users[0]) == "transposeOp" {
		flipped := users[0]
		if len(a.users[flipped]) != 1 {
			return errors.New("its transpose is used by several operations; shared weights are not supported")
		}
		l.flipped, l.product, factor = flipped, a.users[flipped][0], flipped
	}
	if !isProduct(l.product) {
		if l.flipped == nil && isBiasStep(users[0]) {
			return nil
		}
		return fmt.Errorf("it is used by the operation %v, not as weight or bias of a dense layer", l.product.Op())
	}
	c := children(l.product)
	if c[1] != factor || c[0] == factor {
		return errors.New("it is the left factor of a product; write Mul(activation, weight), one sample a row")
	}
	if s := c[0].Shape(); len(s) != 2 || s[0] != a.net.Input.Shape()[0] {
		return fmt.Errorf("it multiplies an activation of shape %v, want one row a sample", s)
	}
	l.in, l.out = factor.Shape()[0], factor.Shape()[1]
	a.layers = append(a.layers, l)
	return nil
}

// layerName is the tensor's name without ".weight".
func layerName(tensor string) string { return strings.TrimSuffix(tensor, ".weight") }

func isProduct(n *G.Node) bool {
	return opKind(n) == "linAlgBinOp" && fmt.Sprint(n.Op()) == "A × B"
}

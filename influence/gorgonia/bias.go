package gorgonia

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// biases finds, for every parameter that is no weight, the layer whose product it is added to.
func (a *analysis) biases() error {
	var all []error
	for _, p := range a.net.Parameters {
		if slices.ContainsFunc(a.layers, func(l denseLayer) bool { return l.weight == p }) {
			continue
		}
		if err := a.bias(p); err != nil {
			all = append(all, fmt.Errorf("parameter %q: %w", p.Name(), err))
		}
	}
	return errors.Join(all...)
}

func (a *analysis) bias(p *G.Node) error {
	n := p
	for !isSum(a.users[n][0]) {
		next := a.users[n][0]
		if !isBiasStep(next) || children(next)[0] != n {
			return fmt.Errorf("it is used by the operation %v, not as weight or bias of a dense layer", next.Op())
		}
		if len(a.users[next]) != 1 {
			return errors.New("it is shared: several operations use it, and shared biases are not supported")
		}
		n = next
	}
	sum := a.users[n][0]
	other := children(sum)[0]
	if other == n {
		other = children(sum)[1]
	}
	i := slices.IndexFunc(a.layers, func(l denseLayer) bool { return l.product == other })
	if i < 0 {
		return errors.New("it is added to something that is not the product of a dense layer")
	}
	l := &a.layers[i]
	switch {
	case l.bias != nil:
		return fmt.Errorf("layer %q has the bias %q already", l.name, l.bias.Name())
	case p.Shape().TotalSize() != l.out:
		return fmt.Errorf("it has %d values, layer %q has %d outputs", p.Shape().TotalSize(), l.name, l.out)
	case !alongRows(n, p, l.out):
		return errors.New("it is not repeated along the rows: every sample must get the same bias")
	case len(a.realUsers(other)) != 1:
		return fmt.Errorf("the product of layer %q is used without its bias too; that is not supported", l.name)
	}
	l.bias = p
	return nil
}

// realUsers are the users of n that see its values, not only its size.
func (a *analysis) realUsers(n *G.Node) []*G.Node {
	return slices.DeleteFunc(slices.Clone(a.users[n]), func(u *G.Node) bool { return opKind(u) == "sizeOp" })
}

// alongRows says whether the chain from bias p to n repeats a row of out values: before the repetition its shape is
// (1, out) or (out).
func alongRows(n, p *G.Node, out int) bool {
	for n != p && opKind(n) == "repeatOp" {
		n = children(n)[0]
	}
	s := n.Shape()
	return len(s) > 0 && s[len(s)-1] == out && s.TotalSize() == out
}

// isBiasStep says whether a bias may take this step on its way to the sum.
func isBiasStep(n *G.Node) bool {
	switch opKind(n) {
	case "reshapeOp", "repeatOp":
		return true
	}
	return isSum(n)
}

func isSum(n *G.Node) bool {
	return opKind(n) == "elemBinOp" && strings.HasPrefix(fmt.Sprint(n.Op()), "+")
}

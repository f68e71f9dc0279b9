package nn

// Kind says how a layer's gradient for one sample comes from its signals.
type Kind uint8

// The kinds of signals. t runs over a sample's positions.
const (
	Outer       Kind = iota // weight Σ_t D[t]⊗A[t] (out × in), bias Σ_t D[t]: dense and conv2d
	Lookup                  // weight row A[t] += D[t]: embedding, whose A holds tokens
	Elementwise             // weight Σ_t D[t]∘A[t], bias Σ_t D[t]: layer-norm, whose A holds normalised values
)

// Signal is what the per-sample gradients of one layer are made of. Row s·Positions+t of A and D belongs to position t
// of sample s. Values are in PyTorch's order: a row of A fits a row of the weight, whose shape is (out, in), or (out,
// channels·height·width of the kernel).
type Signal struct {
	Name      string
	Kind      Kind
	Positions int
	In, Out   int  // columns of A and D
	Bias      bool // whether the layer has one
	A, D      []float32
}

// Layers describes the signals of every layer, without values.
func (n *Net) Layers() []Signal {
	out := make([]Signal, len(n.nodes))
	for i, d := range n.nodes {
		out[i] = Signal{Name: d.Name, Kind: Outer, Positions: d.out.rows, In: d.inner, Out: d.classes, Bias: d.bias >= 0}
		switch d.Type {
		case Embedding:
			out[i].Kind, out[i].In = Lookup, 1
		case LayerNorm:
			out[i].Kind, out[i].In = Elementwise, d.In
		}
	}
	return out
}

// Signals are those of the last Backward, which must have run one lane. They are copies.
func (p *Pass) Signals() []Signal {
	out := p.net.Layers()
	for i, d := range p.net.nodes {
		s := &out[i]
		s.D = append(s.D, p.delta[i][:p.rows*s.Positions*s.Out]...)
		switch {
		case d.Type == Embedding:
			s.A = append(s.A, p.X[:p.rows*d.in.rows]...)
		case d.auxiliary() > 0:
			s.A = append(s.A, p.aux[i][:p.rows*s.Positions*s.In]...)
		case i > 0:
			s.A = append(s.A, p.act[i-1][:p.rows*s.Positions*s.In]...)
		default:
			s.A = append(s.A, p.X[:p.rows*s.Positions*s.In]...)
		}
		reorder(s.A, s.In, d.torch)
		if d.Type == LayerNorm {
			reorder(s.D, s.Out, d.torch)
		}
	}
	return out
}

// reorder puts rows of that width into PyTorch's order.
func reorder(v []float32, width int, torch []int32) {
	if torch == nil {
		return
	}
	row := make([]float32, width)
	for len(v) > 0 {
		for j, to := range torch {
			row[to] = v[j]
		}
		copy(v, row)
		v = v[width:]
	}
}

// Gradient adds the gradient of one sample to weight and bias, in state_dict layout; bias is nil for a layer without.
func (s Signal) Gradient(sample int, weight, bias []float32) {
	for t := sample * s.Positions; t < (sample+1)*s.Positions; t++ {
		a, d := s.A[t*s.In:(t+1)*s.In], s.D[t*s.Out:(t+1)*s.Out]
		switch s.Kind {
		case Lookup:
			add(weight[int(a[0])*s.Out:], d)
		case Elementwise:
			addProduct(weight, a, d)
		default:
			for o, v := range d {
				row := weight[o*s.In : (o+1)*s.In]
				for i, x := range a {
					row[i] += float32(v * x)
				}
			}
		}
		if bias != nil {
			add(bias, d)
		}
	}
}

package nn

// embedding is the table of the first layer. Tokens were checked when the data came in.
type embedding struct{ *node }

func (e embedding) auxiliary() int { return 0 }
func (e embedding) inverses() int  { return 0 }
func (e embedding) folded() int    { return 0 }

// tokens are those of one lane.
func (e embedding) tokens(p *Pass, lane int) []float32 {
	n := p.rows * e.in.rows
	if p.shared {
		lane = 0
	}
	return p.X[lane*n : (lane+1)*n]
}

// row is the table's row for a token.
func (e embedding) row(table []float32, token float32) []float32 {
	at := e.weight + int(token)*e.Out
	return table[at : at+e.Out]
}

func (e embedding) forward(p *Pass, _ int, out []float32) {
	for k := range p.lanes {
		for _, token := range e.tokens(p, k) {
			copy(out, e.row(p.theta[k*p.step:], token))
			out = out[e.Out:]
		}
	}
}

func (e embedding) gradient(p *Pass, i int, grad []float32, step int, beta float32) {
	delta := p.delta[i]
	for k := range p.lanes {
		delta = e.scatter(grad[k*step:], beta, e.tokens(p, k), delta)
	}
}

// scatter adds a row of delta to the table for every token and returns the rows that are left.
func (e embedding) scatter(table []float32, beta float32, tokens, delta []float32) []float32 {
	scaleBy(table[e.weight:e.weight+e.In*e.Out], beta)
	for _, token := range tokens {
		add(e.row(table, token), delta[:e.Out])
		delta = delta[e.Out:]
	}
	return delta
}

func (e embedding) back(*Pass, int, []float32) {} // nothing comes before

func (e embedding) tangent(t *tangents, _ int, out []float32) {
	for k := range t.lanes {
		for _, token := range e.tokens(t.base, 0) {
			copy(out, e.row(t.u[k*t.step:], token))
			out = out[e.Out:]
		}
	}
}

func (e embedding) tangentGradient(t *tangents, i int, hv []float32, beta float32) {
	delta := t.delta[i]
	for k := range t.lanes {
		delta = e.scatter(hv[k*t.step:], beta, e.tokens(t.base, 0), delta)
	}
}

func (e embedding) tangentBack(*tangents, int, []float32) {}

package nn

import "math"

// layerNorm keeps the normalised values of every row and 1/σ.
type layerNorm struct{ *node }

func (l layerNorm) auxiliary() int { return l.in.values() }
func (l layerNorm) inverses() int  { return l.in.rows }
func (l layerNorm) folded() int    { return 0 }

// weightOf and biasOf are the parameters of one lane, or what lies in v as they do.
func (l layerNorm) weightOf(v []float32) []float32 { return v[l.weight : l.weight+l.In] }
func (l layerNorm) biasOf(v []float32) []float32   { return v[l.bias : l.bias+l.In] }

func (l layerNorm) epsilon() float64 {
	if l.Epsilon == 0 {
		return DefaultEpsilon
	}
	return l.Epsilon
}

// each calls f with lane and row numbers of everything in the frame, and where the row's values lie.
func (l layerNorm) each(f frame, do func(lane, row, lo, hi int)) {
	perLane := f.rows * l.in.rows
	for row := range f.lanes * perLane {
		do(row/perLane, row, row*l.In, (row+1)*l.In)
	}
}

// source are the values that come in, lane 0's when all lanes share them.
func (l layerNorm) source(p *Pass, i, row int) []float32 {
	from := p.X
	switch {
	case i > 0:
		from = p.act[i-1]
	case p.shared:
		row %= p.rows * l.in.rows
	}
	return from[row*l.In : (row+1)*l.In]
}

func (l layerNorm) forward(p *Pass, i int, out []float32) {
	l.each(p.frame, func(lane, row, lo, hi int) {
		hat := p.aux[i][lo:hi]
		p.inverse[i][row] = normalise(hat, l.source(p, i, row), l.epsilon())
		theta := p.theta[lane*p.step:]
		w, b := l.weightOf(theta), l.biasOf(theta)
		y := out[lo:hi]
		for j, h := range hat {
			y[j] = float32(w[j]*h) + b[j]
		}
	})
}

// normalise sets hat to (x − mean)/√(variance + ε) and returns 1/√(variance + ε).
func normalise(hat, x []float32, epsilon float64) float32 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	mean, square := sum/float64(len(x)), 0.0
	for _, v := range x {
		c := float64(v) - mean
		square += float64(c * c)
	}
	inverse := 1 / math.Sqrt(square/float64(len(x))+epsilon)
	for j, v := range x {
		hat[j] = float32((float64(v) - mean) * inverse)
	}
	return float32(inverse)
}

func (l layerNorm) gradient(p *Pass, i int, grad []float32, step int, beta float32) {
	l.scale(p.lanes, grad, step, beta)
	l.each(p.frame, func(lane, _, lo, hi int) {
		to := grad[lane*step:]
		addProduct(l.weightOf(to), p.delta[i][lo:hi], p.aux[i][lo:hi])
		add(l.biasOf(to), p.delta[i][lo:hi])
	})
}

func (l layerNorm) scale(lanes int, grad []float32, step int, beta float32) {
	for k := range lanes {
		scaleBy(l.weightOf(grad[k*step:]), beta)
		scaleBy(l.biasOf(grad[k*step:]), beta)
	}
}

func (l layerNorm) back(p *Pass, i int, to []float32) {
	l.each(p.frame, func(lane, row, lo, hi int) {
		w, delta, hat, x := l.weightOf(p.theta[lane*p.step:]), p.delta[i][lo:hi], p.aux[i][lo:hi], to[lo:hi]
		mean, along := 0.0, 0.0
		for j, d := range delta {
			x[j] = w[j] * d
			mean += float64(x[j])
			along += float64(float64(x[j]) * float64(hat[j]))
		}
		n, inverse := float64(l.In), float64(p.inverse[i][row])
		mean, along = mean/n, along/n
		for j := range x {
			x[j] = float32((float64(x[j]) - mean - float64(along*float64(hat[j]))) * inverse)
		}
	})
}

// tangent keeps the derivative of the normalised values, and σ̇/σ of every row. The input of a first layer does not
// move: there both stay zero, as they were made.
func (l layerNorm) tangent(t *tangents, i int, out []float32) {
	w := l.weightOf(t.base.theta)
	l.each(t.frame, func(lane, row, lo, hi int) {
		at := row % (t.rows * l.in.rows)
		hat, moved := t.base.aux[i][at*l.In:(at+1)*l.In], t.aux[i][lo:hi]
		if i > 0 {
			t.inverse[i][row] = drift(moved, t.act[i-1][lo:hi], hat, t.base.inverse[i][at])
		}
		u := t.u[lane*t.step:]
		du, db, y := l.weightOf(u), l.biasOf(u), out[lo:hi]
		for j, h := range hat {
			y[j] = float32(du[j]*h) + float32(w[j]*moved[j]) + db[j]
		}
	})
}

// drift sets moved to the derivative of normalised values hat along x's derivative dx, and returns σ̇/σ.
func drift(moved, dx, hat []float32, inverse float32) float32 {
	mean, along := 0.0, 0.0
	for j, v := range dx {
		mean += float64(v)
		along += float64(float64(v) * float64(hat[j]))
	}
	n := float64(len(dx))
	mean, along = mean/n, along/n
	for j, v := range dx {
		moved[j] = float32((float64(v) - mean - float64(along*float64(hat[j]))) * float64(inverse))
	}
	return float32(along * float64(inverse))
}

func (l layerNorm) tangentGradient(t *tangents, i int, hv []float32, beta float32) {
	l.scale(t.lanes, hv, t.step, beta)
	l.each(t.frame, func(lane, row, lo, hi int) {
		at := row % (t.rows * l.in.rows) * l.In
		to := hv[lane*t.step:]
		addProduct(l.weightOf(to), t.delta[i][lo:hi], t.base.aux[i][at:at+l.In])
		addProduct(l.weightOf(to), t.base.delta[i][at:at+l.In], t.aux[i][lo:hi])
		add(l.biasOf(to), t.delta[i][lo:hi])
	})
}

func (l layerNorm) tangentBack(t *tangents, i int, to []float32) {
	w := l.weightOf(t.base.theta)
	l.each(t.frame, func(lane, row, lo, hi int) {
		at := row % (t.rows * l.in.rows)
		base := normRow{w, t.base.delta[i][at*l.In : (at+1)*l.In], t.base.aux[i][at*l.In : (at+1)*l.In]}
		moved := normRow{l.weightOf(t.u[lane*t.step:]), t.delta[i][lo:hi], t.aux[i][lo:hi]}
		base.drift(moved, to[lo:hi], float64(t.base.inverse[i][at]), float64(t.inverse[i][row]))
	})
}

// normRow is one row on its way back: weights, gradient of the output, normalised values; or their derivatives.
type normRow struct{ weight, delta, hat []float32 }

// drift sets to to the derivative of back's result: with g = w·δ and back = (g − ḡ − x̂·⟨g,x̂⟩)/σ, means over the row.
func (b normRow) drift(d normRow, to []float32, inverse, relative float64) {
	var mean, along, dmean, dalong float64
	for j := range to {
		h, dh := float64(b.hat[j]), float64(d.hat[j])
		g := float64(b.weight[j]) * float64(b.delta[j])
		dg := float64(float64(d.weight[j])*float64(b.delta[j])) + float64(float64(b.weight[j])*float64(d.delta[j]))
		mean, along = mean+g, along+float64(g*h)
		dmean, dalong = dmean+dg, dalong+float64(dg*h)+float64(g*dh)
	}
	n := float64(len(to))
	mean, along, dmean, dalong = mean/n, along/n, dmean/n, dalong/n
	for j := range to {
		h, dh := float64(b.hat[j]), float64(d.hat[j])
		g := float64(b.weight[j]) * float64(b.delta[j])
		dg := float64(float64(d.weight[j])*float64(b.delta[j])) + float64(float64(b.weight[j])*float64(d.delta[j]))
		back := g - mean - float64(along*h)
		to[j] = float32((dg - dmean - float64(along*dh) - float64(dalong*h) - float64(back*relative)) * inverse)
	}
}

// addProduct adds a·b to out.
func addProduct(out, a, b []float32) {
	a, b = a[:len(out)], b[:len(out)]
	for j := range out {
		out[j] += float32(a[j] * b[j])
	}
}

package nn

import "attrib/kernels/blas"

// op is how a layer computes. Slices of values hold lane after lane, sample after sample, row after row.
type op interface {
	// forward computes the output before the activation.
	forward(p *Pass, i int, out []float32)
	// gradient sets grad to beta·grad plus that of the parameters, from p.delta[i].
	gradient(p *Pass, i int, grad []float32, step int, beta float32)
	// back computes the gradient with respect to the input from p.delta[i].
	back(p *Pass, i int, to []float32)
	// tangent computes the derivative of the output before the activation along the lanes' directions.
	tangent(t *tangents, i int, out []float32)
	// tangentGradient is the derivative of gradient.
	tangentGradient(t *tangents, i int, hv []float32, beta float32)
	// tangentBack is the derivative of back.
	tangentBack(t *tangents, i int, to []float32)
	// auxiliary is how many values are kept a sample, inverses how many 1/σ, folded how many scratch values.
	auxiliary() int
	inverses() int
	folded() int
}

// linear is a layer whose output rows are products of a weight with input rows, which an unfolder may make first.
type linear struct {
	*node
	unfolder
}

// unfolder makes the rows of a product from images.
type unfolder interface {
	// unfold makes count samples' rows of patches.
	unfold(rows, image []float32, count int)
	// fold adds rows of patches to count samples' images, which it clears first.
	fold(image, rows []float32, count int)
}

// patches is the number of values of the rows that come into the product, a sample.
func (l linear) patches() int { return l.out.rows * l.inner }

func (l linear) auxiliary() int {
	if l.unfolder == nil {
		return 0
	}
	return l.patches()
}

func (l linear) inverses() int { return 0 }

func (l linear) folded() int { return l.auxiliary() }

// rows are the matrices that are multiplied with the weight.
func (l linear) rows(p *Pass, i int) blas.Batch {
	switch {
	case l.unfolder != nil && i == 0 && p.shared:
		return blas.Batch{Matrix: blas.Dense(p.rows*l.out.rows, l.inner, p.aux[i])}
	case l.unfolder != nil:
		return p.lanesOf(p.aux[i], l.out.rows, l.inner)
	case i > 0:
		return p.lanesOf(p.act[i-1], l.out.rows, l.inner)
	case p.shared:
		return blas.Batch{Matrix: blas.Dense(p.rows*l.out.rows, l.inner, p.X)}
	}
	return p.lanesOf(p.X, l.out.rows, l.inner)
}

// matrix is the (inner, out) weight of every lane, or what lies in v as they do.
func (l linear) matrix(v []float32, step int) blas.Batch {
	return blas.Batch{Matrix: blas.Dense(l.inner, l.classes, v[l.weight:]), Step: step}
}

func (l linear) forward(p *Pass, i int, out []float32) {
	if l.unfolder != nil {
		image, count := p.X, p.count()
		if i > 0 {
			image = p.act[i-1]
		} else if p.shared {
			count = p.rows
		}
		l.unfold(p.aux[i], image, count)
	}
	o := blas.Options{Workers: p.workers}
	if l.bias >= 0 {
		o.Bias, o.BiasStep = p.theta[l.bias:], p.step
	}
	p.products.multiply(p.lanes, l.rows(p, i), l.matrix(p.theta, p.step), 0, p.lanesOf(out, l.out.rows, l.classes), o)
}

func (l linear) gradient(p *Pass, i int, grad []float32, step int, beta float32) {
	rows := l.rows(p, i)
	rows.Matrix = rows.T()
	delta := p.lanesOf(p.delta[i], l.out.rows, l.classes)
	p.products.multiply(p.lanes, rows, delta, beta, l.matrix(grad, step), blas.Options{Workers: p.workers})
	l.sumRows(&p.products, p.lanes, p.rows, p.ones, delta, grad, step, beta, p.workers)
}

// sumRows sets the bias of every lane's grad to beta·bias plus the sum of delta's rows.
func (l linear) sumRows(on *products, lanes, samples int, ones []float32, delta blas.Batch, grad []float32, step int, beta float32, workers int) {
	if l.bias < 0 {
		return
	}
	one := blas.Batch{Matrix: blas.Dense(1, samples*l.out.rows, ones)}
	bias := blas.Batch{Matrix: blas.Dense(1, l.classes, grad[l.bias:]), Step: step}
	on.multiply(lanes, one, delta, beta, bias, blas.Options{Workers: workers})
}

func (l linear) back(p *Pass, i int, to []float32) {
	weight := l.matrix(p.theta, p.step)
	weight.Matrix = weight.T()
	rows := to
	if l.unfolder != nil {
		rows = p.scratch[:p.count()*l.patches()]
	}
	p.products.multiply(p.lanes, p.lanesOf(p.delta[i], l.out.rows, l.classes), weight, 0, p.lanesOf(rows, l.out.rows, l.inner), blas.Options{Workers: p.workers})
	if l.unfolder != nil {
		l.fold(to, rows, p.count())
	}
}

func (l linear) tangent(t *tangents, i int, out []float32) {
	o := blas.Options{Workers: t.workers}
	if l.bias >= 0 {
		o.Bias, o.BiasStep = t.u[l.bias:], t.step
	}
	to := t.lanesOf(out, l.out.rows, l.classes)
	base := l.rows(t.base, i)
	base.Step = 0
	t.base.products.multiply(t.lanes, base, l.matrix(t.u, t.step), 0, to, o)
	if i == 0 {
		return
	}
	if l.unfolder != nil {
		l.unfold(t.aux[i], t.act[i-1], t.count())
	}
	t.base.products.multiply(t.lanes, l.tangentRows(t, i), l.matrix(t.base.theta, 0), 1, to, blas.Options{Workers: t.workers})
}

// tangentRows are the derivatives of rows.
func (l linear) tangentRows(t *tangents, i int) blas.Batch {
	if l.unfolder != nil {
		return t.lanesOf(t.aux[i], l.out.rows, l.inner)
	}
	return t.lanesOf(t.act[i-1], l.out.rows, l.inner)
}

func (l linear) tangentGradient(t *tangents, i int, hv []float32, beta float32) {
	o := blas.Options{Workers: t.workers}
	to, delta := l.matrix(hv, t.step), t.lanesOf(t.delta[i], l.out.rows, l.classes)
	base := l.rows(t.base, i)
	base.Step, base.Matrix = 0, base.T()
	t.base.products.multiply(t.lanes, base, delta, beta, to, o)
	if i > 0 {
		rows := l.tangentRows(t, i)
		rows.Matrix = rows.T()
		shared := t.base.lanesOf(t.base.delta[i], l.out.rows, l.classes)
		shared.Step = 0
		t.base.products.multiply(t.lanes, rows, shared, 1, to, o)
	}
	l.sumRows(&t.base.products, t.lanes, t.base.rows, t.base.ones, delta, hv, t.step, beta, t.workers)
}

func (l linear) tangentBack(t *tangents, i int, to []float32) {
	rows := to
	if l.unfolder != nil {
		rows = t.scratch[:t.count()*l.patches()]
	}
	o := blas.Options{Workers: t.workers}
	out := t.lanesOf(rows, l.out.rows, l.inner)
	direction := l.matrix(t.u, t.step)
	direction.Matrix = direction.T()
	shared := t.base.lanesOf(t.base.delta[i], l.out.rows, l.classes)
	shared.Step = 0
	t.base.products.multiply(t.lanes, shared, direction, 0, out, o)
	weight := l.matrix(t.base.theta, 0)
	weight.Matrix = weight.T()
	t.base.products.multiply(t.lanes, t.lanesOf(t.delta[i], l.out.rows, l.classes), weight, 1, out, o)
	if l.unfolder != nil {
		l.fold(to, rows, t.count())
	}
}

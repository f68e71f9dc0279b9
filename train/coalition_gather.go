package train

// gather puts a part of a batch of that length in place. Samples of weight 0 are left out: their gradient is zero, and
// to add it changes no bit. Copies with fewer samples than the others are filled up with rows of weight 0. A part of
// which some copy misses little is shared by all.
func (g *copyGroup) gather(part []int, length float32) {
	most := 1
	for _, w := range g.weights {
		most = max(most, present(w, part))
	}
	if g.shared = 10*most > 9*len(part); g.shared {
		g.gatherShared(part, length)
		return
	}
	g.rows = most
	for k, w := range g.weights {
		g.gatherOwn(k, w, part, length)
	}
}

// present counts the samples that have a weight.
func present(w []float32, part []int) (n int) {
	for _, i := range part {
		if w[i] != 0 {
			n++
		}
	}
	return n
}

func (g *copyGroup) gatherShared(part []int, length float32) {
	p := g.pass
	g.rows = len(part)
	g.data.gather(part, p.X, p.Y)
	for k, w := range g.weights {
		copy(p.Y[k*g.rows:], p.Y[:g.rows])
		scale := p.Scale[k*g.rows : (k+1)*g.rows]
		for r, i := range part {
			scale[r] = w[i] / length
			g.idle = g.idle || w[i] == 0
		}
	}
}

// gatherOwn puts samples in the place of copy k.
func (g *copyGroup) gatherOwn(k int, w []float32, part []int, length float32) {
	p, at, end, width := g.pass, k*g.rows, (k+1)*g.rows, g.model.Input
	for _, i := range part {
		if w[i] == 0 {
			continue
		}
		copy(p.X[at*width:(at+1)*width], g.data.row(i))
		p.Y[at], p.Scale[at] = g.data.Y[i], w[i]/length
		at++
	}
	g.idle = g.idle || at < end
	clear(p.X[at*width : end*width])
	clear(p.Y[at:end])
	clear(p.Scale[at:end])
}

// sample is the row of the data that lies in row r of copy k.
func (g *copyGroup) sample(k, r int, part []int) int {
	if g.shared {
		return part[r]
	}
	for _, i := range part {
		if g.weights[k][i] == 0 {
			continue
		}
		if r == 0 {
			return i
		}
		r--
	}
	return -1
}

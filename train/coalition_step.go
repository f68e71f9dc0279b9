package train

import (
	"fmt"

	"attrib/kernels/vec"
)

// gather puts a batch in place. Samples of weight 0 are left out: their gradient is zero, and to add it changes no
// bit. Copies with fewer samples than the others are filled up with rows of weight 0. A batch in which some copy
// misses little is shared by all.
func (g *copyGroup) gather(batch []int) {
	most := 1
	for _, w := range g.weights {
		count := 0
		for _, i := range batch {
			if w[i] != 0 {
				count++
			}
		}
		most = max(most, count)
	}
	if g.shared = 10*most > 9*len(batch); g.shared {
		g.gatherShared(batch)
		return
	}
	g.rows = most
	for k, w := range g.weights {
		g.gatherOwn(k, w, batch)
	}
}

func (g *copyGroup) gatherShared(batch []int) {
	g.rows = len(batch)
	g.data.gather(batch, g.x, g.y)
	for k, w := range g.weights {
		copy(g.y[k*g.rows:], g.y[:g.rows])
		scale := g.scale[k*g.rows : (k+1)*g.rows]
		for r, i := range batch {
			scale[r] = w[i] / float32(len(batch))
		}
	}
}

func (g *copyGroup) gatherOwn(k int, w []float32, batch []int) {
	at, end, width := k*g.rows, (k+1)*g.rows, g.model.Input
	for _, i := range batch {
		if w[i] == 0 {
			continue
		}
		copy(g.x[at*width:(at+1)*width], g.data.row(i))
		g.y[at], g.scale[at] = g.data.Y[i], w[i]/float32(len(batch))
		at++
	}
	clear(g.x[at*width : end*width])
	clear(g.y[at:end])
	clear(g.scale[at:end])
}

// lossGradient overwrites the logits with weight/(batch length)·∂ℓ/∂logits.
func (g *copyGroup) lossGradient(batch []int, fail func(k int, err error)) {
	c := g.model.Classes()
	z := g.act[len(g.act)-1][:len(g.weights)*g.rows*c]
	check := func(row int, loss float32) {
		if !finite(loss) && g.scale[row] != 0 {
			k := row / g.rows
			fail(k, fmt.Errorf("the loss of row %d is %v", g.sample(k, row%g.rows, batch), loss))
		}
	}
	if g.model.Loss == SquaredError {
		for row, label := range g.y[:len(z)/c] {
			check(row, squaredGradient(z[row*c:(row+1)*c], int(label), g.scale[row]))
		}
		return
	}
	vec.LogSoftmax(z, z, len(z)/c, c, c)
	for row, label := range g.y[:len(z)/c] {
		check(row, -z[row*c+int(label)])
	}
	vec.Exp(z, z)
	for row, label := range g.y[:len(z)/c] {
		p, s := z[row*c:(row+1)*c], g.scale[row]
		p[label]--
		for j := range p {
			p[j] *= s
		}
	}
}

// squaredGradient overwrites z with s·(z − e_label) and returns ½‖z − e_label‖².
func squaredGradient(z []float32, label int, s float32) float32 {
	z[label]--
	sum := 0.0
	for j, v := range z {
		sum += float64(float64(v) * float64(v))
		z[j] = v * s
	}
	return float32(sum / 2)
}

// sample is the row of the data that lies in row r of copy k.
func (g *copyGroup) sample(k, r int, batch []int) int {
	if g.shared {
		return batch[r]
	}
	for _, i := range batch {
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

// descend ends a step of SGD in one pass: v ← v + wd·θ, where v is μv + g already, then θ ← θ − η·v. It says whether
// θ is finite.
func descend(theta, v []float32, rate, decay float32) bool {
	var a, b, c, d float32 // x − x is NaN when x is NaN or infinite; four sums, so that none waits for the other
	for len(theta) >= 4 && len(v) >= 4 {
		p, u := (*[4]float32)(theta), (*[4]float32)(v)
		u0, u1 := u[0]+float32(decay*p[0]), u[1]+float32(decay*p[1])
		u2, u3 := u[2]+float32(decay*p[2]), u[3]+float32(decay*p[3])
		p0, p1 := p[0]-float32(rate*u0), p[1]-float32(rate*u1)
		p2, p3 := p[2]-float32(rate*u2), p[3]-float32(rate*u3)
		u[0], u[1], u[2], u[3] = u0, u1, u2, u3
		p[0], p[1], p[2], p[3] = p0, p1, p2, p3
		a, b, c, d = a+(p0-p0), b+(p1-p1), c+(p2-p2), d+(p3-p3)
		theta, v = theta[4:], v[4:]
	}
	for i := range theta {
		v[i] += float32(decay * theta[i])
		theta[i] -= float32(rate * v[i])
		a += theta[i] - theta[i]
	}
	return a+b+c+d == 0
}

// firstBad is the first value that is not finite, 0 when there is none.
func firstBad(v []float32) int {
	for i, x := range v {
		if !finite(x) {
			return i
		}
	}
	return 0
}

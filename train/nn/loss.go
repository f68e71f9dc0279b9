package nn

import "attrib/kernels/vec"

// Loss fills Seeds with Scale·∂ℓ/∂logits and losses with ℓ of every sample, laid out as Y.
func (p *Pass) Loss(losses []float32) {
	z, seeds, c := p.Logits(), p.Seeds(), p.net.Classes()
	losses = losses[:p.count()]
	if p.net.loss == SquaredError {
		for row := range losses {
			losses[row] = squared(seeds[row*c:(row+1)*c], z[row*c:(row+1)*c], int(p.Y[row]), p.Scale[row])
		}
		return
	}
	vec.LogSoftmax(seeds, z, len(losses), c, c)
	for row := range losses {
		losses[row] = -seeds[row*c+int(p.Y[row])]
	}
	vec.Exp(seeds, seeds)
	if p.curvatures {
		copy(p.prob, seeds)
	}
	for row, label := range p.Y[:len(losses)] {
		q, s := seeds[row*c:(row+1)*c], p.Scale[row]
		q[label]--
		for j := range q {
			q[j] *= s
		}
	}
}

// squared sets seed to s·(z − e_label) and returns ½‖z − e_label‖².
func squared(seed, z []float32, label int, s float32) float32 {
	sum := 0.0
	for j, v := range z {
		if j == label {
			v--
		}
		sum += float64(float64(v) * float64(v))
		seed[j] = v * s
	}
	return float32(sum / 2)
}

// lossTangent sets delta of the logits to the derivative of Loss's seeds, and slope (a lane apart by stride) to the
// derivatives of the samples' losses.
func (t *tangents) lossTangent(slope []float32, stride int) {
	last, c := len(t.act)-1, t.base.net.Classes()
	for k := range t.lanes {
		for r := range t.rows {
			at := (k*t.rows + r) * c
			dz, delta := t.act[last][at:at+c], t.delta[last][at:at+c]
			d := t.base.lossRowTangent(r, dz, delta)
			if slope != nil {
				slope[k*stride+r] = d
			}
		}
	}
}

// lossRowTangent is lossTangent for sample r.
func (p *Pass) lossRowTangent(r int, dz, delta []float32) float32 {
	c, label, s := len(dz), int(p.Y[r]), p.Scale[r]
	if p.net.loss == SquaredError {
		sum := 0.0
		for j, z := range p.Logits()[r*c : (r+1)*c] {
			if j == label {
				z--
			}
			sum += float64(float64(z) * float64(dz[j]))
			delta[j] = s * dz[j]
		}
		return float32(sum)
	}
	prob, mean := p.prob[r*c:(r+1)*c], 0.0
	for j, q := range prob {
		mean += float64(float64(q) * float64(dz[j]))
	}
	for j, q := range prob {
		delta[j] = float32(s*q) * float32(float64(dz[j])-mean)
	}
	return float32(mean - float64(dz[label]))
}

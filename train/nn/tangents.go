package nn

import "attrib/kernels/vec"

// tangents runs derivatives along directions in the space of parameters, a lane each, forward and backward through a
// pass of one lane that kept its curvatures.
type tangents struct {
	frame
	base    *Pass
	u       []float32   // direction of lane k at u[k·step], in the layout of Pack
	step    int         // the network's size
	z       [][]float32 // derivatives of the layers' outputs before the activation
	act     [][]float32 // and after it
	aux     [][]float32 // of what the layers keep
	inverse [][]float32 // σ̇/σ of a layer norm's rows
	delta   [][]float32 // of the gradients
	scratch []float32
}

// newTangents makes room for so many lanes of so many samples.
func (n *Net) newTangents(base *Pass, lanes, samples int) *tangents {
	most := lanes * samples
	t := &tangents{frame: frame{workers: 1}, base: base, step: n.size}
	unfolded := 0
	for _, d := range n.nodes {
		z := make([]float32, most*d.out.values())
		act := z
		if d.Activation != None {
			act = make([]float32, len(z))
		}
		t.z, t.act = append(t.z, z), append(t.act, act)
		t.delta = append(t.delta, make([]float32, len(z)))
		t.aux = append(t.aux, make([]float32, most*d.auxiliary()))
		t.inverse = append(t.inverse, make([]float32, most*d.inverses()))
		unfolded = max(unfolded, d.folded())
	}
	t.scratch = make([]float32, most*unfolded)
	return t
}

// tangentBytes is what tangents hold for every lane, with direction and result.
func (n *Net) tangentBytes(samples int) int64 {
	values := int64(0)
	for _, d := range n.nodes {
		values += int64(3*d.out.values() + d.auxiliary() + d.inverses() + d.folded())
	}
	return 4 * (values*int64(samples) + 2*int64(n.size))
}

// multiply sets hv of every lane to beta·hv + H·u, H the Hessian of the sum that base differentiated, and slope, a
// lane apart by stride, to the derivatives of base's losses.
func (t *tangents) multiply(lanes int, u, hv []float32, beta float32, slope []float32, stride int) {
	t.lanes, t.rows, t.u = lanes, t.base.rows, u
	nodes := t.base.net.nodes
	for i, d := range nodes {
		out := t.z[i][:t.count()*d.out.values()]
		d.tangent(t, i, out)
		if d.Activation != None {
			eachLane(t.lanes, t.act[i], func(k int, act []float32) {
				vec.Multiply(act, t.z[i][k*len(act):(k+1)*len(act)], t.base.slope[i][:len(act)])
			}, t.rows*d.out.values())
		}
	}
	t.lossTangent(slope, stride)
	for i := len(nodes) - 1; i >= 0; i-- {
		d := nodes[i]
		if d.Activation != None {
			eachLane(t.lanes, t.delta[i], func(k int, delta []float32) {
				n := len(delta)
				vec.Blend(delta, t.base.slope[i][:n], t.base.bend[i][:n], t.z[i][k*n:(k+1)*n])
			}, t.rows*d.out.values())
		}
		d.tangentGradient(t, i, hv, beta)
		if i > 0 {
			d.tangentBack(t, i, t.delta[i-1][:t.count()*d.in.values()])
		}
	}
}

func eachLane(lanes int, v []float32, do func(k int, lane []float32), width int) {
	for k := range lanes {
		do(k, v[k*width:(k+1)*width])
	}
}

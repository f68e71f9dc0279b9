package train

import "slices"

// copyLayout says how a group holds the parameters of a copy: layer after layer, the weights as (in, out), so that the
// forward product reads them as they are, then the bias. A copy is one piece of memory, and so is its velocity.
type copyLayout struct {
	model Model
	specs []Spec
	at    []int // where a layer's weights begin
	size  int   // values of a copy
	batch int   // samples in the longest batch
}

func newCopyLayout(m Model, batch int) copyLayout {
	l := copyLayout{model: m, specs: newDenseNet(m).Specs(), batch: batch}
	for _, layer := range m.Layers {
		l.at = append(l.at, l.size)
		l.size += (layer.In + 1) * layer.Out
	}
	return l
}

// bias is where the bias of layer i begins.
func (l copyLayout) bias(i int) int { return l.at[i] + l.model.Layers[i].In*l.model.Layers[i].Out }

// hidden is the width of the widest layer but the last.
func (l copyLayout) hidden() int {
	wide := 0
	for _, layer := range l.model.Layers[:len(l.model.Layers)-1] {
		wide = max(wide, layer.Out)
	}
	return wide
}

// bytes is what a group holds for every copy: parameters and velocity; for every sample of a batch its values, the
// outputs of the layers, two gradients of hidden layers, weight, label and one of the group's ones.
func (l copyLayout) bytes() int64 {
	perSample := l.model.Input + 2*l.hidden() + 3
	for _, layer := range l.model.Layers {
		perSample += layer.Out
	}
	return 4 * (2*int64(l.size) + int64(l.batch)*int64(perSample))
}

// pack lays parameters in state_dict order out as a copy.
func (l copyLayout) pack(p Params) []float32 {
	out := make([]float32, l.size)
	for i, layer := range l.model.Layers {
		turn(out[l.at[i]:], p[2*i].Data, layer.Out, layer.In)
		copy(out[l.bias(i):], p[2*i+1].Data)
	}
	return out
}

// unpack are the parameters of the copy that begins at v, in state_dict order and layout.
func (l copyLayout) unpack(v []float32) Params {
	p := make(Params, len(l.specs))
	for k, s := range l.specs {
		p[k] = Tensor{s.Name, slices.Clone(s.Shape), make([]float32, s.size())}
	}
	for i, layer := range l.model.Layers {
		turn(p[2*i].Data, v[l.at[i]:], layer.In, layer.Out)
		copy(p[2*i+1].Data, v[l.bias(i):])
	}
	return p
}

// tensorAt is the name of the tensor that holds value i of a copy.
func (l copyLayout) tensorAt(i int) string {
	for k := len(l.at) - 1; ; k-- {
		switch {
		case i >= l.bias(k):
			return l.specs[2*k+1].Name
		case i >= l.at[k]:
			return l.specs[2*k].Name
		}
	}
}

// turn sets dst (cols×rows) to the transpose of src (rows×cols).
func turn(dst, src []float32, rows, cols int) {
	for i := range rows {
		for j, v := range src[i*cols : (i+1)*cols] {
			dst[j*rows+i] = v
		}
	}
}

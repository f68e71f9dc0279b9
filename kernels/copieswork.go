package kernels

// Width is how many of each copy's weights are used.
func (t CopyTraining) Width() int {
	if t.Owner == nil {
		return t.X.Rows
	}
	width := 0
	for _, o := range t.Owner {
		width = max(width, o+1)
	}
	return width
}

// Work is what the training takes: the operations of its products, a multiplication or an addition each, for samples that
// have a weight, and the bytes of what goes to a device and comes back: samples and weights, orders and parameters, each once
// however many cards there are and however often a card begins.
func (t CopyTraining) Work() (ops, bytes int64) {
	each := int64(0) // operations of a sample
	for i, l := range t.Layers {
		products := int64(3)
		if i == 0 { // nothing is to be known of the gradient of samples
			products = 2
		}
		each += 2 * products * int64(l.In) * int64(l.Out)
	}
	visits := make([]int64, t.X.Rows)
	for _, order := range t.Orders {
		bytes += 4 * int64(len(order))
		for _, i := range order {
			visits[i]++
		}
	}
	for _, w := range t.Weights {
		for i, n := range visits {
			at := i
			if t.Owner != nil {
				at = t.Owner[i]
			}
			if w[at] != 0 {
				ops += each * n
			}
		}
	}
	bytes += 4 * (int64(t.X.Rows)*int64(t.X.Cols+1) + int64(len(t.Weights))*int64(t.Width()+t.Size))
	return ops, bytes
}

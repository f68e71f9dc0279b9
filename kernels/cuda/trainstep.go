package cuda

import "attrib/kernels/cuda/driver"

// halting launches nothing after an error: a kernel must not run on what the one before it did not write, such as how many
// samples a copy has.
type halting struct {
	launcher
	err error
}

func (h *halting) launch(k kernel, grid driver.Dim, args ...any) error {
	if h.err == nil {
		h.err = h.launcher.launch(k, grid, args...)
	}
	return h.err
}

// step launches one step of n copies. The epoch has so many samples.
func (p *copyPlaces) step(l launcher, n, step, epoch int) error {
	l = &halting{launcher: l}
	t := p.run
	at := t.steps[step].batch * t.Batch
	length := min(t.Batch, epoch-at)
	for lo := 0; lo < length; lo += t.Tile {
		if err := p.tile(l, n, step, at, lo, length); err != nil {
			return err
		}
	}
	return launchTrainMove(l, trainMoveArgs{Theta: p.theta, Gradient: p.gradient, First: p.first, Second: p.second, Failed: p.failed, Size: int64(t.Size),
		CopyStep: t.Steps[step], Rule: int32(t.Rule), Step: int32(step), Copies: int32(n)})
}

// tile adds the gradients of the samples from lo on, up to a tile, of the batch that begins at sample `at` of the epoch and
// has that length.
func (p *copyPlaces) tile(l launcher, n, step, at, lo, length int) error {
	t, count := p.run, min(p.run.Tile, length-lo)
	err := launchTrainBatch(l, trainBatchArgs{Order: p.order + driver.Pointer(4*(at+lo)), Weights: p.weights, Owner: p.ownerPlace(), Samples: p.samples, X: p.x,
		Index: p.index, Place: p.place, Scale: p.scale, Rows: p.rows,
		Width: int64(t.width), Input: int64(t.X.Cols), Count: int32(count), First: int32(lo), Capacity: int32(t.tile), Copies: int32(n), Length: float32(length)})
	for i := range t.Layers {
		err = first(err, p.product(l, p.forward(i, n, count)))
	}
	last := len(t.Layers) - 1
	err = first(err, launchTrainLoss(l, trainLossArgs{Logits: p.outputs[last], Seeds: p.delta[last], Index: p.index, Place: p.place, Rows: p.rows, Labels: p.labels, Scale: p.scale,
		Failed: p.failed, Classes: int32(t.Layers[last].Out), Capacity: int32(t.tile), Copies: int32(n), Kind: int32(t.Loss), Step: int32(step)}))
	for i := last; i > 0; i-- {
		err = first(err, p.product(l, p.gradientOf(i, n, lo > 0)), p.product(l, p.back(i, n, count)))
	}
	err = first(err, p.product(l, p.gradientOf(0, n, lo > 0)))
	s := trainSumsArgs{Columns: p.columns, Gradient: p.gradient, Rows: p.rows, Size: int64(t.Size), Count: int32(p.biases), Copies: int32(n)}
	if lo > 0 {
		s.Add = 1
	}
	return first(err, launchTrainSums(l, s))
}

// ownerPlace is 0 where weights are of samples.
func (p *copyPlaces) ownerPlace() driver.Pointer {
	if p.run.Owner == nil {
		return 0
	}
	return p.owner
}

func (p *copyPlaces) product(l launcher, a trainProductArgs) error {
	return launchTrainProduct(l, p.run.name(p.run.Precision, int(a.M), int(a.N), int(a.Count)), a)
}

// below is what comes into a layer: where it lies, and numbers of a row.
func (p *copyPlaces) below(i int) (driver.Pointer, int64) {
	if i == 0 {
		return p.x, int64(p.run.X.Cols)
	}
	return p.outputs[i-1], int64(p.run.Layers[i-1].Out)
}

// forward is a layer's outputs for up to `rows` samples of n copies.
func (p *copyPlaces) forward(i, n, rows int) trainProductArgs {
	t, l := p.run, p.run.Layers[i]
	from, width := p.below(i)
	lines, out, size := int64(t.tile), int64(l.Out), int64(t.Size)
	a := trainProductArgs{Rows: p.rows, Kind: trainForward, Activation: int32(l.Activation)}
	a.gemmArgs = gemmArgs{A: from, StepA: lines * width, RowA: width, ColA: 1, B: p.theta + driver.Pointer(4*l.Weight), StepB: size, RowB: out, ColB: 1,
		C: p.outputs[i], StepC: lines * out, RowC: out, M: int32(rows), N: int32(l.Out), K: int32(l.In), Count: int32(n), Alpha: 1}
	if l.Bias >= 0 {
		a.Bias, a.StepBias = p.theta+driver.Pointer(4*l.Bias), size
	}
	a.Slope = p.slope[i]
	return a
}

// gradientOf is the gradient of a layer's weight, or what a tile adds to it.
func (p *copyPlaces) gradientOf(i, n int, add bool) trainProductArgs {
	t, l := p.run, p.run.Layers[i]
	from, width := p.below(i)
	lines, out := int64(t.tile), int64(l.Out)
	a := trainProductArgs{Rows: p.rows, Kind: trainGradient}
	a.gemmArgs = gemmArgs{A: from, StepA: lines * width, RowA: 1, ColA: width, B: p.delta[i], StepB: lines * out, RowB: out, ColB: 1,
		C: p.gradient + driver.Pointer(4*l.Weight), StepC: int64(t.Size), RowC: out, M: int32(l.In), N: int32(l.Out), K: int32(t.tile), Count: int32(n), Alpha: 1}
	if add {
		a.Beta = 1
	}
	return a
}

// back is the gradient with respect to what layer i−1 gives before its activation.
func (p *copyPlaces) back(i, n, rows int) trainProductArgs {
	t, l, below := p.run, p.run.Layers[i], p.run.Layers[i-1]
	lines, in, out := int64(t.tile), int64(l.In), int64(l.Out)
	a := trainProductArgs{Rows: p.rows, Outputs: p.outputs[i-1], Kind: trainBack, Activation: int32(below.Activation)}
	a.gemmArgs = gemmArgs{A: p.delta[i], StepA: lines * out, RowA: out, ColA: 1, B: p.theta + driver.Pointer(4*l.Weight), StepB: int64(t.Size), RowB: 1, ColB: out,
		C: p.delta[i-1], StepC: lines * in, RowC: in, M: int32(rows), N: int32(l.In), K: int32(l.Out), Count: int32(n), Alpha: 1}
	a.Slope = p.slope[i-1]
	return a
}

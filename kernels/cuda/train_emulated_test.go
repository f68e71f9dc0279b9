//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/simd"
	"attrib/train"
)

// emulatedTrainer is a kernels.CopyTrainer whose kernels run in the emulator, on memory between sentinels. Products are
// done by one kernel, or by those that a card would use for "".
type emulatedTrainer struct {
	emulated
	product string
}

func (e emulatedTrainer) Info() kernels.Info {
	return kernels.Info{Name: "emulator", Arithmetic: arithmetics[Exact]}
}

func (e emulatedTrainer) TrainCopies(_ context.Context, t kernels.CopyTraining) error {
	if err := t.Validate(); err != nil {
		return err
	}
	r := (&device{}).trainRun(t)
	if e.product != "" {
		r.name = func(Precision, int, int, int) string { return e.product }
	}
	group := len(t.Weights)
	if t.Together > 0 {
		group = min(group, t.Together)
	}
	for at := 0; at < len(t.Weights); at += group {
		if err := e.group(r, at, min(group, len(t.Weights)-at)); err != nil {
			return err
		}
	}
	return nil
}

// group trains copies from … from+n−1.
func (e emulatedTrainer) group(r *trainRun, from, n int) error {
	p := r.places()
	memory := map[*driver.Pointer]*memory[uint32]{}
	for _, m := range p.list(int64(n)) {
		memory[m.to] = poisoned[uint32](int(m.numbers))
		*m.to = memory[m.to].p
		copy(memory[m.to].bytes(), m.holds)
	}
	copy(memory[&p.columns].bytes(), driver.Bytes(p.biasColumns()))
	copy(memory[&p.weights].bytes(), driver.Bytes(r.weightsOf(from, n)))
	clear(memory[&p.first].v)
	clear(memory[&p.second].v)
	for i := range memory[&p.failed].v {
		memory[&p.failed].v[i] = math.MaxUint32
	}
	if err := launchTrainStart(e, p.theta, p.initial, r.Size, n); err != nil {
		return err
	}
	for i, at := range r.steps {
		copy(memory[&p.order].bytes(), driver.Bytes(narrowed(r.Orders[at.epoch])))
		if err := p.step(e, n, i, len(r.Orders[at.epoch])); err != nil {
			return err
		}
	}
	var failed []*kernels.CopyFailure
	for k := range n {
		keys := memory[&p.failed].v[2*k:]
		failed = append(failed, r.failureOf(uint64(keys[1])<<32|uint64(keys[0])))
	}
	theta := make([]float32, n*r.Size)
	copy(driver.Bytes(theta), memory[&p.theta].bytes())
	errs := []error{r.Done(from, theta, failed)}
	for _, m := range memory {
		errs = append(errs, m.intact())
	}
	return errors.Join(errs...)
}

// trainCase is a network and how it is trained.
type trainCase struct {
	widths, batches []int // of layers; samples of batches: a network for each
	activation      string
	loss, optimizer string
	owners          int // 0: weights are of samples
	rate            float64
	last            int // samples
	first           int // which of the three weights the first copy has
}

func (c trainCase) model(batch int) train.Model {
	m := train.Model{Schema: train.ModelSchema, Name: "copies", Input: c.widths[0], Loss: c.loss, Epochs: 2, Batch: batch,
		Init: train.Init{Scheme: train.UniformFanIn, Seed: 3}, Optimizer: train.Optimizer{Name: c.optimizer, LearningRate: c.rate, WeightDecay: .01}}
	if c.optimizer == train.SGD {
		m.Optimizer.Momentum = .9
	}
	for i := range c.widths[1:] {
		l := train.Layer{Name: fmt.Sprint("l", i), Type: train.Dense, In: c.widths[i], Out: c.widths[i+1], Activation: c.activation, NoBias: i == 1}
		if i == len(c.widths)-2 {
			l.Activation = train.None
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

// run trains copies on a device, or on the CPU for nil.
func (c trainCase) run(batch int, on kernels.CopyTrainer) ([]train.Params, error) {
	m, n := c.model(batch), c.last
	classes := c.widths[len(c.widths)-1]
	d := train.Data{X: kernels.F32(n, c.widths[0], randoms(n*c.widths[0], 5)), Y: make([]int32, n)}
	o := train.CoalitionOptions{Device: on, Copies: 2}
	for i := range n {
		d.Y[i] = int32(i * i % classes)
		if c.owners > 0 {
			o.Owner = append(o.Owner, i*7%c.owners)
		}
	}
	weights := make([][]float32, 3) // all, fractions and zeros, one
	for k := range weights {
		weights[k] = make([]float32, max(c.owners, n-n*min(c.owners, 1)))
		for i := range weights[k] {
			weights[k][i] = []float32{1, float32((i+3)%4) / 2, float32(1 / (1 + (i-1)*(i-1)))}[(k+c.first)%3]
		}
	}
	return train.Coalitions(context.Background(), m, d, weights, o)
}

var trainCases = []trainCase{
	{[]int{20, 33, 40, 5}, []int{9}, train.Tanh, train.CrossEntropy, train.SGD, 0, .1, 22, 0},
	{[]int{3, 5, 4, 2}, []int{140, 70}, train.ReLU, train.SquaredError, train.Adam, 3, .01, 150, 0},
	{[]int{6, 19}, []int{7}, train.None, train.CrossEntropy, train.AdamW, 0, .01, 18, 0},
	{[]int{4, 6, 3}, []int{5}, train.GELU, train.CrossEntropy, train.SGD, 2, .2, 16, 0},
	{[]int{4, 6, 3}, []int{5}, train.GELUTanh, train.SquaredError, train.SGD, 0, .2, 16, 0},
	{[]int{4, 3, 1}, []int{5}, train.Tanh, train.SquaredError, train.SGD, 0, .2, 9, 0},
	{[]int{2, 3, 2}, []int{600}, train.Tanh, train.CrossEntropy, train.SGD, 5, .2, 601, 0}, // in tiles of 512
	{[]int{4, 6, 3}, []int{5}, train.ReLU, train.SquaredError, train.SGD, 0, 1e12, 16, 2},  // diverges: a parameter
	{[]int{4, 6, 3}, []int{5}, train.None, train.SquaredError, train.SGD, 0, 1e25, 16, 2},  // a loss
}

// trainSuite holds copies that the emulator trains to those of the CPU.
func trainSuite(e emulated) error {
	products := []string{"", "train_product_128x128", "train_product_64x64", "train_product_64x32", "train_product_64x16"}
	for i, c := range trainCases {
		for j, product := range products {
			if j > 0 && i > 1 {
				break
			}
			batches := c.batches
			if j > 0 {
				batches = batches[:1]
			}
			for _, batch := range batches {
				if err := c.exact(batch, emulatedTrainer{e, product}); err != nil {
					return fmt.Errorf("case %d, batch %d, %q: %w", i, batch, product, err)
				}
			}
		}
	}
	tensor := map[string]float64{"train_product_f16": 3e-4, "train_product_tf32": 1e-6, "train_product_bf16": 2e-3}
	if e.arch < 80 {
		tensor = map[string]float64{"train_product_f16": 3e-4}
	}
	for product, within := range tensor {
		if err := trainCases[0].near(trainCases[0].batches[0], emulatedTrainer{e, product}, within); err != nil {
			return fmt.Errorf("%s: %w", product, err)
		}
	}
	return nil
}

// exact compares bits, or the errors of copies that diverge.
func (c trainCase) exact(batch int, on kernels.CopyTrainer) error {
	if simd.Active() == simd.Generic {
		return c.near(batch, on, 1e-4)
	}
	got, err := c.run(batch, on)
	want, wantErr := c.run(batch, nil)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		return fmt.Errorf("error %w, want %v", err, wantErr)
	}
	hash := func(p train.Params) string { return p.Hash() }
	if !slices.Equal(mapped(got, hash), mapped(want, hash)) {
		return errors.New("other parameters than the CPU's")
	}
	return nil
}

func mapped[A, B any](v []A, f func(A) B) (out []B) {
	for _, x := range v {
		out = append(out, f(x))
	}
	return out
}

// near compares parameters.
func (c trainCase) near(batch int, on kernels.CopyTrainer, within float64) error {
	got, err1 := c.run(batch, on)
	want, err2 := c.run(batch, nil)
	if err := errors.Join(err1, err2); err != nil {
		if err1 != nil && err2 != nil {
			return nil
		}
		return err
	}
	for k, p := range got {
		for i, tensor := range p {
			for j, v := range tensor.Data {
				if d := math.Abs(float64(v - want[k][i].Data[j])); !(d <= within) {
					return fmt.Errorf("copy %d, %s: value %d is off by %g", k, tensor.Name, j, d)
				}
			}
		}
	}
	return nil
}

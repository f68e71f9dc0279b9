package train

import (
	"context"
	"fmt"
	"slices"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// CopiesOnDevice says why a device that trains copies cannot take a model, nil when it can: it takes dense layers of whole
// samples only.
func CopiesOnDevice(m Model) error {
	net, err := NewNet(m)
	if err != nil {
		return err
	}
	_, err = net.Copies()
	return err
}

// exact is the arithmetic (kernels.Info) of devices that have the bits of a CPU with vectors.
const exact = "float32-fma-runs-512"

// HasCPUBits says whether copies that the device trains are bit for bit those that this CPU trains.
func HasCPUBits(d kernels.CopyTrainer) bool {
	return d.Info().Arithmetic == exact && simd.Active() != simd.Generic
}

// onDevice lets the device train the copies, or notes why it does not.
func (o CoalitionOptions) onDevice(p *coalitionPlan) {
	if o.Device == nil {
		return
	}
	if _, err := p.net.Copies(); err != nil {
		if o.Note != nil {
			o.Note(fmt.Sprintf("%s: copies were trained on the CPU: %v, and the device takes dense layers of whole samples only", o.Device.Info().Name, err))
		}
		return
	}
	p.device, p.generic = o.Device, false
	if a := o.Device.Info().Arithmetic; a != exact {
		p.arithmetic = a
	}
}

// train trains the runs that are not done yet on a device.
func (c *coalitions) train(ctx context.Context, o CoalitionOptions) error {
	pending := c.pending()
	t, err := c.training(o, pending)
	if err != nil {
		return err
	}
	t.Done = func(first int, theta []float32, failed []*kernels.CopyFailure) error {
		return c.finished(pending[first:first+len(failed)], theta, failed)
	}
	return c.device.TrainCopies(ctx, t)
}

func (c *coalitions) pending() (runs []int) {
	for r := range c.weights {
		if !c.done[r] {
			runs = append(runs, r)
		}
	}
	return runs
}

// training describes the runs to a device.
func (c *coalitions) training(o CoalitionOptions, runs []int) (t kernels.CopyTraining, err error) {
	layers, err := c.net.Copies()
	if err != nil {
		return t, err
	}
	t = kernels.CopyTraining{
		Layers: layers, Size: c.net.Size(), Loss: c.net.CopyLoss(), Rule: c.model.Optimizer.copyRule(), Initial: c.initial,
		X: c.data.X, Y: c.data.Y, Orders: c.orders, Batch: c.model.Batch, Tile: c.tile(), Owner: c.owner, Together: o.Copies,
	}
	for step := range c.steps.begin[len(c.steps.begin)-1] {
		t.Steps = append(t.Steps, c.model.Optimizer.copyStep(c.steps.at(step), step))
	}
	for _, r := range runs {
		t.Weights = append(t.Weights, c.weights[r])
	}
	memory := o.Memory
	if memory == 0 {
		memory = defaultMemory
	}
	t.Deliver = int(max(1, min(memory, 1<<26)/(4*int64(t.Size))))
	return t, nil
}

// finished takes runs that a device has trained: their parameters lie one behind the other. The error is that of the first
// run that failed, or of Visit for it; those before it are kept.
func (c *coalitions) finished(runs []int, theta []float32, failed []*kernels.CopyFailure) error {
	size := c.net.Size()
	sound := slices.IndexFunc(failed, func(f *kernels.CopyFailure) bool { return f != nil })
	if sound < 0 {
		sound = len(runs)
		if err := c.saveAll(runs, theta); err != nil {
			return err
		}
	}
	for k, r := range runs[:sound] {
		if err := c.kept.keep(r, c.params(theta[k*size:])); err != nil {
			return err
		}
	}
	if sound < len(runs) {
		return fmt.Errorf("retraining %d: %w", runs[sound], c.failure(failed[sound]))
	}
	return nil
}

// saveAll puts runs on disk, each stretch of them that has no gap as a group.
func (c *coalitions) saveAll(runs []int, theta []float32) error {
	for lo := 0; c.store != nil && lo < len(runs); {
		hi := lo + 1
		for hi < len(runs) && runs[hi] == runs[hi-1]+1 {
			hi++
		}
		if err := c.store.save(runs[lo], hi-lo, theta[lo*c.net.Size():]); err != nil {
			return err
		}
		lo = hi
	}
	return nil
}

// failure is the error that a group on the CPU gives.
func (c *coalitions) failure(f *kernels.CopyFailure) error {
	order := c.orders[f.Epoch]
	at := f.Batch * c.model.Batch
	err := c.badParameter(f.Parameter)
	if f.Parameter < 0 {
		err = badLoss(order[f.Row], f.Loss)
	}
	return atStep(f.Epoch, f.Batch, f.Step, order[at:min(at+c.model.Batch, len(order))], err)
}

// copyRule is the optimiser as a device takes it.
func (o Optimizer) copyRule() kernels.CopyRule {
	switch o.Name {
	case Adam:
		return kernels.CopyAdam
	case AdamW:
		return kernels.CopyAdamW
	}
	return kernels.CopyDescent
}

// copyStep is step t, counted from 0, as a device takes it.
func (o Optimizer) copyStep(s Step, t int) kernels.CopyStep {
	if o.copyRule() == kernels.CopyDescent {
		return kernels.CopyStep{Rate: float32(s.LearningRate), Momentum: float32(s.Momentum), Decay: float32(s.WeightDecay)}
	}
	f := s.factors(t)
	return kernels.CopyStep{Rate: f.size, Decay: f.decay, Shrink: f.shrink, Fresh: f.b1, Keep: f.b2, Square: f.rest, Root: f.root, Epsilon: f.epsilon}
}

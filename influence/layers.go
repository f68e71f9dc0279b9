package influence

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/train"
	"attrib/train/nn"
)

// LayerTask is the Task of a model that lists its layers (train.Model), computed by package train/nn.
//
// A dense or conv2d layer gives its activations (for a convolution the patches, one position a place of the result) and
// output gradients. A layer norm has one row of gradients a sample, in D: first its weight's, then its bias's, with A
// holding 1. An embedding has a position a token: D says which row of the table (one-hot, as wide as the vocabulary),
// A holds the gradient of that row. Flat rows therefore hold every tensor in PyTorch's layout.
type LayerTask struct {
	net    *nn.Net
	loss   string
	layers []nn.Signal
	idle   sync.Pool // of *nn.Pass
	device blas.Device
}

// On has the products of layers computed by a device from now on, nil for the CPU: such as blas.Offload. Signals then
// gives its errors.
func (t *LayerTask) On(device blas.Device) { t.device = device }

// NewTask makes the task of a model that lists its layers.
func NewTask(m train.Model) (*LayerTask, error) {
	net, err := train.NewNet(m)
	if err != nil {
		return nil, err
	}
	t := &LayerTask{net: net, loss: m.Loss, layers: net.Layers()}
	t.idle.New = func() any { return net.NewPass(1, net.Tile(), 1) }
	return t, nil
}

// Specs are the parameter tensors in state_dict order.
func (t *LayerTask) Specs() []train.Spec { return t.net.Specs() }

// Input is the width of a sample.
func (t *LayerTask) Input() int { return t.net.Input() }

// Classes is the width of the logits.
func (t *LayerTask) Classes() int { return t.net.Classes() }

// Layers are the layers of the model, in order.
func (t *LayerTask) Layers() []Layer {
	out := make([]Layer, len(t.layers))
	for i, s := range t.layers {
		out[i] = Layer{Name: s.Name, In: s.In, Out: s.Out, Positions: s.Positions, Bias: s.Bias}
		switch s.Kind {
		case nn.Lookup:
			out[i].In, out[i].Out = s.Out, t.net.Tokens()
		case nn.Elementwise:
			out[i] = Layer{Name: s.Name, In: 1, Out: 2 * s.Out, Positions: 1}
		default:
			if s.Bias {
				out[i].In++
			}
		}
	}
	return out
}

// Signals computes the factors of a batch.
func (t *LayerTask) Signals(ctx context.Context, p Params, b Batch, o Objective) (*Factors, error) {
	theta, err := t.pack(p)
	if err != nil {
		return nil, err
	}
	if err := t.check(b); err != nil {
		return nil, err
	}
	f := &Factors{Value: make([]float32, b.X.Rows)}
	for _, l := range t.Layers() {
		f.A = append(f.A, kernels.F32(b.X.Rows*l.Positions, l.In, make([]float32, b.X.Rows*l.Positions*l.In)))
		f.D = append(f.D, kernels.F32(b.X.Rows*l.Positions, l.Out, make([]float32, b.X.Rows*l.Positions*l.Out)))
	}
	pass := t.idle.Get().(*nn.Pass)
	defer t.idle.Put(pass)
	pass.On(t.device)
	for at, tile := 0, t.net.Tile(); at < b.X.Rows; at += tile {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(tile, b.X.Rows-at)
		if err := t.tile(pass, theta, b, at, rows, o, f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (t *LayerTask) pack(p Params) ([]float32, error) {
	p, err := p.Match(t.net.Specs())
	if err != nil {
		return nil, err
	}
	values := make([][]float32, len(p))
	for k := range p {
		values[k] = p[k].Data
	}
	theta := make([]float32, t.net.Size())
	t.net.Pack(theta, values)
	return theta, nil
}

func (t *LayerTask) check(b Batch) error {
	if b.X.Cols != t.net.Input() {
		return fmt.Errorf("samples have %d values, the model takes %d", b.X.Cols, t.net.Input())
	}
	if len(b.Y) != b.X.Rows {
		return fmt.Errorf("%d labels for %d samples", len(b.Y), b.X.Rows)
	}
	for i := range b.X.Rows {
		if err := t.net.CheckTokens(b.X.Row(i)); err != nil {
			return fmt.Errorf("sample %d: %w", b.ID(i), err)
		}
	}
	return nil
}

// tile fills the factors of rows from row at.
func (t *LayerTask) tile(p *nn.Pass, theta []float32, b Batch, at, rows int, o Objective, f *Factors) error {
	width, c := t.net.Input(), t.net.Classes()
	for i := range rows {
		copy(p.X[i*width:(i+1)*width], b.X.Row(at+i))
	}
	p.Begin(1, rows, false, theta, 0)
	p.Forward()
	if err := p.Err(); err != nil {
		return err
	}
	z, grad := make([]float64, c), make([]float64, c)
	logits, seeds := p.Logits(), p.Seeds()
	for i := range rows {
		for j := range z {
			z[j] = float64(logits[i*c+j])
		}
		value, err := o.Logits(t.loss, z, int(b.Y[at+i]), grad)
		if err == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
			err = fmt.Errorf("%v is %v", o, value)
		}
		if err != nil {
			return fmt.Errorf("sample %d: %w", b.ID(at+i), err)
		}
		f.Value[at+i] = float32(value)
		for j, g := range grad {
			seeds[i*c+j] = float32(g)
		}
	}
	p.Backward(nil, 0, 0)
	if err := p.Err(); err != nil {
		return err
	}
	for l, s := range p.Signals() {
		if err := t.place(s, l, f, at, rows); err != nil {
			return fmt.Errorf("sample %d: the signals of layer %q hold %w", b.ID(at+firstBad(s)), s.Name, err)
		}
	}
	return nil
}

var errNotFinite = errors.New("a NaN or an infinity")

// firstBad is the first sample of a layer whose signals are not finite, −1 when there is none.
func firstBad(s nn.Signal) int {
	for _, v := range []struct {
		data  []float32
		width int
	}{{s.A, s.In}, {s.D, s.Out}} {
		for i, x := range v.data {
			if x-x != 0 {
				return i / (v.width * s.Positions)
			}
		}
	}
	return -1
}

// place copies a tile's signals of layer l into the factors.
func (t *LayerTask) place(s nn.Signal, l int, f *Factors, at, rows int) error {
	if firstBad(s) >= 0 {
		return errNotFinite
	}
	for i := range rows * s.Positions {
		a, d := s.A[i*s.In:(i+1)*s.In], s.D[i*s.Out:(i+1)*s.Out]
		to := at*s.Positions + i
		switch s.Kind {
		case nn.Lookup:
			copy(f.A[l].Row(to), d)
			f.D[l].Row(to)[int(a[0])] = 1
		case nn.Elementwise:
			sum := f.D[l].Row(at + i/s.Positions)
			f.A[l].Row(at + i/s.Positions)[0] = 1
			for j, v := range d {
				sum[j] += float32(v * a[j])
				sum[s.Out+j] += v
			}
		default:
			row := f.A[l].Row(to)
			copy(row, a)
			if s.Bias {
				row[s.In] = 1
			}
			copy(f.D[l].Row(to), d)
		}
	}
	return nil
}

package gorgonia

import (
	"context"
	"fmt"

	"attrib/influence"
	"attrib/kernels"
	"attrib/train"
)

// signals fills Factors for the batch, one run of the graph after the other.
func signals[T float](ctx context.Context, t *Task, e *engine[T], b influence.Batch, o influence.Objective) (*influence.Factors, error) {
	f := &influence.Factors{Value: make([]float32, b.X.Rows)}
	for _, l := range t.Layers() {
		f.A = append(f.A, kernels.F32(b.X.Rows, l.In, make([]float32, b.X.Rows*l.In)))
		f.D = append(f.D, kernels.F32(b.X.Rows, l.Out, make([]float32, b.X.Rows*l.Out)))
	}
	for at := 0; at < b.X.Rows; at += e.batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(e.batch, b.X.Rows-at)
		values, seed, err := objective(e, b.X.Slice(at, at+n), func(i int, z, grad []float64) (float64, error) {
			v, err := o.Logits(t.loss, z, int(b.Y[at+i]), grad)
			if err != nil {
				err = fmt.Errorf("sample %d: %w", b.ID(at+i), err)
			}
			return v, err
		})
		if err != nil {
			return nil, err
		}
		active, delta, err := e.signals(seed)
		if err != nil {
			return nil, err
		}
		for i := range n {
			f.Value[at+i] = float32(values[i])
			if err := place(f, e, active, delta, i, at+i); err != nil {
				return nil, fmt.Errorf("sample %d: %w", b.ID(at+i), err)
			}
		}
	}
	return f, nil
}

// objective runs the graph forward and applies value to each sample's logits; seed holds the gradients it gives.
func objective[T float](e *engine[T], x kernels.Matrix, value func(i int, z, grad []float64) (float64, error)) ([]float64, []T, error) {
	flat := make([]T, 0, x.Rows*x.Cols)
	for i := range x.Rows {
		for _, v := range x.Row(i) {
			flat = append(flat, T(v))
		}
	}
	logits, err := e.logits(flat)
	if err != nil {
		return nil, nil, err
	}
	c := e.classes
	values, seed, grad := make([]float64, x.Rows), make([]T, x.Rows*c), make([]float64, c)
	for i := range x.Rows {
		if values[i], err = value(i, convert[float64](logits[i*c:(i+1)*c]), grad); err != nil {
			return nil, nil, err
		}
		for j, g := range grad {
			seed[i*c+j] = T(g)
		}
	}
	return values, seed, nil
}

// place copies row i of a run into row at of the factors; a bias is a last column of ones in A.
func place[T float](f *influence.Factors, e *engine[T], active, delta [][]T, i, at int) error {
	for l, d := range e.layers {
		a, g := active[l][i*d.in:(i+1)*d.in], delta[l][i*d.out:(i+1)*d.out]
		if !isFinite(a) || !isFinite(g) {
			return fmt.Errorf("the signals of layer %q hold a NaN or an infinity", d.name)
		}
		row := f.A[l].Row(at)
		for j, v := range a {
			row[j] = float32(v)
		}
		if d.bias != nil {
			row[d.in] = 1
		}
		out := f.D[l].Row(at)
		for j, v := range g {
			out[j] = float32(v)
		}
	}
	return nil
}

// logits writes the logits of the rows of x.
func logits[T float](e *engine[T], x kernels.Matrix, out []float32) error {
	for at := 0; at < x.Rows; at += e.batch {
		part := x.Slice(at, min(at+e.batch, x.Rows))
		_, _, err := objective(e, part, func(i int, z, _ []float64) (float64, error) {
			for j, v := range z {
				out[(at+i)*e.classes+j] = float32(v)
			}
			return 0, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// batchGradient sets grad to Σ_i scale[i]·∇ℓ_i, tensor by tensor in the order of Specs.
func batchGradient[T float](t *Task, e *engine[T], x kernels.Matrix, y []int32, scale []float32, grad train.Params, loss []float32) error {
	for _, g := range grad {
		clear(g.Data)
	}
	for at := 0; at < x.Rows; at += e.batch {
		n := min(e.batch, x.Rows-at)
		values, seed, err := objective(e, x.Slice(at, at+n), func(i int, z, g []float64) (float64, error) {
			v := train.LossGradient(t.loss, z, int(y[at+i]), g)
			for j := range g {
				g[j] *= float64(scale[at+i])
			}
			return v, nil
		})
		if err != nil {
			return err
		}
		active, delta, err := e.signals(seed)
		if err != nil {
			return err
		}
		for i, v := range values {
			loss[at+i] = float32(v)
			addSample(e.layers, active, delta, i, grad)
		}
	}
	return nil
}

// addSample adds d_i ⊗ a_i to the weights' gradients and d_i to the biases'.
func addSample[T float](layers []denseLayer, active, delta [][]T, i int, grad train.Params) {
	k := 0
	for l, d := range layers {
		a, g := active[l][i*d.in:(i+1)*d.in], delta[l][i*d.out:(i+1)*d.out]
		w := grad[k].Data
		for o, v := range g {
			for j, u := range a {
				w[o*d.in+j] += float32(v * u)
			}
		}
		k++
		if d.bias != nil {
			for o, v := range g {
				grad[k].Data[o] += float32(v)
			}
			k++
		}
	}
}

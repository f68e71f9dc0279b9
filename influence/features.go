package influence

import (
	"context"
	"errors"
	"fmt"

	"attrib/kernels"
	"attrib/store"
)

// Samples are the training samples, read in runs, so that a corpus need not fit into memory.
type Samples interface {
	Len() int64
	// Batch reads n samples from row0. Batch.IDs are what the store calls them: positions in corpus.jsonl. When nil
	// they are row0, row0+1, …
	Batch(ctx context.Context, row0 int64, n int) (Batch, error)
}

// Memory are samples held in memory. ids may be nil: then samples are numbered from 0.
func Memory(x kernels.Matrix, y []int32, ids []int64) Samples {
	return memory{Batch{X: x, Y: y, IDs: ids}}
}

type memory struct{ all Batch }

func (m memory) Len() int64 { return int64(m.all.X.Rows) }

func (m memory) Batch(_ context.Context, row0 int64, n int) (Batch, error) {
	lo, hi := int(row0), int(row0)+n
	if lo < 0 || n < 0 || hi > m.all.X.Rows || len(m.all.Y) != m.all.X.Rows {
		return Batch{}, fmt.Errorf("rows %d to %d of %d samples with %d labels", lo, hi, m.all.X.Rows, len(m.all.Y))
	}
	b := Batch{X: m.all.X.Slice(lo, hi), Y: m.all.Y[lo:hi], IDs: make([]int64, n)}
	for i := range b.IDs {
		b.IDs[i] = m.all.ID(lo + i)
	}
	return b, nil
}

// StoreLayout is the layout of a store of the task's gradients: factored rows, or flat ones.
func StoreLayout(t Task, factored bool) store.Layout {
	layers := t.Layers()
	if !factored {
		return store.Flat(Width(layers))
	}
	out := make([]store.Layer, len(layers))
	for i, l := range layers {
		out[i] = store.Layer{Name: l.Name, In: l.In, Out: l.Out, Positions: l.Positions}
	}
	return store.Factored(out...)
}

// WriteBatch is how many samples are computed at a time unless told otherwise.
const WriteBatch = 256

// WriteOptions of WriteFeatures. The zero value is usable.
type WriteOptions struct {
	Objective Objective               // what is differentiated. Default: Loss, as the methods here want it
	Batch     int                     // samples computed at a time; results do not depend on it. Default: WriteBatch
	Progress  func(done, total int64) // called after every batch. Default: nil
}

// WriteFeatures streams the gradients of all samples into the store, flat or factored as its header says, beginning at
// w.Next(): after a crash it goes on where the last full shard ended. The caller closes w.
func WriteFeatures(ctx context.Context, t Task, p Params, data Samples, w *store.Writer, o WriteOptions) error {
	h := w.Header()
	factored := len(h.Layout.Layers) > 0
	if err := checkHeader(t, data, h, factored); err != nil {
		return err
	}
	if o.Batch <= 0 {
		o.Batch = WriteBatch
	}
	whole := context.WithoutCancel(ctx)
	for at := w.Next(); at < h.Rows; at = w.Next() {
		if err := ctx.Err(); err != nil && !w.InShard() { // the shard in hand is finished first
			return err
		}
		b, err := data.Batch(whole, at, int(min(int64(o.Batch), w.Room())))
		if err != nil {
			return err
		}
		if err := writeBatch(whole, t, p, at, b, w, o.Objective, factored); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(w.Next(), h.Rows)
		}
	}
	return nil
}

func checkHeader(t Task, data Samples, h store.Header, factored bool) error {
	var all []error
	if data.Len() == 0 {
		all = append(all, errors.New("there are no samples"))
	}
	if h.Rows != data.Len() {
		all = append(all, fmt.Errorf("the store is for %d rows, there are %d samples", h.Rows, data.Len()))
	}
	want := StoreLayout(t, factored)
	if h.Layout.Width != want.Width || fmt.Sprint(h.Layout.Layers) != fmt.Sprint(want.Layers) {
		all = append(all, fmt.Errorf("the store's layout %v is not the model's %v", h.Layout, want))
	}
	return errors.Join(all...)
}

func writeBatch(ctx context.Context, t Task, p Params, at int64, b Batch, w *store.Writer, o Objective, factored bool) error {
	ids := make([]int64, b.X.Rows)
	for i := range ids {
		if ids[i] = at + int64(i); b.IDs != nil {
			ids[i] = b.IDs[i]
		}
	}
	f, err := t.Signals(ctx, p, b, o)
	if err != nil {
		return err
	}
	if factored {
		return w.AppendFactors(ids, f.A, f.D)
	}
	rows, err := f.Rows(ctx, t.Layers())
	if err != nil {
		return err
	}
	return w.Append(ids, rows)
}

// Rows are the flat gradient rows (b×Width) of the factors.
func (f *Factors) Rows(ctx context.Context, layers []Layer) (kernels.Matrix, error) {
	var tile kernels.Tile
	tile.Rows = len(f.Value)
	err := kernels.Flatten(f.Source(layers)).Read(ctx, 0, &tile)
	return tile.Flat, err
}

// Source reads the factors as factored rows.
func (f *Factors) Source(layers []Layer) kernels.Source { return factorSource{f, layers} }

type factorSource struct {
	f      *Factors
	layers []Layer
}

func (s factorSource) Len() int64 { return int64(len(s.f.Value)) }

func (s factorSource) Layout() kernels.Layout {
	return kernels.Layout{Width: Width(s.layers), Factors: Dims(s.layers)}
}

func (s factorSource) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Len())); err != nil {
		return err
	}
	t.Flat, t.A, t.D = kernels.Matrix{}, nil, nil
	for l, d := range s.layers {
		lo, hi := int(row0)*d.Positions, (int(row0)+t.Rows)*d.Positions
		t.A, t.D = append(t.A, s.f.A[l].Slice(lo, hi)), append(t.D, s.f.D[l].Slice(lo, hi))
	}
	return nil
}

// QueryGradients computes ∇m(z) for the outputs of b, m being the objective's goodness (minus the loss for Loss). It
// also returns m itself. ids name the outputs. The queries are given flat and in factors.
func QueryGradients(ctx context.Context, t Task, p Params, b Batch, ids []string, o Objective) (Queries, []float32, error) {
	if b.X.Rows == 0 {
		return Queries{}, nil, kernels.ErrNoQueries
	}
	if len(ids) != b.X.Rows {
		return Queries{}, nil, fmt.Errorf("%d names for %d outputs", len(ids), b.X.Rows)
	}
	f, err := t.Signals(ctx, p, b, o)
	if err != nil {
		return Queries{}, nil, fmt.Errorf("output: %w", err)
	}
	rows, err := f.Rows(ctx, t.Layers())
	if err != nil {
		return Queries{}, nil, err
	}
	factors := &kernels.FactoredQueries{Rows: b.X.Rows, Factors: Dims(t.Layers()), A: f.A, D: f.D}
	if o.Goodness() < 0 {
		negate(rows.Floats())
		negate(f.Value)
		factors = negatedFactors(factors)
	}
	return Queries{IDs: ids, Gradients: rows, Factors: factors}, f.Value, nil
}

func negate(v []float32) {
	for i := range v {
		v[i] = -v[i]
	}
}

package embed

import (
	"context"
	"errors"
	"fmt"

	"attrib/kernels"
	"attrib/store"
)

// Items are samples read in runs, so that a corpus need not fit into memory.
type Items interface {
	Len() int64
	// Items reads n items from row0 and what the store calls them: positions in corpus.jsonl.
	Items(ctx context.Context, row0 int64, n int) ([]Item, []int64, error)
}

// Memory are items held in memory, numbered from 0.
type Memory []Item

// Len is the number of items.
func (m Memory) Len() int64 { return int64(len(m)) }

// Items are items row0 … row0+n−1.
func (m Memory) Items(_ context.Context, row0 int64, n int) ([]Item, []int64, error) {
	if row0 < 0 || n < 0 || row0+int64(n) > m.Len() {
		return nil, nil, fmt.Errorf("items %d … of %d", row0, len(m))
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = row0 + int64(i)
	}
	return m[row0 : row0+int64(n)], ids, nil
}

// Header is the header of a store of embeddings, but for the hashes of model, corpus and method.
func Header(e Encoder, rows int64) store.Header {
	return store.Header{
		Schema: store.Schema, Kind: store.KindEmbeddings, Sign: store.SignNone, Measurement: store.MeasureEmbedding,
		Unit: store.UnitArbitrary, Layout: store.Flat(e.Width()), Rows: rows,
	}
}

// Encode turns items into rows (len(items)×Width). name calls an item in errors.
func Encode(e Encoder, items []Item, name func(i int) string) (kernels.Matrix, error) {
	v := make([]float32, len(items)*e.Width())
	for i, item := range items {
		if err := e.Encode(v[i*e.Width():(i+1)*e.Width()], item); err != nil {
			return kernels.Matrix{}, fmt.Errorf("%s: %s encoder: %w", name(i), e.Name(), err)
		}
	}
	return kernels.F32(len(items), e.Width(), v), nil
}

// WriteRows is how many items are encoded at a time unless told otherwise.
const WriteRows = 256

// WriteEmbeddings streams all items into the store, beginning at w.Next(): after a crash it goes on where the last full
// shard ended. batch is how many are encoded at a time, 0 for WriteRows; the store does not depend on it. progress may be
// nil. The caller closes w.
func WriteEmbeddings(ctx context.Context, e Encoder, items Items, w *store.Writer, batch int, progress func(done, total int64)) error {
	h := w.Header()
	if items.Len() == 0 {
		return errors.New("there are no samples")
	}
	if h.Rows != items.Len() || h.Layout.Width != e.Width() || len(h.Layout.Layers) > 0 {
		return fmt.Errorf("the store is for %d rows of width %d, there are %d of width %d", h.Rows, h.Layout.Width, items.Len(), e.Width())
	}
	if batch <= 0 {
		batch = WriteRows
	}
	for at := w.Next(); at < h.Rows; at = w.Next() {
		if err := ctx.Err(); err != nil && !w.InShard() { // the shard in hand is finished first
			return err
		}
		part, ids, err := items.Items(context.WithoutCancel(ctx), at, int(min(int64(batch), w.Room())))
		if err != nil {
			return err
		}
		rows, err := Encode(e, part, func(i int) string { return fmt.Sprintf("sample %d", ids[i]) })
		if err != nil {
			return err
		}
		if err := w.Append(ids, rows); err != nil {
			return err
		}
		if progress != nil {
			progress(w.Next(), h.Rows)
		}
	}
	return nil
}

package store

import (
	"context"
	"fmt"

	"attrib/kernels"
)

// importRows bounds what is read from a foreign file at a time, in numbers.
const importNumbers = 4 << 20

// Import writes the rows of f that the store does not hold yet, beginning at w.Next(): after a crash it goes on where the
// last whole shard ended. progress may be nil. The caller closes w.
func (f *Foreign) Import(ctx context.Context, w *Writer, progress func(done, total int64)) error {
	h := w.Header()
	if h.Rows != f.rows || fmt.Sprint(h.Layout.Layers) != fmt.Sprint(f.layout.Layers) || h.Layout.Width != f.layout.Width {
		return fmt.Errorf("the store is for %d rows of width %d, the files hold %d of width %d", h.Rows, h.Layout.Width, f.rows, f.layout.Width)
	}
	for _, file := range f.files {
		if err := file.importRows(ctx, w, f, progress); err != nil {
			return err
		}
	}
	return nil
}

func (f *foreignFile) importRows(ctx context.Context, w *Writer, all *Foreign, progress func(done, total int64)) error {
	most := max(1, importNumbers/max(1, all.layout.Kernel().RowBytes()/4))
	for next := w.Next(); next < f.row0+f.rows; next = w.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		row0 := next - f.row0
		n := int(min(most, f.rows-row0))
		ids, err := f.readIDs(row0, n)
		if err != nil {
			return err
		}
		tile, err := f.tile(all.layout, row0, n)
		if err != nil {
			return err
		}
		if err := appendTile(w, ids, tile); err != nil {
			return fmt.Errorf("%s: rows %d … %d: %w", f.path, row0, row0+int64(n)-1, err)
		}
		if progress != nil {
			progress(w.Next(), all.rows)
		}
	}
	return nil
}

func appendTile(w *Writer, ids []int64, t *kernels.Tile) error {
	if len(t.A) > 0 {
		return w.AppendFactors(ids, t.A, t.D)
	}
	return w.Append(ids, t.Flat)
}

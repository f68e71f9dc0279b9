package store

import (
	"context"
	"fmt"

	"attrib/kernels"
)

// RewriteOptions of Rewrite. The zero value keeps the form of the rows.
type RewriteOptions struct {
	Type      string // F32, BF16, F16 or I8. Default: as it is
	Flat      bool   // flatten factored rows. Default: no
	ShardRows int64  // rows of a shard. Default: what takes about 64 MiB
}

// Header is the header of what Rewrite makes of a store with header h.
func (o RewriteOptions) Header(h Header) Header {
	if o.Flat && len(h.Layout.Layers) > 0 {
		h.Recipe = h.Columns()
		h.Layout = Flat(h.Layout.Width).As(h.Layout.dtype())
		h.ProjectionSeed = ""
	}
	if o.Type != "" {
		h.Layout.Type = o.Type
	}
	h.ShardRows, h.Shards, h.Covariances = o.ShardRows, nil, nil
	return h
}

// Rewrite writes the rows of s that the store of w does not hold yet, in order: whole shards of about 64 MiB out of many
// small ones, or numbers of another type. Rows whose type stays keep their bits. Covariances are not taken along. progress
// may be nil. The caller closes w.
func Rewrite(ctx context.Context, s *Store, w *Writer, progress func(done, total int64)) error {
	h := w.Header()
	source, most := kernels.Source(s), max(1, rewriteNumbers/max(1, s.header.Layout.rowNumbers()))
	if len(h.Layout.Layers) == 0 {
		source = kernels.Flatten(s)
	}
	same := fmt.Sprint(h.Layout) == fmt.Sprint(s.header.Layout)
	t := new(kernels.Tile)
	defer t.Release()
	for next := w.Next(); next < h.Rows; next = w.Next() {
		if err := ctx.Err(); err != nil && !w.InShard() {
			return err
		}
		n := min(most, w.Room())
		t.Rows = int(n)
		read := source.Read
		if same {
			read = s.readRaw
		}
		if err := read(context.WithoutCancel(ctx), next, t); err != nil {
			return err
		}
		if err := appendTile(w, s.idsOf(next, n), t); err != nil {
			return err
		}
		if progress != nil {
			progress(w.Next(), h.Rows)
		}
	}
	return nil
}

// rewriteNumbers is how many numbers are read at a time.
const rewriteNumbers = 1 << 20

func (s *Store) idsOf(row0, rows int64) []int64 {
	out := make([]int64, rows)
	for i := range out {
		out[i] = s.RowID(row0 + int64(i))
	}
	return out
}

// readRaw copies rows as they lie in the files.
func (s *Store) readRaw(ctx context.Context, row0 int64, t *kernels.Tile) error {
	var m []kernels.Matrix
	for i, c := range s.columns {
		out := kernels.Matrix{Rows: t.Rows * c.lines, Cols: c.width, Stride: c.width, Type: s.header.Layout.dtype()}
		out.Data = make([]byte, 0, out.Rows*out.Cols*out.Type.Size())
		for at, end := row0, row0+int64(t.Rows); at < end; {
			if err := ctx.Err(); err != nil {
				return err
			}
			f := s.shards[s.header.shardOf(at)]
			n := min(end, f.Row0+f.Rows) - at
			piece, err := f.matrix(&s.windows, s.header.Layout, i, at-f.Row0, n, t, 3*i+1)
			if err != nil {
				return err
			}
			out.Data, out.Scale = append(out.Data, piece.Data...), append(out.Scale, piece.Scale...)
			at += n
		}
		m = append(m, out)
	}
	setParts(t, m, len(s.header.Layout.Layers) > 0)
	return nil
}

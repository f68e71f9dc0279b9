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
	source := kernels.Source(s)
	if len(h.Layout.Layers) == 0 {
		source = kernels.Flatten(s)
	}
	same := fmt.Sprint(h.Layout) == fmt.Sprint(s.header.Layout)
	for i, sh := range h.Shards {
		if sh.Done {
			continue
		}
		t := &kernels.Tile{Rows: int(sh.Rows)}
		var err error
		if same {
			err = s.readRaw(ctx, sh.Row0, t)
		} else {
			err = source.Read(ctx, sh.Row0, t)
		}
		if err == nil {
			err = w.WriteShard(i, s.idsOf(sh.Row0, sh.Rows), t)
		}
		t.Release()
		if err != nil {
			return err
		}
		if progress != nil {
			progress(sh.Row0+sh.Rows, h.Rows)
		}
	}
	return nil
}

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

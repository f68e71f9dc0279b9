package store

import (
	"context"
	"errors"

	"attrib/kernels"
)

// Raw is the store with its rows in the type of the files, for devices that decode them where they are used: half the memory is
// read, or a quarter. Factored rows come as single precision all the same.
func (s *Store) Raw() kernels.Source {
	if len(s.header.Layout.Layers) > 0 || s.header.Layout.dtype() == kernels.TypeF32 {
		return s
	}
	return raw{s}
}

type raw struct{ *Store }

func (r raw) Layout() kernels.Layout {
	return kernels.Layout{Type: r.header.Layout.dtype(), Width: r.header.Layout.Width}
}

// Read views rows that lie in one window of a shard and copies others.
func (r raw) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, r.Len())); err != nil {
		return err
	}
	if r.windows.isClosed() {
		return errClosed
	}
	t.A, t.D = nil, nil
	k := r.header.shardOf(row0)
	f := r.shards[k]
	var err error
	if row0+int64(t.Rows) <= f.Row0+f.Rows {
		t.Flat, err = f.matrix(&r.windows, r.header.Layout, 0, row0-f.Row0, int64(t.Rows), t, 1)
		return err
	}
	t.Flat, err = r.across(row0, k, t)
	return err
}

// across copies rows of several shards.
func (r raw) across(row0 int64, k int, t *kernels.Tile) (kernels.Matrix, error) {
	size, width := r.header.Layout.dtype().Size(), r.header.Layout.Width
	bytes := t.Rows * width * size
	m := kernels.Matrix{Rows: t.Rows, Cols: width, Stride: width, Type: r.header.Layout.dtype(), Data: kernels.Bytes(t.Buffer(0, (bytes+3)/4))[:bytes]}
	if m.Type == kernels.TypeI8 {
		m.Scale = make([]float32, t.Rows)
	}
	for at := 0; at < t.Rows; k++ {
		f := r.shards[k]
		n := min(t.Rows-at, int(f.Row0+f.Rows-row0)-at)
		part, err := f.matrix(&r.windows, r.header.Layout, 0, row0+int64(at)-f.Row0, int64(n), t, 1)
		if err != nil {
			return m, err
		}
		copy(m.Data[at*width*size:], part.Data)
		copy(m.Scale[min(at, len(m.Scale)):], part.Scale)
		at += n
	}
	return m, nil
}

package kernels

import "context"

// Section is rows row0 … row0+n−1 of a source as a source of its own.
func Section(s Source, row0, n int64) Source { return section{s, row0, n} }

type section struct {
	Source
	row0, n int64
}

func (c section) Len() int64 { return c.n }

func (c section) Read(ctx context.Context, row0 int64, t *Tile) error {
	if err := t.CheckRange(row0, c.n); err != nil {
		return err
	}
	return c.Source.Read(ctx, c.row0+row0, t)
}

// Fault asks the source that it is a part of.
func (c section) Fault(at uintptr) error {
	if f, ok := c.Source.(Faulting); ok {
		return f.Fault(at)
	}
	return nil
}

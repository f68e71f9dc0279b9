package cpu

import (
	"context"

	"attrib/kernels"
)

// singleSource gives rows of any type as single precision numbers.
type singleSource struct{ kernels.Source }

// single is s itself when its rows are F32.
func single(s kernels.Source) kernels.Source {
	if s.Layout().Type == kernels.TypeF32 {
		return s
	}
	return singleSource{s}
}

func (s singleSource) Layout() kernels.Layout {
	l := s.Source.Layout()
	l.Type = kernels.TypeF32
	return l
}

// decodeSlot is a buffer of the tile that sources do not use.
const decodeSlot = 15

func (s singleSource) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := readRows(ctx, s.Source, row0, t.Rows, t); err != nil {
		return err
	}
	v := t.Buffer(decodeSlot, t.Rows*t.Flat.Cols)
	t.Flat.Decode(v)
	t.Flat = kernels.F32(t.Rows, t.Flat.Cols, v)
	return nil
}

// Fault asks the source itself.
func (s singleSource) Fault(addr uintptr) error {
	if f, ok := s.Source.(kernels.Faulting); ok {
		return f.Fault(addr)
	}
	return nil
}

package cuda

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// CardRows are flat rows in the memory of a card.
type CardRows struct {
	Ordinal int            // of the card, as in "cuda:0"
	Address driver.Pointer // of the first row
	Rows    int64
	Width   int           // elements of a row
	Type    kernels.DType // of the elements
	Stride  int64         // bytes from one row to the next, a multiple of the elements' size; 0 for rows without gaps
	Scale   []float32     // one factor per row, I8 only; in the host's memory
}

// Validate reports everything that is wrong, together.
func (r CardRows) Validate() error {
	l := kernels.Layout{Type: r.Type, Width: r.Width}
	if err := l.Validate(); err != nil {
		return err
	}
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	size := int64(r.Type.Size())
	if r.Address == 0 || r.Address%driver.Pointer(size) != 0 {
		bad("rows at address %#x of a card, want a multiple of %d", uint64(r.Address), size)
	}
	if r.Rows < 0 {
		bad("%d rows", r.Rows)
	}
	if r.Stride != 0 && (r.Stride < l.RowBytes() || r.Stride%size != 0) {
		bad("rows %d bytes apart, want at least %d and a multiple of %d", r.Stride, l.RowBytes(), size)
	}
	if r.Type == kernels.TypeI8 && int64(len(r.Scale)) != r.Rows || r.Type != kernels.TypeI8 && r.Scale != nil {
		bad("%d scales for %d rows of type %v", len(r.Scale), r.Rows, r.Type)
	}
	return errors.Join(errs...)
}

// fits says whether the kernels can read the rows where they lie (rows.cuh): every row begins at a multiple of 16 bytes
// and nothing else lies in its last 16.
func (r CardRows) fits() bool {
	return r.Address%16 == 0 && r.Stride%16 == 0 && r.Width*r.Type.Size()%16 == 0
}

// CardSource is rows of a card as a source. Close gives back what it holds beside them.
type CardSource interface {
	kernels.Source
	// InPlace says whether scans of that device read the rows where they lie. They do when the address, the stride and
	// the bytes of a row are multiples of 16; otherwise rows take the way through the host's memory.
	InPlace() bool
	Close() error
}

// OnCard makes a source of rows that already lie on a card of the device, without a copy of them when they are aligned
// ([CardSource]). Other devices can read it too, through the host's memory. The rows must stay as they are while a call
// works on them, and the memory must be of the context that the device works in: the primary one, or that of [Adopt].
func OnCard(d Device, r CardRows) (CardSource, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	dev, ok := d.(*device)
	if !ok {
		return nil, fmt.Errorf("OnCard on a %T, want a device of this package", d)
	}
	if r.Stride == 0 {
		r.Stride = int64(r.Width) * int64(r.Type.Size())
	}
	for _, g := range dev.gpus {
		if g.card.Info().Ordinal == r.Ordinal {
			return newCardSource(g, r)
		}
	}
	return nil, fmt.Errorf("rows on cuda:%d, which the device does not use", r.Ordinal)
}

type cardSource struct {
	CardRows
	*work
	rows   *driver.Memory
	scales *driver.Memory // of I8 rows
	reads  *driver.Stream
	coarse func() int64 // the first row whose scale no sketch can have, or the number of rows; found once
}

func newCardSource(g *gpu, r CardRows) (*cardSource, error) {
	s := &cardSource{CardRows: r, work: g.work()}
	s.coarse = sync.OnceValue(func() int64 {
		i := slices.IndexFunc(r.Scale, func(x float32) bool { return sketchScales(0, []float32{x}) != nil })
		if i < 0 {
			return r.Rows
		}
		return int64(i)
	})
	bytes := max(0, r.Rows-1)*r.Stride + min(1, r.Rows)*int64(r.Width)*int64(r.Type.Size())
	s.rows = g.ctx.AdoptMemory(r.Address, uint64(bytes))
	var err error
	if s.reads, err = s.stream(); err == nil && r.Scale != nil {
		s.scales, err = upload(s.work, s.reads, r.Scale)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *cardSource) Len() int64 { return s.Rows }

func (s *cardSource) Layout() kernels.Layout { return kernels.Layout{Type: s.Type, Width: s.Width} }

func (s *cardSource) InPlace() bool { return s.fits() }

func (s *cardSource) Close() error { return s.work.close() }

// Read copies rows to the host's memory.
func (s *cardSource) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Rows)); err != nil {
		return err
	}
	m := kernels.Matrix{Rows: t.Rows, Cols: s.Width, Stride: int(s.Stride) / s.Type.Size(), Type: s.Type}
	t.A, t.D = nil, nil
	if t.Rows > 0 {
		bytes := (t.Rows-1)*int(s.Stride) + s.Width*s.Type.Size()
		m.Data = kernels.Bytes(t.Buffer(0, (bytes+3)/4))[:bytes]
		if err := errors.Join(s.follow(s.reads), s.reads.CopyOut(m.Data, s.rows, uint64(row0*s.Stride))); err != nil {
			return err
		}
	}
	if s.Scale != nil {
		m.Scale = s.Scale[row0 : row0+int64(t.Rows)]
	}
	t.Flat = m
	return nil
}

// inPlace is the input when the rows are not to be moved: tiles have no rows then, only numbers of rows.
type inPlace struct {
	*flat
	source *cardSource
	last   int64 // row that was read last, for finite
}

// placed reads the rows of the job's source where they lie, if that can be.
func (c *card) placed(in input) input {
	f, flat := in.(*flat)
	s, onCard := c.job.source.(*cardSource)
	if !flat || !onCard || s.gpu != c.gpu || !s.fits() {
		return in
	}
	f.placed = s
	return &inPlace{flat: f, source: s}
}

func (in *inPlace) bytes(int) int64 { return 0 }

func (in *inPlace) read(_ context.Context, _ *kernels.Tile, _ []byte, _ int, row0 int64, lo, n int) error {
	in.last = row0 + int64(lo)
	if at := in.last; in.check != nil && in.source.coarse() < at+int64(n) {
		return in.check(at, in.source.Scale[at:at+int64(n)])
	}
	return nil
}

func (in *inPlace) finite([]byte) bool {
	t := kernels.Tile{Rows: 1}
	if err := in.source.Read(context.Background(), in.last, &t); err != nil {
		return true // what follows fails on the card too
	}
	row := make([]float32, in.source.Width)
	t.Flat.Decode(row)
	return kernels.Finite(row)
}

// arg is rows row0 ≤ i < row0+n for a kernel.
func (s *cardSource) arg(row0 int64, n int) rowsArg {
	r := rowsArg{Data: s.rows.At(uint64(row0 * s.Stride)), Stride: s.Stride, Count: int32(n), Width: int32(s.Width), Type: int32(s.Type)}
	if s.scales != nil {
		r.Scale = s.scales.At(uint64(4 * row0))
	}
	return r
}

// where is the memory that holds the rows of a tile from lo on, the byte they begin at and that from row to row.
func (in *flat) where(t *slot, lo int) (m *driver.Memory, at, stride int64) {
	if s := in.placed; s != nil {
		return s.rows, (t.row0 + int64(lo)) * s.Stride, s.Stride
	}
	return t.mem, in.stride * int64(lo), in.stride
}

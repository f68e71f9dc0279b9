package kernels

import (
	"context"
	"errors"
	"fmt"
	"unsafe"
)

// FactorDims is the shape of one layer of a factored row: activations A (Positions×In) and output gradients D
// (Positions×Out). The row's gradient in that layer is Dᵀ·A, an Out×In matrix; a bias is a last column of ones in A.
type FactorDims struct{ In, Out, Positions int }

// maxWidth bounds widths, so that sizes in bytes never overflow.
const maxWidth = 1 << 40

func (f FactorDims) validate() error {
	for _, v := range [][2]int{{f.In, f.Out}, {f.Positions, f.In}, {f.Positions, f.Out}} {
		if v[0] <= 0 || v[1] <= 0 || v[0] > maxWidth/v[1] {
			return fmt.Errorf("in %d, out %d, positions %d must be positive, and their products at most %d", f.In, f.Out, f.Positions, maxWidth)
		}
	}
	return nil
}

// Layout says how a source's rows are held. Flat rows have Width elements. Factored rows have one A and one D per
// layer, and Width is Σ In·Out, the width after Flatten.
type Layout struct {
	Type    DType
	Width   int
	Factors []FactorDims // empty for flat rows
}

// Validate reports everything that is wrong with the layout, together.
func (l Layout) Validate() error {
	var errs []error
	if l.Type.Size() == 0 {
		errs = append(errs, fmt.Errorf("unknown element type %v", l.Type))
	}
	if l.Width <= 0 || l.Width > maxWidth {
		errs = append(errs, fmt.Errorf("row width %d is not in 1 … %d", l.Width, maxWidth))
	}
	sum := 0
	for i, f := range l.Factors {
		if err := f.validate(); err != nil {
			errs = append(errs, fmt.Errorf("factor %d: %w", i, err))
			continue
		}
		sum = min(sum+f.In*f.Out, maxWidth+1)
	}
	if len(errs) == 0 && len(l.Factors) > 0 && sum != l.Width {
		errs = append(errs, fmt.Errorf("row width %d is not the %d of its factors", l.Width, sum))
	}
	return errors.Join(errs...)
}

// RowBytes is the memory of one row as it is held.
func (l Layout) RowBytes() int64 {
	n := int64(l.Width)
	if len(l.Factors) > 0 {
		n = 0
		for _, f := range l.Factors {
			n += int64(f.Positions) * int64(f.In+f.Out)
		}
	}
	return n * int64(l.Type.Size())
}

// Source is n rows read in tiles, by several goroutines at once and as often as needed. Read fills t with rows
// row0 … row0+t.Rows−1; the caller keeps that range inside 0 … Len. What it puts in t may be a view of the source's own
// memory: it is read only and valid until the next Read into the same tile or until the source is closed.
type Source interface {
	Len() int64
	Layout() Layout
	Read(ctx context.Context, row0 int64, t *Tile) error
}

// Tile is a run of rows. Rows is set by the caller before Read. Flat sources fill Flat (Rows×Width); factored ones
// fill, per layer, A (Rows·Positions × In) and D (Rows·Positions × Out). The zero value is usable; a tile belongs to
// one goroutine.
type Tile struct {
	Rows int
	Flat Matrix
	A, D []Matrix

	buffers [][]float32
	held    []Held // by slot
	inner   *Tile  // what Flatten reads its factors into
}

// Held is memory of a source that a tile views: a window of a mapped file. Unhold is called once for every Hold.
type Held interface{ Unhold() }

// Hold keeps h until the next Hold of that slot or until Release. A source calls it for memory that it hands out and may
// take back when no tile views it; h may be nil.
func (t *Tile) Hold(slot int, h Held) {
	for len(t.held) <= slot {
		t.held = append(t.held, nil)
	}
	old := t.held[slot]
	t.held[slot] = h
	if old != nil {
		old.Unhold()
	}
}

// Release gives back what the tile views. A reader calls it when it is done with the tile; the rows are gone then.
func (t *Tile) Release() {
	for slot := range t.held {
		t.Hold(slot, nil)
	}
	if t.inner != nil {
		t.inner.Release()
	}
}

// Buffer returns n numbers of memory that the tile keeps for reuse under that slot (a small number). Their content is
// whatever was there. Sources that cannot hand out views read into it.
func (t *Tile) Buffer(slot, n int) []float32 {
	for len(t.buffers) <= slot {
		t.buffers = append(t.buffers, nil)
	}
	if cap(t.buffers[slot]) < n {
		t.buffers[slot] = aligned(n)
	}
	return t.buffers[slot][:n]
}

// aligned makes n numbers that start at a cache line.
func aligned(n int) []float32 {
	v := make([]float32, n+15)
	skip := 0
	for uintptr(unsafe.Pointer(&v[skip]))%64 != 0 {
		skip++
	}
	return v[skip : skip+n : skip+n]
}

// CheckRange is what a Source's Read tests first: the wanted rows exist.
func (t *Tile) CheckRange(row0, n int64) error {
	if t.Rows < 0 || row0 < 0 || row0 > n || int64(t.Rows) > n-row0 {
		return fmt.Errorf("rows %d … %d wanted from a source of %d rows", row0, row0+int64(t.Rows)-1, n)
	}
	return nil
}

type matrixSource struct{ m Matrix }

// MatrixSource reads rows from memory. It panics when m is not a valid matrix.
func MatrixSource(m Matrix) Source {
	if err := m.Validate(); err != nil {
		panic("kernels: MatrixSource: " + err.Error())
	}
	return matrixSource{m}
}

func (s matrixSource) Len() int64     { return int64(s.m.Rows) }
func (s matrixSource) Layout() Layout { return Layout{Type: s.m.Type, Width: s.m.Cols} }

func (s matrixSource) Read(ctx context.Context, row0 int64, t *Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Len())); err != nil {
		return err
	}
	t.Flat = s.m.Slice(int(row0), int(row0)+t.Rows)
	t.A, t.D = nil, nil
	return nil
}

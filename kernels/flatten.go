package kernels

import (
	"context"
	"fmt"

	"attrib/kernels/vec"
)

type flatSource struct {
	Source
	layout Layout
}

// Flatten turns factored rows into flat ones while they are read, tile by tile. Layer after layer, row i holds
// Σ_t D[t]⊗A[t] as an Out×In row-major matrix (PyTorch's weight layout, the bias as last column when A ends in ones),
// summed over positions in order in float32. A flat source is returned as it is.
func Flatten(s Source) Source {
	l := s.Layout()
	if len(l.Factors) == 0 {
		return s
	}
	return &flatSource{Source: s, layout: Layout{Type: l.Type, Width: l.Width}}
}

func (s *flatSource) Layout() Layout { return s.layout }

// Fault asks the factored source.
func (s *flatSource) Fault(addr uintptr) error {
	if f, ok := s.Source.(Faulting); ok {
		return f.Fault(addr)
	}
	return nil
}

func (s *flatSource) Read(ctx context.Context, row0 int64, t *Tile) error {
	if s.layout.Type != TypeF32 {
		return fmt.Errorf("factors of type %v cannot be flattened, only F32", s.layout.Type)
	}
	if t.inner == nil {
		t.inner = new(Tile)
	}
	t.inner.Rows = t.Rows
	if err := s.Source.Read(ctx, row0, t.inner); err != nil {
		return err
	}
	factored := s.Source.Layout()
	if err := t.inner.CheckFactors(factored); err != nil {
		return err
	}
	t.Flat = F32(t.Rows, s.layout.Width, t.Buffer(0, t.Rows*s.layout.Width))
	t.A, t.D = nil, nil
	for i := range t.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		flattenRow(t.Flat.Row(i), factored.Factors, t.inner, i)
	}
	return nil
}

func flattenRow(out []float32, dims []FactorDims, t *Tile, i int) {
	for l, f := range dims {
		f.MultiplyOut(out[:f.In*f.Out], t.A[l], t.D[l], i)
		out = out[f.In*f.Out:]
	}
}

// MultiplyOut sets out (In·Out numbers) to Σ_p D[p]⊗A[p] of row i, as Flatten does: a and d are the factors of a tile's
// layer, F32. The bits are the same on every machine.
func (f FactorDims) MultiplyOut(out []float32, a, d Matrix, i int) {
	p := i * f.Positions
	vec.OuterSum(out, f.Out, f.In, f.Positions, d.Floats()[p*d.Stride:], d.Stride, a.Floats()[p*a.Stride:], a.Stride)
}

package cpu

import (
	"context"

	"attrib/kernels"
	"attrib/kernels/simd"
)

const (
	gramRun   = 128 // rows whose products are summed in float32 before they are added to float64
	gramChunk = 8   // runs that are held at once
	gramCols  = 48  // columns of a panel, a multiple of the tiles of every path
	gramGroup = 2   // panels of rows of the result that a worker keeps in its second cache

	gramStripe = 8 // panels of columns that meet them in one unit of work, at most
)

// Gram is Σ g gᵀ. With AVX-512 or AVX2, the products of rows 128·c … 128·c+127 are summed in float32, in row order from
// zero and fused, and that sum is added to float64, c after c; both give the same bits. Plain Go multiplies and adds in
// float64, row after row. Neither tiles nor workers change a bit: workers share the elements of the result, not rows.
//
// The error of an element (i, j) is at most 128·2⁻²⁴·√(G_ii·G_jj). Measured, it is below 1e-7·√(G_ii·G_jj) for random rows,
// below 4e-7 of it for the gradients of small trained networks, and at most 2e-6 of it where a column is one constant
// over all rows, so that all roundings go the same way.
//
// Numbers of any finite size are summed as well: a column whose largest magnitude within the 128 rows is outside
// 2⁻⁵⁶ … 2⁵⁶ is multiplied by a power of two before, and its sums by the inverse after, so that float32 neither overflows
// nor loses small products.
//
// Rows that are not F32 are decoded first. Memory is one tile a worker, 1,024 rows in float32, and the result.
func (d *device) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.gram(ctx, s, d.path)
}

// gram is Gram on a path.
func (d *device) gram(ctx context.Context, s kernels.Source, path simd.Path) (*kernels.Sym64, error) {
	if s.Len() == 0 {
		return nil, kernels.ErrEmptySource
	}
	flat := kernels.Flatten(s)
	if err := flat.Layout().Validate(); err != nil {
		return nil, err
	}
	g := newGram(flat.Layout().Width, s.Len(), path, d.Workers)
	for row0 := int64(0); row0 < s.Len(); row0 += gramRun * gramChunk {
		g.rows = int(min(gramRun*gramChunk, s.Len()-row0))
		if err := d.readChunk(ctx, flat, row0, g); err != nil {
			return nil, err
		}
		d.units(ctx, len(g.strips), func(worker, i int) { g.add(worker, i) })
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	d.units(ctx, g.panels(), func(_, i int) { g.mirror(i) })
	return g.out, ctx.Err()
}

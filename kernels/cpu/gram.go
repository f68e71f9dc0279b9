package cpu

import (
	"context"
	"sync"
	"sync/atomic"

	"attrib/kernels"
)

// Gram is Σ g gᵀ in float64. Every element is one sum in row order, carried on from tile to tile, so neither tiles nor
// workers change its bits; workers share the elements, not the rows. Memory is one tile, in float64, and the result.
func (d *device) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	flat, err := source(s)
	if err != nil {
		return nil, err
	}
	if err := flat.Layout().Validate(); err != nil {
		return nil, err
	}
	w := flat.Layout().Width
	g := &gram{out: &kernels.Sym64{N: w, Data: make([]float64, w*w)}, panels: make([][]float64, (w+2)/3)}
	rows := max(1, min(d.TileBytes/int64(8*w), 1024))
	t := new(kernels.Tile)
	defer t.Release()
	for row0 := int64(0); row0 < s.Len(); row0 += rows {
		err := kernels.Guard(flat, func() error { return readTile(ctx, flat, row0, int(min(rows, s.Len()-row0)), t) })
		if err != nil {
			return nil, err
		}
		d.panels(ctx, g, func(i int) { g.pack(i, t.Flat) })
		d.panels(ctx, g, g.accumulate)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	d.panels(ctx, g, g.mirror)
	return g.out, ctx.Err()
}

// panels calls work for every panel of columns, on all workers, until the context is cancelled.
func (d *device) panels(ctx context.Context, g *gram, work func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(d.Workers, len(g.panels)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(g.panels) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

// gram holds the tile as panels of three columns each, row after row; the last one is filled up with zeros.
type gram struct {
	out    *kernels.Sym64
	panels [][]float64
}

func (g *gram) pack(i int, tile kernels.Matrix) {
	if cap(g.panels[i]) < 3*tile.Rows {
		g.panels[i] = make([]float64, 3*tile.Rows)
	}
	p := g.panels[i][:3*tile.Rows]
	g.panels[i] = p
	n := min(3, tile.Cols-3*i)
	for r := range tile.Rows {
		for c, v := range tile.Row(r)[3*i : 3*i+n] {
			p[3*r+c] = float64(v)
		}
	}
}

// accumulate adds the tile to rows 3i … 3i+2 of the upper triangle.
func (g *gram) accumulate(i int) {
	for j := i; j < len(g.panels); j++ {
		var s [9]float64
		g.each(i, j, func(at, k int) { s[k] = g.out.Data[at] })
		outer33(g.panels[i], g.panels[j], &s)
		g.each(i, j, func(at, k int) { g.out.Data[at] = s[k] })
	}
}

// each visits the elements of block (i, j) that exist.
func (g *gram) each(i, j int, visit func(at, k int)) {
	w := g.out.N
	for a := 0; a < 3 && 3*i+a < w; a++ {
		for b := 0; b < 3 && 3*j+b < w; b++ {
			visit((3*i+a)*w+3*j+b, 3*a+b)
		}
	}
}

// mirror fills rows of the lower triangle.
func (g *gram) mirror(i int) {
	w := g.out.N
	for r := 3 * i; r < min(3*i+3, w); r++ {
		for c := range r {
			g.out.Data[r*w+c] = g.out.Data[c*w+r]
		}
	}
}

// outer33 adds the products of the columns of two panels to s, row after row. The products of two float32 are exact
// in float64, so fusing changes nothing.
func outer33(p, q []float64, s *[9]float64) {
	q = q[:len(p)]
	s00, s01, s02, s10, s11, s12, s20, s21, s22 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]
	for k := 0; k+2 < len(p); k += 3 {
		x, y, z := q[k], q[k+1], q[k+2]
		a := p[k]
		s00 += a * x
		s01 += a * y
		s02 += a * z
		b := p[k+1]
		s10 += b * x
		s11 += b * y
		s12 += b * z
		c := p[k+2]
		s20 += c * x
		s21 += c * y
		s22 += c * z
	}
	*s = [9]float64{s00, s01, s02, s10, s11, s12, s20, s21, s22}
}

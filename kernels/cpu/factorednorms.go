package cpu

import (
	"context"
	"math"

	"attrib/kernels"
)

// rowNorms are the norms of a chunk of factored rows, for Cosine.
type rowNorms struct {
	squared  []float64 // sum over the layers
	a, d     []float64 // of one layer
	by       []float32 // what scores are multiplied by
	extremes []extreme
}

// extreme is a row whose products could leave the range of float32, or lose places near its end.
type extreme struct {
	row  int
	norm float64
}

func (r *rowNorms) start(rows int) {
	if r.squared == nil {
		r.squared, r.a, r.d = make([]float64, chunkRows), make([]float64, chunkRows), make([]float64, chunkRows)
		r.by = make([]float32, chunkRows)
	}
	r.squared = r.squared[:rows]
	clear(r.squared)
}

// addFlat adds the squares of a layer that is multiplied out.
func (r *rowNorms) addFlat(u *unit, m kernels.Matrix) {
	u.norms(&m.Floats()[0], m.Stride, m.Rows, m.Cols, &r.a[0])
	for i := range r.squared {
		r.squared[i] += r.a[i]
	}
}

// addPairs adds the squares of a layer in factors.
func (r *rowNorms) addPairs(ctx context.Context, u *unit, rows *factors, l int) error {
	a, d := rows.a[l], rows.d[l]
	if rows.dims[l].Positions > 1 {
		for i := range r.squared {
			if err := ctx.Err(); err != nil { // a row of many positions takes long
				return err
			}
			r.squared[i] += kernels.FactoredNorm(rows.dims[l:l+1], rows.a[l:l+1], rows.d[l:l+1], i)
		}
		return nil
	}
	u.norms(&a.Floats()[0], a.Stride, a.Rows, a.Cols, &r.a[0])
	u.norms(&d.Floats()[0], d.Stride, d.Rows, d.Cols, &r.d[0])
	for i := range r.squared {
		r.squared[i] += r.a[i] * r.d[i]
	}
	return nil
}

// finish sets r.by and r.extremes. A row that is not finite keeps a score that is not.
func (r *rowNorms) finish(rows *factors) {
	r.extremes = r.extremes[:0]
	for i, squared := range r.squared {
		norm := math.Sqrt(squared)
		r.by[i] = float32(1 / norm)
		if norm >= lowNorm && norm <= highNorm || !rows.finite(i) {
			continue
		}
		r.by[i] = 0
		r.extremes = append(r.extremes, extreme{i, math.Sqrt(kernels.FactoredNorm(rows.dims, rows.a, rows.d, i))})
	}
}

// divide turns products with unit queries into cosines.
func (f *factoredFinder) divide(rows *factors) {
	f.norms.finish(rows)
	for i, p := range f.packs {
		total := f.totals[i]
		f.unit.scaleRows(&total[0], &f.norms.by[0], rows.n, p.lanes)
		for _, e := range f.norms.extremes {
			for lane := range p.lanes {
				query := p.first + min(lane, p.count-1)
				total[e.row*p.lanes+lane] = exactCosine(f.of.layers, query, rows, e)
			}
		}
	}
}

// exactCosine is the cosine of a unit query and an extreme row in float64, where nothing overflows.
func exactCosine(layers []*layer, query int, rows *factors, e extreme) float32 {
	if e.norm == 0 {
		return 0
	}
	total := 0.0
	for l, layer := range layers {
		positions := layer.rows.Positions
		for p := range positions {
			a, d := rows.a[l].Row(e.row*positions+p), rows.d[l].Row(e.row*positions+p)
			for q := range layer.a {
				total += exactProduct(layer.a[q].Row(query), a) * exactProduct(layer.d[q].Row(query), d)
			}
		}
	}
	return float32(total / e.norm)
}

func exactProduct(x, y []float32) float64 {
	sum := 0.0
	for k, v := range x {
		sum += float64(v) * float64(y[k])
	}
	return sum
}

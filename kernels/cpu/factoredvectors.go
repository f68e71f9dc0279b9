package cpu

import (
	"context"
	"math"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// factoredVectors is a scan of factored rows with the kernels of a unit. Its packs hold no queries: those are in
// layers.
type factoredVectors struct {
	*vectors
	multiplyAdd func(dst, x, y *float32, n int)
	layers      []*layer
	packs       [][]layerPack // by pack, by layer
	workers     []*factoredFinder
	cosine      bool
}

// layerPack is a layer of a pack of queries.
type layerPack struct {
	a, d []*pack // by position
	flat *pack   // when multiplied out
}

func newFactoredVectors(path simd.Path, layers []*layer, scan *kernels.Scan, n int64, workers int) *factoredVectors {
	bare := *scan
	bare.Metric = kernels.InnerProduct
	v := &factoredVectors{vectors: newVectors(units[path], &bare, n, workers), multiplyAdd: multiplyAdds[path], layers: layers,
		workers: make([]*factoredFinder, workers), cosine: scan.Metric == kernels.Cosine}
	v.packs = make([][]layerPack, len(v.measure.packs))
	for i := range v.packs {
		v.packs[i] = make([]layerPack, len(layers))
	}
	for l, from := range layers {
		if from.expanded {
			for i, p := range v.pack(from.flat) {
				v.packs[i][l].flat = p
			}
			continue
		}
		for p := range from.a {
			a, d := v.pack(from.a[p]), v.pack(from.d[p])
			for i := range v.packs {
				x := &v.packs[i][l]
				x.a, x.d = append(x.a, a[i]), append(x.d, d[i])
			}
		}
	}
	return v
}

func (v *factoredVectors) pack(m kernels.Matrix) []*pack {
	return newPacks(v.unit, m, kernels.InnerProduct, nil)
}

// factoredFinder is a finder and memory for scores of a chunk of rows, rows × lanes of a pack.
type factoredFinder struct {
	*finder
	of       *factoredVectors
	totals   [][]float32 // by pack
	a, d     []float32   // products of one position
	ones     []float32
	expanded []float32 // rows of a layer
	norms    rowNorms
}

func (v *factoredVectors) finder(worker int) *factoredFinder {
	if v.workers[worker] == nil {
		f := &factoredFinder{finder: v.vectors.finder(worker), of: v}
		n := len(f.scratch.scores)
		f.a, f.d, f.ones = f.scratch.scores, aligned[float32](n), aligned[float32](n)
		for i := range f.ones {
			f.ones[i] = 1
		}
		for _, p := range f.packs {
			f.totals = append(f.totals, aligned[float32](chunkRows*p.lanes))
		}
		v.workers[worker] = f
	}
	return v.workers[worker]
}

// rows is finder.chunk for factored rows. The error is that of the lowest row.
func (v *factoredVectors) rows(ctx context.Context, worker int, row0 int64, rows *factors) error {
	f := v.finder(worker)
	if len(f.scan.Reduce) > 0 {
		f.group = f.scan.Group[row0 : row0+int64(rows.n)]
	}
	if err := f.scores(ctx, rows); err != nil {
		return err
	}
	var lowest error
	left := rows.n
	for i, p := range f.packs {
		f.scratch.scores = f.totals[i]
		if f.unit.largest(&f.scratch.scores[0], left*p.lanes) > f.limit {
			if at, err := f.inspect(p, row0, rows.slice(0, left).flags()); err != nil {
				lowest, left = err, at // only lower rows matter now
			}
		}
		if lowest == nil {
			f.fold(p, row0, rows.n)
		} else if left == 0 {
			break
		}
	}
	return lowest
}

// flags is one number a row: NaN for a row that is not finite.
func (f *factors) flags() kernels.Matrix {
	v := make([]float32, f.n)
	for i := range v {
		if !f.finite(i) {
			v[i] = float32(math.NaN())
		}
	}
	return kernels.F32(f.n, 1, v)
}

// scores fills f.totals, layer after layer.
func (f *factoredFinder) scores(ctx context.Context, rows *factors) error {
	for i, p := range f.packs {
		clear(f.totals[i][:rows.n*p.lanes])
	}
	f.norms.start(rows.n)
	for l, layer := range f.of.layers {
		var err error
		if layer.expanded {
			err = f.addFlat(ctx, rows, l)
		} else {
			err = f.addPairs(ctx, rows, l)
		}
		if err != nil {
			return err
		}
	}
	if f.of.cosine {
		f.divide(rows)
	}
	return nil
}

// addFlat adds the products of a layer that is multiplied out.
func (f *factoredFinder) addFlat(ctx context.Context, rows *factors, l int) error {
	m, err := f.of.layers[l].expand(ctx, &f.expanded, rows.a[l], rows.d[l])
	if err != nil {
		return err
	}
	for i, p := range f.of.packs {
		if err := f.products(ctx, f.a, p[l].flat, m); err != nil {
			return err
		}
		f.of.multiplyAdd(&f.totals[i][0], &f.a[0], &f.ones[0], rows.n*f.packs[i].lanes)
	}
	if f.of.cosine {
		f.norms.addFlat(f.unit, m)
	}
	return nil
}

// addPairs adds the products of a layer, position after position of the rows and then of the queries.
func (f *factoredFinder) addPairs(ctx context.Context, rows *factors, l int) error {
	positions := rows.dims[l].Positions
	for row := range positions {
		a, d := at(rows.a[l], row, positions), at(rows.d[l], row, positions)
		for i, p := range f.of.packs {
			for query := range p[l].a {
				if err := f.products(ctx, f.a, p[l].a[query], a); err != nil {
					return err
				}
				if err := f.products(ctx, f.d, p[l].d[query], d); err != nil {
					return err
				}
				f.of.multiplyAdd(&f.totals[i][0], &f.a[0], &f.d[0], rows.n*f.packs[i].lanes)
			}
		}
	}
	if f.of.cosine {
		return f.norms.addPairs(ctx, f.unit, rows, l)
	}
	return nil
}

// products fills out with the products of rows and a pack.
func (f *factoredFinder) products(ctx context.Context, out []float32, p *pack, rows kernels.Matrix) error {
	f.scratch.rows, f.scratch.scores = rows, out
	return f.sums(ctx, f.scratch, p)
}

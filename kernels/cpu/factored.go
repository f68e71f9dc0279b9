package cpu

import (
	"context"

	"attrib/kernels"
	"attrib/kernels/simd"
)

var _ kernels.FactoredScanner = (*device)(nil)

// ScanFactored compares factored rows with factored queries and reduces the scores as Scan does. A layer that is
// cheaper multiplied out, for its many positions, is: the layout alone decides, so a score's bits do not depend on how
// many queries there are.
func (d *device) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	if d.err != nil {
		return nil, d.err
	}
	if err := kernels.ValidateFactored(s, q, scan); err != nil {
		return nil, err
	}
	if scan.Metric == kernels.Cosine {
		q = unitQueries(q)
	}
	layers, err := newLayers(ctx, s.Layout().Factors, q)
	if err != nil {
		return nil, err
	}
	scan.Queries = kernels.F32(q.Rows, 1, make([]float32, q.Rows)) // for their number
	var p factoredPass
	if d.path == simd.Generic {
		p = newFactoredPlain(layers, &scan, s.Len(), d.Workers)
	} else {
		p = newFactoredVectors(d.path, layers, &scan, s.Len(), d.Workers)
	}
	if err := d.factoredTiles(ctx, s, d.tileRows(s), d.expandedRows(layers), p); err != nil {
		return nil, err
	}
	r := p.result()
	r.Unit, r.SquareUnit = scan.Unit, kernels.SquareUnit(scan.Unit, s.Len())
	r.Bytes = s.Len() * s.Layout().RowBytes()
	for _, l := range layers {
		r.Ops += 2 * s.Len() * int64(q.Rows) * l.work()
	}
	return r, nil
}

// factoredPass is the state of one scan of factored rows.
type factoredPass interface {
	// rows takes in rows row0, row0+1, …. Those of one worker come in rising order.
	rows(ctx context.Context, worker int, row0 int64, f *factors) error
	// result is called once, after at least one call of rows.
	result() *kernels.Result
}

// factoredTiles reads tiles of step rows and has them taken in, most rows at a time.
func (d *device) factoredTiles(ctx context.Context, s kernels.Source, step int64, most int, p factoredPass) error {
	layout := s.Layout()
	return d.eachTile(ctx, s, 0, s.Len(), step, func(worker int, row0 int64, t *kernels.Tile) error {
		if err := s.Read(ctx, row0, t); err != nil {
			return err
		}
		if err := t.CheckFactors(layout); err != nil {
			return err
		}
		all := &factors{layout.Factors, t.Rows, t.A, t.D}
		for lo := 0; lo < t.Rows; lo += most {
			if err := p.rows(ctx, worker, row0+int64(lo), all.slice(lo, min(lo+most, t.Rows))); err != nil {
				return err
			}
		}
		return nil
	})
}

// expandedRows is how many rows are taken in at a time: a chunk, or fewer where layers that are multiplied out would
// take more memory than a tile.
func (d *device) expandedRows(layers []*layer) int {
	rows := int64(chunkRows)
	for _, l := range layers {
		if l.expanded {
			fit := d.TileBytes / int64(4*l.rows.In*l.rows.Out)
			if d.wide {
				fit = max(fit, min(wideRows, wideBytes/int64(4*l.rows.In*l.rows.Out)))
			}
			rows = max(1, min(rows, fit))
		}
	}
	return int(rows)
}

// factors are a run of factored rows.
type factors struct {
	dims []kernels.FactorDims
	n    int
	a, d []kernels.Matrix
}

func (f *factors) slice(lo, hi int) *factors {
	out := &factors{dims: f.dims, n: hi - lo}
	for l, dims := range f.dims {
		from, to := lo*dims.Positions, hi*dims.Positions
		out.a, out.d = append(out.a, f.a[l].Slice(from, to)), append(out.d, f.d[l].Slice(from, to))
	}
	return out
}

// finite says whether row i holds no NaN and no infinity.
func (f *factors) finite(i int) bool {
	for l, dims := range f.dims {
		for p := i * dims.Positions; p < (i+1)*dims.Positions; p++ {
			if !kernels.Finite(f.a[l].Row(p)) || !kernels.Finite(f.d[l].Row(p)) {
				return false
			}
		}
	}
	return true
}

// at is position p of every row of a factor: a view.
func at(m kernels.Matrix, p, positions int) kernels.Matrix {
	rows := m.Rows / positions
	m = m.Slice(p, (rows-1)*positions+p+1)
	m.Rows, m.Stride = rows, m.Stride*positions
	return m
}

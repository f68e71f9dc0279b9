package cuda

import (
	"context"
	"errors"
	"fmt"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// factoredForms are the kernels for rows in factors.
var factoredForms = map[Precision]form{
	Exact:  {kernel{"factored", "factored_64x64", 256, max(2*(64*20+16*64)*4, 64*64*4)}, kernel{"factored", "factored_64x8", 64, 2 * (64*20 + 16*8) * 4}, 64, 64, 16, kernels.TypeF32, false, false},
	TF32x3: {wide: kernel{"factored", "factored_tf32x3", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeF32, mma: true},
	BF16:   {wide: kernel{"factored", "factored_bf16", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeBF16, mma: true},
	F16:    {wide: kernel{"factored", "factored_f16", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeF16, mma: true},
}

// ScanFactored compares factored rows with factored queries and reduces the scores as Scan does. A layer that is cheaper
// multiplied out is, by the rule of kernels/cpu.
func (d *device) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	if err := kernels.ValidateFactored(s, q, scan); err != nil {
		return nil, err
	}
	f, ok := factoredForms[d.Precision]
	if !ok {
		return nil, fmt.Errorf("precision %s does not compare factored rows", d.Precision)
	}
	if scan.Metric == kernels.Cosine {
		q = unitQueries(q)
	}
	scan.Queries = kernels.F32(q.Rows, 1, make([]float32, q.Rows)) // for their number
	j := d.job(&scan, s.Len())
	j.source = s
	layers, err := queryLayers(ctx, f, s.Layout().Factors, q)
	if err != nil {
		return nil, err
	}
	j.input = func(c *card) (input, error) {
		return newFactored(c, f, s.Layout(), layers, scan.Metric == kernels.Cosine)
	}
	r, err := j.run(ctx)
	if err != nil {
		return nil, err
	}
	r.Bytes = s.Len() * s.Layout().RowBytes()
	for _, l := range layers {
		r.Ops += 2 * s.Len() * int64(q.Rows) * l.work()
	}
	return r, nil
}

// queryLayer is a layer of the queries, as kernels read it.
type queryLayer struct {
	rows, queries kernels.FactorDims
	expanded      bool     // both sides are multiplied out
	a, d          []packed // panels, by position
	ta, td        []packed // as products want them; one when expanded, in ta
}

func (l *queryLayer) factoredWork() float64 {
	return float64(l.rows.Positions) * float64(l.queries.Positions) * float64(l.rows.In+l.rows.Out+1)
}
func (l *queryLayer) flatWork() float64 { return float64(l.rows.In) * float64(l.rows.Out) }
func (l *queryLayer) work() int64       { return int64(min(l.factoredWork(), l.flatWork())) }

func queryLayers(ctx context.Context, f form, rows []kernels.FactorDims, q kernels.FactoredQueries) ([]*queryLayer, error) {
	var layers []*queryLayer
	exact := factoredForms[Exact]
	for i := range rows {
		l := &queryLayer{rows: rows[i], queries: q.Factors[i]}
		l.expanded = l.factoredWork() > l.flatWork()
		for p := range l.queries.Positions {
			a, d := at(q.A[i], p, l.queries.Positions), at(q.D[i], p, l.queries.Positions)
			l.a, l.d = append(l.a, exact.pack(a)), append(l.d, exact.pack(d))
			switch {
			case l.expanded:
			case f.mma:
				l.ta, l.td = append(l.ta, f.pack(a)), append(l.td, f.pack(d))
			default:
				l.ta, l.td = append(l.ta, l.a[p]), append(l.td, l.d[p])
			}
		}
		if l.expanded {
			flat, err := l.expand(ctx, q.A[i], q.D[i])
			if err != nil {
				return nil, err
			}
			l.ta = []packed{f.pack(flat)}
		}
		layers = append(layers, l)
	}
	return layers, nil
}

func (l *queryLayer) expand(ctx context.Context, a, d kernels.Matrix) (kernels.Matrix, error) {
	count, width := a.Rows/l.queries.Positions, l.rows.In*l.rows.Out
	flat := kernels.F32(count, width, make([]float32, count*width))
	for i := range count {
		if err := ctx.Err(); err != nil {
			return flat, err
		}
		l.queries.MultiplyOut(flat.Row(i), a, d, i)
	}
	return flat, nil
}

// at is position p of every row of a factor: a view.
func at(m kernels.Matrix, p, positions int) kernels.Matrix {
	rows := m.Rows / positions
	m = m.Slice(p, (rows-1)*positions+p+1)
	m.Rows, m.Stride = rows, m.Stride*positions
	return m
}

// factored is rows in factors on a card.
type factored struct {
	*card
	form    form
	layout  kernels.Layout
	cosine  bool
	layers  []factorLayer
	perRow  int64 // bytes of a row in a tile
	perRoom int64 // bytes of a row in the room
	table   *driver.Memory
}

func newFactored(c *card, f form, l kernels.Layout, layers []*queryLayer, cosine bool) (*factored, error) {
	in := &factored{card: c, form: f, layout: l, cosine: cosine}
	if cosine {
		in.perRoom = 16 // the norm of an extreme row, and what scores are multiplied by
	}
	for _, q := range layers {
		x := factorLayer{In: int32(q.rows.In), Out: int32(q.rows.Out), Positions: int32(q.rows.Positions), QueryPositions: int32(q.queries.Positions)}
		x.AStride, x.DStride = roundUp(int64(4*q.rows.In), 16), roundUp(int64(4*q.rows.Out), 16)
		x.AAt, x.DAt = in.perRow, in.perRow+x.AStride*int64(x.Positions)
		in.perRow = x.DAt + x.DStride*int64(x.Positions)
		if q.expanded {
			x.Expanded = 1
			x.FlatAt, x.FlatStride = in.perRoom, roundUp(int64(4*q.rows.In*q.rows.Out), 16)
			in.perRoom += x.FlatStride
		}
		if err := in.send(&x, q); err != nil {
			return nil, err
		}
		in.layers = append(in.layers, x)
	}
	var err error
	in.table, err = upload(c.work, c.compute, in.layers)
	return in, err
}

// send uploads a layer of the queries.
func (in *factored) send(x *factorLayer, q *queryLayer) error {
	var errs []error
	put := func(to *driver.Pointer, stride, position *int64, p []packed) {
		var bytes []byte
		for _, v := range p {
			*stride, *position = v.stride, int64(len(v.bytes))
			bytes = append(bytes, v.bytes...)
		}
		m, err := upload(in.work, in.compute, bytes)
		if errs = append(errs, err); err == nil {
			*to = m.Pointer()
		}
	}
	if in.cosine {
		put(&x.QA, &x.QAPanel, &x.QAPosition, q.a)
		put(&x.QD, &x.QDPanel, &x.QDPosition, q.d)
	}
	put(&x.TA, &x.TAStride, &x.TAPosition, q.ta)
	if !q.expanded {
		put(&x.TD, &x.TDStride, &x.TDPosition, q.td)
	}
	return errors.Join(errs...)
}

func (in *factored) bytes(rows int) int64 { return in.perRow * int64(rows) }

// room has norms, factors of scores, and rows multiplied out.
func (in *factored) room(rows int) int64 { return in.perRoom * int64(rows) }

func (in *factored) read(ctx context.Context, t *kernels.Tile, tile []byte, rows int, row0 int64, lo, n int) error {
	t.Rows = n
	if err := in.job.source.Read(ctx, row0+int64(lo), t); err != nil {
		return err
	}
	if err := t.CheckFactors(in.layout); err != nil {
		return err
	}
	for i, l := range in.layers {
		first := int64(lo) * int64(l.Positions)
		packRows(tile[l.AAt*int64(rows)+first*l.AStride:], l.AStride, t.A[i])
		packRows(tile[l.DAt*int64(rows)+first*l.DStride:], l.DStride, t.D[i])
	}
	return nil
}

func (in *factored) finite(tile []byte) bool { return kernels.Finite(driver.Slice[float32](tile)) }

func (in *factored) args(t *slot, lo, n int) factoredArgs {
	a := factoredArgs{Tile: t.mem.Pointer(), Layers: in.table.Pointer(), LayerCount: int32(len(in.layers)), TileRows: int32(t.rows), Lo: int32(lo)}
	a.Folds.Rows = int32(n)
	if in.beside != nil {
		a.Room = in.beside.Pointer()
	}
	if in.cosine {
		a.Extreme, a.By = in.beside.Pointer(), in.beside.At(uint64(8*t.rows))
	}
	return a
}

// begin multiplies layers out and measures rows.
func (in *factored) begin(t *slot) error {
	a := in.args(t, 0, t.rows)
	for i, l := range in.layers {
		if l.Expanded == 0 {
			continue
		}
		n := min(4096, blocks(t.rows*int(l.FlatStride/4), 256))
		if err := in.launch(in.compute, kernel{"factored", "factored_expand", 256, 0}, driver.Dim{X: n}, a, int32(i)); err != nil {
			return err
		}
	}
	if !in.cosine {
		return nil
	}
	return in.launch(in.compute, kernel{"factored", "factored_norms", 256, 0}, driver.Dim{X: blocks(t.rows, 16)}, a)
}

func (in *factored) score(t *slot, lo, n int, f foldsArg) error {
	a := in.args(t, lo, n)
	a.Folds = f
	k, grid := in.form.launch(n, int(f.Queries))
	return in.launch(in.compute, k, grid, a)
}

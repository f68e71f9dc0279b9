package cuda

import (
	"context"
	"fmt"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// form is a way to compute products: the kernels and how they want the queries.
type form struct {
	wide, narrow kernel // by the queries of a block; narrow may be missing
	rows         int    // of a block
	queries      int    // of a block of wide
	few          int    // up to so many queries, narrow is used
	kind         kernels.DType
	mma          bool // queries are rows of kind, not panels
	ring         bool // blocks take tiles of rows in turn
}

// Shared memory of a block: two buffers of columns, or its scores.
const (
	shared128x64 = max(2*(128*20+16*64)*4, 128*64*4)
	shared128x8  = max(2*(128*20+16*8)*4, 128*8*4)
	sharedMMA    = 2 * (128 + 64) * 128
)

var (
	exactDot = form{kernel{"scan", "scan_dot_128x64", 256, shared128x64}, kernel{"scan", "scan_dot_128x8", 128, shared128x8}, 128, 64, 16, kernels.TypeF32, false, false}
	exactL2  = form{kernel{"scan", "scan_l2_128x64", 256, shared128x64}, kernel{"scan", "scan_l2_128x8", 128, shared128x8}, 128, 64, 16, kernels.TypeF32, false, false}
)

// mmaForms are those of tensor cores.
var mmaForms = map[Precision]form{
	TF32x3: {wide: kernel{"scan_mma", "scan_tf32x3", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeF32, mma: true},
	BF16:   {wide: kernel{"scan_mma", "scan_bf16", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeBF16, mma: true, ring: true},
	F16:    {wide: kernel{"scan_mma", "scan_f16", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeF16, mma: true, ring: true},
	Int8:   {wide: kernel{"scan_mma", "scan_i8", 256, sharedMMA}, rows: 128, queries: 64, kind: kernels.TypeI8, mma: true, ring: true},
}

// formFor is how a device of that precision compares rows of a type by a metric. Distances are always exact: tensor
// cores would give them as a difference of large numbers.
func formFor(p Precision, m kernels.Metric, rows kernels.DType) (form, error) {
	switch {
	case m == kernels.L2:
		return exactL2, nil
	case p == Exact:
		return exactDot, nil
	case p == Int8 && rows != kernels.TypeI8:
		return form{}, fmt.Errorf("precision int8 needs rows of type I8, these are %v", rows)
	}
	return mmaForms[p], nil
}

// flat is flat rows on a card.
type flat struct {
	*card
	form    form
	layout  kernels.Layout
	stride  int64 // bytes from one row to the next on the card
	cosine  bool
	queries *driver.Memory
	qStride int64
	qScale  *driver.Memory
	placed  *cardSource                             // rows that are read where they lie; may be nil
	wgmma   *wgmma                                  // nil when the form's kernels do it
	check   func(row0 int64, scale []float32) error // of I8 rows; may be nil
}

// packed are the queries as kernels read them.
type packed struct {
	bytes  []byte
	stride int64
	scale  []float32
}

func (f form) pack(q kernels.Matrix) packed {
	if f.mma {
		return packTyped(f.kind, q)
	}
	v, stride := panels(q)
	return packed{bytes: driver.Bytes(v), stride: stride}
}

func newFlat(c *card, f form, l kernels.Layout, cosine bool, q packed) (*flat, error) {
	in := &flat{card: c, form: f, layout: l, cosine: cosine, qStride: q.stride}
	in.stride = roundUp(int64(l.Width)*int64(l.Type.Size()), 16)
	var err error
	if in.queries, err = upload(c.work, c.compute, q.bytes); err != nil {
		return nil, err
	}
	if q.scale != nil {
		if in.qScale, err = upload(c.work, c.compute, q.scale); err != nil {
			return nil, err
		}
	}
	in.wgmma, err = in.wgmmaFor(c.job.scan.Queries.Rows)
	return in, err
}

// bytes has room for rows, then for their scales.
func (in *flat) bytes(rows int) int64 {
	n := in.stride * int64(rows)
	if in.layout.Type == kernels.TypeI8 {
		n += 4 * int64(rows)
	}
	return n
}

// room has what scan_norms finds: per row the shift, then per row what scores are multiplied by, then whether one is
// shifted.
func (in *flat) room(rows int) int64 {
	if !in.cosine {
		return 0
	}
	return 12*int64(rows) + 16
}

func (in *flat) read(ctx context.Context, t *kernels.Tile, tile []byte, rows int, row0 int64, lo, n int) error {
	if err := readRows(ctx, in.job.source, row0+int64(lo), n, t); err != nil {
		return err
	}
	if in.check != nil {
		if err := in.check(row0+int64(lo), t.Flat.Scale); err != nil {
			return err
		}
	}
	packRows(tile[in.stride*int64(lo):], in.stride, t.Flat)
	if t.Flat.Scale != nil {
		copy(tile[in.stride*int64(rows)+4*int64(lo):], driver.Bytes(t.Flat.Scale))
	}
	return nil
}

func (in *flat) finite(tile []byte) bool {
	l := in.layout
	m := kernels.Matrix{Rows: 1, Cols: l.Width, Stride: l.Width, Type: l.Type, Data: tile[:l.Width*l.Type.Size()]}
	if l.Type == kernels.TypeI8 {
		m.Scale = driver.Slice[float32](tile[in.stride : in.stride+4])
	}
	row := make([]float32, l.Width)
	m.Decode(row)
	return kernels.Finite(row)
}

func (in *flat) rowsArg(t *slot, lo, n int) rowsArg {
	if in.placed != nil {
		return in.placed.arg(t.row0+int64(lo), n)
	}
	r := rowsArg{Data: t.mem.At(uint64(in.stride * int64(lo))), Stride: in.stride, Count: int32(n), Width: int32(in.layout.Width), Type: int32(in.layout.Type)}
	if in.layout.Type == kernels.TypeI8 {
		r.Scale = t.mem.At(uint64(in.stride*int64(t.rows) + 4*int64(lo)))
	}
	return r
}

// begin measures the rows for cosines.
func (in *flat) begin(t *slot) error {
	if !in.cosine {
		return nil
	}
	if err := in.compute.Fill(in.beside, uint64(12*t.rows)/8*8+8, 4, 0); err != nil {
		return err
	}
	a := normArgs{Rows: in.rowsArg(t, 0, t.rows)}
	a.Shift, a.By, a.Shifted = in.measured(t, 0)
	return in.launch(in.compute, kernel{"scan", "scan_norms", 256, 0}, driver.Dim{X: blocks(t.rows, 16)}, a)
}

func (in *flat) measured(t *slot, lo int) (shift, by, shifted driver.Pointer) {
	m := in.beside
	return m.At(uint64(8 * lo)), m.At(uint64(8*t.rows + 4*lo)), m.At(uint64(12*t.rows)/8*8 + 8)
}

func (in *flat) score(t *slot, lo, n int, f foldsArg) error {
	a := scanArgs{Rows: in.rowsArg(t, lo, n), Queries: in.queries.Pointer(), QueryStride: in.qStride, Folds: f}
	if in.qScale != nil {
		a.QueryScale = in.qScale.Pointer()
	}
	if in.cosine {
		a.Rows.Shift, a.By, a.Shifted = in.measured(t, lo)
	}
	if in.wgmma != nil {
		return in.scoreWgmma(in.wgmma, t, lo, n, a)
	}
	return in.launchForm(n, a)
}

// launchForm launches the form's kernel.
func (in *flat) launchForm(n int, a scanArgs) error {
	queries := int(a.Folds.Queries)
	if !in.form.ring {
		k, grid := in.form.launch(n, queries)
		return in.launch(in.compute, k, grid, a)
	}
	info := in.gpu.card.Info()
	x := in.form.ringOf(queries, in.layout.Width, info, in.gpu.arch)
	grid := turns(blocks(n, in.form.rows), blocks(queries, x.queries), uint32(x.each*info.Multiprocessors))
	return in.launch(in.compute, x.kernel, driver.Dim{X: grid}, a, x.stages)
}

// launch is the kernel for so many queries and its blocks.
func (f form) launch(rows, queries int) (kernel, driver.Dim) {
	k, per := f.wide, f.queries
	if f.narrow.name != "" && queries <= f.few {
		k, per = f.narrow, 8
	}
	return k, driver.Dim{X: blocks(rows, f.rows) * blocks(queries, per)}
}

package cuda

import (
	"context"
	"errors"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// gramArgs is GramArgs of gram.cu.
type gramArgs struct {
	Rows, Out, Unit, Scaled, Bad driver.Pointer
	Base                         int64
	Count, Width, Stride, _      int32
}

const (
	gramRun    = 128 // rows that are summed in float32
	gramShared = 2 * 16 * (128 + 8 + 64 + 8) * 4
)

// launchGram adds rows to the upper triangle; Scaled is zero before.
func launchGram(l launcher, name string, a gramArgs) error {
	runs := blocks(int(a.Count), gramRun)
	return errors.Join(
		l.launch(kernel{"gram", "gram_top", 128, 0}, driver.Dim{X: blocks(int(a.Stride), 128), Y: runs}, a),
		l.launch(kernel{"gram", name, 256, gramShared}, driver.Dim{X: blocks(int(a.Width), 64), Y: blocks(int(a.Width), 128)}, a))
}

func launchMirror(l launcher, out driver.Pointer, width int) error {
	n := blocks(width, 32)
	return l.launch(kernel{"gram", "gram_mirror", 256, 0}, driver.Dim{X: n, Y: n}, out, int32(width))
}

// Gram is Σ g gᵀ on the first card: the bits of kernels/cpu's vector paths where the precision is Exact. With TF32x3 the
// products are formed on tensor cores and the error of an element (i, j) is at most 128·2⁻²²·√(G_ii·G_jj). The other
// precisions are for scans; here they stand for Exact.
//
// Rows that are not F32 are decoded first. Memory of the card is two tiles and the result.
func (d *device) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	flat := kernels.Flatten(s)
	if s.Len() == 0 {
		return nil, kernels.ErrEmptySource
	}
	if err := flat.Layout().Validate(); err != nil {
		return nil, err
	}
	w := flat.Layout().Width
	var out *kernels.Sym64
	rows := max(1, min(d.TileBytes/int64(4*w)/gramRun, (s.Len()+gramRun-1)/gramRun, 1<<15)) * gramRun
	err := d.smaller(d.gpus[0], "rows", rows, gramRun, func(rows int64) error {
		var err error
		out, err = d.gram(ctx, flat, int(rows/gramRun*gramRun))
		return err
	})
	return out, err
}

// gramWork is a Gram matrix under way.
type gramWork struct {
	*belt
	name    string
	source  kernels.Source
	width   int
	stride  int64 // numbers from one row to the next
	rows    int   // of a tile
	out     *driver.Memory
	unit    *driver.Memory
	scaled  *driver.Memory
	bad     *driver.Memory
	readers []*kernels.Tile
}

// gram sums tiles of so many rows, whole runs.
func (d *device) gram(ctx context.Context, s kernels.Source, rows int) (out *kernels.Sym64, err error) {
	work := d.gpus[0].work()
	g := &gramWork{source: s, width: s.Layout().Width, rows: rows, name: "gram_f32"}
	if d.Precision == TF32x3 {
		g.name = "gram_tf32"
	}
	for range d.readers {
		g.readers = append(g.readers, new(kernels.Tile))
	}
	defer func() {
		for _, t := range g.readers {
			t.Release()
		}
		err = first(err, work.close())
	}()
	if err := g.prepare(d, work); err != nil {
		return nil, err
	}
	for row0 := int64(0); row0 < s.Len(); row0 += int64(rows) {
		if err := g.tile(ctx, row0); err != nil {
			return nil, g.lowest(err)
		}
	}
	if err := launchMirror(g, g.out.Pointer(), g.width); err != nil {
		return nil, err
	}
	if err := g.lowest(nil); err != nil {
		return nil, err
	}
	sums, err := download[float64](g.stream, g.out, g.width*g.width)
	return &kernels.Sym64{N: g.width, Data: sums}, err
}

func (g *gramWork) prepare(d *device, w *work) error {
	g.stride = roundUp(int64(g.width), 4)
	runs, square := int64(g.rows/gramRun), 8*int64(g.width)*int64(g.width)
	limit, err := d.budget(w)
	if err != nil {
		return err
	}
	if need := 2*4*g.stride*int64(g.rows) + square + runs*(g.stride+4); need > limit {
		return driver.ErrOutOfMemory
	}
	if g.belt, err = w.belt(4 * g.stride * int64(g.rows)); err != nil {
		return err
	}
	m, err := w.room(square, runs*g.stride, 4*runs, 8)
	if err != nil {
		return err
	}
	g.out, g.unit, g.scaled, g.bad = m[0], m[1], m[2], m[3]
	return errors.Join(g.stream.Fill(g.out, 0, uint64(square), 0), g.stream.Fill(g.bad, 0, 7, 0xff), g.stream.Fill(g.bad, 7, 1, 0x7f))
}

// tile adds the rows of a tile.
func (g *gramWork) tile(ctx context.Context, row0 int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows := int(min(int64(g.rows), g.source.Len()-row0))
	return g.carry(func(host []byte) (int, error) {
		return int(4 * g.stride * int64(rows)), g.read(ctx, host, row0, rows)
	}, func(m *driver.Memory) error {
		a := gramArgs{Rows: m.Pointer(), Out: g.out.Pointer(), Unit: g.unit.Pointer(), Scaled: g.scaled.Pointer(), Bad: g.bad.Pointer(),
			Base: row0, Count: int32(rows), Width: int32(g.width), Stride: int32(g.stride)}
		return errors.Join(g.stream.Fill(g.scaled, 0, g.scaled.Bytes(), 0), launchGram(g, g.name, a))
	})
}

// read fills a buffer with rows in float32. Rows below one that fails are looked at, so that the lowest is reported.
func (g *gramWork) read(ctx context.Context, host []byte, row0 int64, rows int) error {
	values := driver.Slice[float32](host)
	err := shareRead(ctx, g.source, g.readers, row0, rows, 4*g.stride*int64(rows), func(t *kernels.Tile, lo, n int) error {
		if err := readRows(ctx, g.source, row0+int64(lo), n, t); err != nil {
			return err
		}
		for i := range n {
			row := values[int64(lo+i)*g.stride : int64(lo+i+1)*g.stride]
			t.Flat.Slice(i, i+1).Decode(row[:g.width])
			clear(row[g.width:])
		}
		return nil
	})
	var at rowError
	if errors.As(err, &at) {
		for i := range int(at.row - row0) {
			if !kernels.Finite(values[int64(i)*g.stride : int64(i+1)*g.stride]) {
				return kernels.NonFinite(row0 + int64(i))
			}
		}
		return at.error
	}
	return err
}

// lowest is err, or the row that is not finite among those on the card, which are below.
func (g *gramWork) lowest(err error) error {
	if err != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrDeviceLost)) {
		return err
	}
	bad, failed := download[int64](g.stream, g.bad, 1)
	if failed == nil && bad[0] < math.MaxInt64 {
		return kernels.NonFinite(bad[0])
	}
	return errors.Join(err, failed)
}

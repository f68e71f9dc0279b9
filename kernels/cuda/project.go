package cuda

import (
	"context"
	"errors"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/project"
)

// projectArgs is ProjectArgs of project.cu.
type projectArgs struct {
	X, Part, Sums, Table, Shift      driver.Pointer
	Key, Number                      [2]uint32
	Column                           uint32
	Lines, Cols, Stride, K, Nonzeros int32
	Run                              int32
}

const (
	projectRun       = 1024 // columns that are summed in float32
	projectRoundRun  = 4096 // the same of rounded numbers: fewer sums of runs, which would take as long as the products
	projectLines     = 64   // of a block of project_sparse
	projectShared    = 2 * 16 * (128 + 4 + 128 + 4) * 4
	projectHalfPlane = 128 * 20 * 4
)

// projection is how a kind is computed.
type projection struct {
	kind   project.Kind
	pieces int // of two bytes that a number is split into for tensor cores; 0 for float32 without them
}

// projectionOf is how a precision computes a kind.
func projectionOf(kind project.Kind, precision Precision, arch int) projection {
	switch {
	case precision == Exact || kind == project.Sparse:
		return projection{kind, 0}
	case precision == BF16:
		return projection{kind, 1}
	case arch < 80:
		return projection{kind, 2}
	}
	return projection{kind, 3}
}

// run is how many columns are summed in float32.
func (p projection) run() int {
	if p.pieces == 1 {
		return projectRoundRun
	}
	return projectRun
}

// kernel is that of dense kinds to k numbers, and how many of these a block makes.
func (p projection) kernel(k int) (kernel, int) {
	name := "project_" + p.kind.String()
	planes := p.pieces
	if p.kind == project.Gaussian {
		planes *= 2
	}
	switch p.pieces {
	case 0:
		return kernel{"project", name, 256, projectShared}, 128
	case 1:
		if p.kind == project.Sign && k > 128 {
			return kernel{"project", name + "_bf16_256", 256, 2 * projectHalfPlane}, 256
		}
		return kernel{"project", name + "_bf16", 256, planes * projectHalfPlane}, 128
	}
	return kernel{"project", name + "_half", 256, planes * projectHalfPlane}, 128
}

// launchProject adds columns to the sums.
func launchProject(l launcher, p projection, a projectArgs) error {
	if p.kind == project.Sparse {
		return l.launch(kernel{"project", "project_sparse", 256, 0}, driver.Dim{X: uint32(a.Nonzeros), Y: blocks(int(a.Lines), projectLines)}, a)
	}
	a.Run = int32(p.run())
	runs := blocks(int(a.Cols), p.run())
	if p.pieces == 2 {
		if err := l.launch(kernel{"project", "project_top", 256, 0}, driver.Dim{X: blocks(int(a.Lines), 8), Y: runs}, a, a.Shift); err != nil {
			return err
		}
	}
	dense, numbers := p.kernel(int(a.K))
	return errors.Join(
		l.launch(dense, driver.Dim{X: blocks(int(a.Lines), 128) * blocks(int(a.K), numbers), Y: runs}, a),
		l.launch(kernel{"project", "project_add", 256, 0}, driver.Dim{X: blocks(int(a.Lines)*int(a.K), 256)}, a))
}

func launchProjectEnd(l launcher, sums, out driver.Pointer, n int, scale float64) error {
	return l.launch(kernel{"project", "project_end", 256, 0}, driver.Dim{X: blocks(n, 256)}, sums, out, int64(n), scale)
}

// Project is [project.Matrix.Project] on the first card. Sparse projections have the bits of every path of the CPU; dense
// ones those of its vector paths where the precision is Exact. With any other precision they use tensor cores: BF16 rounds
// lines (and normal numbers) to bfloat16, which is a part in 256 of each at most; the others take numbers as three bfloat16 from
// compute capability 8.0 on, as two halves before, so that products are good to 2⁻²⁴ (2⁻²²). Sums are in float32.
func (d *device) Project(ctx context.Context, m project.Matrix, x kernels.Matrix, k int, o project.Options) (kernels.Matrix, error) {
	if err := o.Check(x, k); err != nil {
		return kernels.Matrix{}, err
	}
	out, err := d.projectAll(ctx, m, lineSet{Matrix: x}, k, o)
	if err == nil {
		err = project.CheckResult(out)
	}
	if err != nil {
		return kernels.Matrix{}, err
	}
	return out, nil
}

// projectAll does as many lines and columns at a time as fit.
func (d *device) projectAll(ctx context.Context, m project.Matrix, x lineSet, k int, o project.Options) (kernels.Matrix, error) {
	out := kernels.F32(x.Rows, k, make([]float32, x.Rows*k))
	run := projectionOf(o.Kind, d.Precision, d.gpus[0].arch).run()
	lines := max(1, min(int(d.TileBytes/int64(4*run)), int(d.TileBytes/int64(12*k)), 4096, 1<<30/k))
	for lo := 0; lo < x.Rows; lo += lines {
		part := x
		part.Rows, part.first = min(lines, x.Rows-lo), int64(lo)
		if x.placed == nil {
			part.Matrix = x.Slice(lo, lo+part.Rows)
		}
		err := d.smaller(d.gpus[0], "runs of columns", max(1, d.TileBytes/int64(4*part.Rows*max(k, run))), 1, func(runs int64) error {
			return d.project(ctx, m, part, out.Slice(lo, lo+part.Rows), o, int(min(runs, 1<<15)))
		})
		if err != nil {
			return kernels.Matrix{}, err
		}
	}
	return out, nil
}

// ProjectTwoSided is [project.TwoSided] on the first card.
func (d *device) ProjectTwoSided(ctx context.Context, seed [32]byte, layer int, a, g kernels.Matrix, kIn, kOut int, o project.Options) (pa, pg kernels.Matrix, err error) {
	pa, pg = a, g
	if a.Cols > kIn {
		if pa, err = d.Project(ctx, project.New(seed, uint64(2*layer)), a, kIn, o); err != nil {
			return pa, pg, err
		}
	}
	if g.Cols > kOut {
		pg, err = d.Project(ctx, project.New(seed, uint64(2*layer+1)), g, kOut, o)
	}
	return pa, pg, err
}

// lineSet is lines that are projected, in the host's memory or on the card.
type lineSet struct {
	kernels.Matrix             // in the host's memory
	placed         *cardSource // or these, from row first on
	first          int64
}

// project does some lines, so many runs of columns at a time.
func (d *device) project(ctx context.Context, m project.Matrix, x lineSet, out kernels.Matrix, o project.Options, runs int) (err error) {
	w := d.gpus[0].work()
	defer func() { err = first(err, w.close()) }()
	p := projectionOf(o.Kind, d.Precision, w.arch)
	runs = min(runs, max(1, (x.Cols+p.run()-1)/p.run()))
	n, k := x.Rows, out.Cols
	b, err := w.projectBelt(x, 4*int64(n)*int64(runs)*int64(p.run()))
	if err != nil {
		return err
	}
	part := int64(4 * n * k * runs)
	if o.Kind == project.Sparse {
		part = 0
	}
	mem, err := w.room(part, 8*int64(n*k), 4*int64(n*runs), 4*int64(n*k))
	if err != nil {
		return err
	}
	table, err := upload(w, b.stream, project.Magnitudes())
	if err := errors.Join(err, d.within(w)); err != nil {
		return err
	}
	a := projectArgs{Part: mem[0].Pointer(), Sums: mem[1].Pointer(), Table: table.Pointer(), Shift: mem[2].Pointer(), Lines: int32(n), K: int32(k), Nonzeros: int32(o.Places(k))}
	a.Key, a.Number = m.Words()
	if err := b.stream.Fill(mem[1], 0, uint64(8*n*k), 0); err != nil {
		return err
	}
	for c := 0; c < x.Cols; c += runs * p.run() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := projectTile(b, p, a, x, c, min(runs*p.run(), x.Cols-c)); err != nil {
			return err
		}
	}
	if err := launchProjectEnd(b, mem[1].Pointer(), mem[3].Pointer(), n*k, o.Scale(k)); err != nil {
		return err
	}
	return b.stream.CopyOut(driver.Bytes(out.Floats()[:n*k]), mem[3], 0)
}

// projectBelt brings lines to the card, unless they are there.
func (w *work) projectBelt(x lineSet, bytes int64) (*belt, error) {
	if x.placed == nil {
		return w.belt(bytes)
	}
	q, err := w.queue()
	return &belt{queue: q}, err
}

// projectTile adds columns from c on; lines of the host are packed with rows a multiple of 16 bytes long.
func projectTile(b *belt, p projection, a projectArgs, x lineSet, c, cols int) error {
	a.Column, a.Cols, a.Stride = uint32(c), int32(cols), int32(roundUp(cols, 4))
	if s := x.placed; s != nil {
		a.X, a.Stride = s.rows.At(uint64(x.first*s.Stride+4*int64(c))), int32(s.Stride/4)
		return launchProject(b, p, a)
	}
	return b.carry(func(host []byte) (int, error) {
		values := driver.Slice[float32](host)
		for i := range x.Rows {
			row := values[i*int(a.Stride) : (i+1)*int(a.Stride)]
			clear(row[copy(row, x.Row(i)[c:c+cols]):])
		}
		return 4 * x.Rows * int(a.Stride), nil
	}, func(m *driver.Memory) error {
		a.X = m.Pointer()
		return launchProject(b, p, a)
	})
}

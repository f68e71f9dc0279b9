package cuda

import (
	"context"
	"errors"
	"fmt"

	"attrib/kernels"
	"attrib/kernels/project"
)

// ProjectOnCard is [project.Matrix.Project], as that of the device, of float32 lines that already lie on its first card: they are
// read where they are when they are aligned ([CardSource]), otherwise through the host's memory.
func ProjectOnCard(ctx context.Context, d Device, m project.Matrix, lines CardSource, k int, o project.Options) (kernels.Matrix, error) {
	dev, ok := d.(*device)
	s, own := lines.(*cardSource)
	if !ok || !own {
		return kernels.Matrix{}, fmt.Errorf("ProjectOnCard of a %T on a %T, want those of this package", lines, d)
	}
	x := lineSet{Matrix: kernels.Matrix{Cols: s.Width, Stride: s.Width, Type: s.Type}, placed: s}
	if err := o.Check(x.Matrix, k); err != nil {
		return kernels.Matrix{}, err
	}
	if s.Rows > 1<<31 || s.Stride > 1<<32 {
		return kernels.Matrix{}, fmt.Errorf("ProjectOnCard of %d lines %d bytes apart", s.Rows, s.Stride)
	}
	x.Rows = int(s.Rows)
	if s.gpu != dev.gpus[0] || !s.fits() {
		return dev.projectBrought(ctx, m, s, k, o)
	}
	out, err := dev.projectAll(ctx, m, x, k, o)
	if err != nil {
		return kernels.Matrix{}, err
	}
	if i := out.FirstNonFinite(); i >= 0 { // the line itself, or what became of it
		line, err := s.lines(ctx, int64(i), 1)
		if err == nil && line.FirstNonFinite() >= 0 {
			err = kernels.NonFinite(int64(i))
		}
		return kernels.Matrix{}, first(err, project.CheckResult(out))
	}
	return out, nil
}

// lines copies lines to the host.
func (s *cardSource) lines(ctx context.Context, from int64, n int) (kernels.Matrix, error) {
	t := kernels.Tile{Rows: n}
	if err := s.Read(ctx, from, &t); err != nil {
		return kernels.Matrix{}, err
	}
	out := make([]float32, n*s.Width)
	t.Flat.Decode(out)
	return kernels.F32(n, s.Width, out), nil
}

// projectBrought is ProjectOnCard through the host's memory, a tile of lines at a time.
func (d *device) projectBrought(ctx context.Context, m project.Matrix, s *cardSource, k int, o project.Options) (kernels.Matrix, error) {
	out := kernels.F32(int(s.Rows), k, make([]float32, int(s.Rows)*k))
	step := max(1, d.TileBytes/int64(4*s.Width))
	for at := int64(0); at < s.Rows; at += step {
		n := int(min(step, s.Rows-at))
		x, err := s.lines(ctx, at, n)
		if err != nil {
			return kernels.Matrix{}, err
		}
		part, err := d.Project(ctx, m, x, k, o)
		var row *kernels.RowError
		if errors.As(err, &row) {
			row.Row += at
		}
		if err != nil {
			return kernels.Matrix{}, err
		}
		copy(out.Floats()[int(at)*k:], part.Floats()[:n*k])
	}
	return out, nil
}

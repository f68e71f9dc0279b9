//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"math"

	"attrib/internal/half"
	"attrib/kernels"
	"attrib/kernels/project"
)

// projectCase is lines of some columns, to k numbers.
type projectCase struct {
	kind           project.Kind
	lines, cols, k int
	step           int // columns of a launch
	nonzeros       int
}

// projectOn projects in the emulator and holds it to the CPU: bits, or for tensor cores within of a line's norm.
func projectOn(e emulated, c projectCase, pieces int, within float64) error {
	x := kernels.F32(c.lines, c.cols, randoms(c.lines*c.cols, uint64(c.cols)))
	for i := range c.lines { // lines of very different magnitudes
		for j := range c.cols {
			x.Row(i)[j] *= float32(math.Ldexp(1, 40*(i%3-1)))
		}
	}
	if pieces == 1 {
		roundToBF16(x.Floats())
	}
	m, path := project.New([32]byte{9}, 1<<40+5), project.Options{Kind: c.kind, Nonzeros: c.nonzeros}
	path.Path, _ = vectorPath()
	want, err := m.Project(x, c.k, path)
	if err != nil {
		return err
	}
	got, err := projectLaunches(e, m, x, c, projection{c.kind, pieces})
	if err != nil {
		return err
	}
	if _, vectors := vectorPath(); !vectors && c.kind != project.Sparse {
		within = max(within, 1e-5)
	}
	for i, v := range got {
		norm := 0.0
		for _, y := range x.Row(i / c.k) {
			norm += float64(y) * float64(y)
		}
		if d := math.Abs(float64(v) - float64(want.Floats()[i])); !(d <= within*path.Scale(c.k)*math.Sqrt(norm)) {
			return fmt.Errorf("number %d of line %d is %v, want %v", i%c.k, i/c.k, v, want.Floats()[i])
		}
	}
	return nil
}

func projectLaunches(e emulated, m project.Matrix, x kernels.Matrix, c projectCase, p projection) ([]float32, error) {
	runs := (c.step + p.run() - 1) / p.run()
	part, sums, shift := poisoned[float32](runs*c.lines*c.k), newMemory(make([]float64, c.lines*c.k)), poisoned[int32](runs*c.lines)
	table, out := newMemory(project.Magnitudes()), poisoned[float32](c.lines*c.k)
	o := project.Options{Kind: c.kind, Nonzeros: c.nonzeros}
	a := projectArgs{Part: part.p, Sums: sums.p, Table: table.p, Shift: shift.p, Lines: int32(c.lines), K: int32(c.k), Nonzeros: int32(o.Places(c.k))}
	a.Key, a.Number = m.Words()
	for at := 0; at < c.cols; at += c.step {
		cols := min(c.step, c.cols-at)
		a.Column, a.Cols, a.Stride = uint32(at), int32(cols), int32(roundUp(cols, 4))
		data := newMemory(make([]float32, c.lines*int(a.Stride)))
		for i := range c.lines {
			copy(data.v[i*int(a.Stride):], x.Row(i)[at:at+cols])
		}
		a.X = data.p
		if err := errors.Join(launchProject(e, p, a), data.intact(), part.intact(), sums.intact(), shift.intact()); err != nil {
			return nil, err
		}
	}
	err := launchProjectEnd(e, sums.p, out.p, c.lines*c.k, o.Scale(c.k))
	return out.v, errors.Join(err, out.intact(), table.intact())
}

// tensorProjections are the ways of an architecture.
func tensorProjections(arch int, kind project.Kind) []projection {
	if arch < 80 {
		return []projection{{kind, 2}}
	}
	return []projection{{kind, 3}, {kind, 1}}
}

// projectWithin is how far from the CPU a number may be, in norms of its line.
func projectWithin(e emulated, c projectCase, p projection) float64 {
	within := 3e-7 * math.Sqrt(float64(c.cols)) // sums are cut off, not rounded
	switch {
	case p.pieces == 1 && c.kind == project.Gaussian:
		return 0x1p-7 + within // normal numbers are rounded, lines are so already
	case e.arch < 80 && c.kind == project.Gaussian: // three sums of eight columns, where sm_80 has six of sixteen
		return 2*within + 3e-7
	case e.arch < 80:
		return within + 3e-7
	case c.kind == project.Gaussian:
		return 2 * within
	case c.cols == 1: // the pieces are the number
		return 0
	}
	return within
}

// roundToBF16 rounds numbers to bfloat16.
func roundToBF16(v []float32) {
	for i, x := range v {
		v[i] = half.FromBF16(half.ToBF16(x))
	}
}

func projectSuite(e emulated) error {
	cases := []projectCase{
		{project.Sign, 1, 1, 1, 1024, 0}, {project.Sign, 3, 130, 131, 1024, 0}, {project.Sign, 130, 33, 2, 1024, 0}, {project.Sign, 2, 300, 290, 1024, 0},
		{project.Gaussian, 4, 37, 130, 1024, 0}, {project.Gaussian, 131, 9, 1, 1024, 0},
	}
	switch { // more runs than one, in two launches
	case e.order == e.arch/5%8:
		cases = append(cases, projectCase{project.Sign, 3, 2100, 3, 2048, 0}, projectCase{project.Sign, 2, 4200, 2, 8192, 0})
	case e.order == e.arch/5%8-1:
		cases = append(cases, projectCase{project.Gaussian, 2, 1030, 2, 1024, 0})
	}
	for _, c := range cases {
		if err := projectOn(e, c, 0, 0); err != nil {
			return fmt.Errorf("%+v: %w", c, err)
		}
		for _, p := range tensorProjections(e.arch, c.kind) {
			if err := projectOn(e, c, p.pieces, projectWithin(e, c, p)); err != nil {
				return fmt.Errorf("%+v in %d pieces on tensor cores: %w", c, p.pieces, err)
			}
		}
	}
	for _, c := range []projectCase{
		{project.Sparse, 3, 5, 1, 1024, 0}, {project.Sparse, 67, 1030, 37, 1024, 3}, {project.Sparse, 2, 1030, 37, 2048, 3}, {project.Sparse, 2, 300, 9000, 1024, 2},
	} {
		if err := projectOn(e, c, 0, 0); err != nil {
			return fmt.Errorf("%+v: %w", c, err)
		}
	}
	return nil
}

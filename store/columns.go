package store

import (
	"fmt"

	"attrib/internal/safetensors"
	"attrib/kernels"
)

// idsTensor is the tensor of row ids in a shard.
const idsTensor = "row_ids"

// column is one tensor of a shard: per row, a block of lines × width numbers.
type column struct {
	name         string
	lines, width int
	flat         bool
}

// columns of a layout: rows, or a.<layer> and d.<layer> for each layer in turn.
func (l Layout) columns() []column {
	if len(l.Layers) == 0 {
		return []column{{"rows", 1, l.Width, true}}
	}
	var c []column
	for _, layer := range l.Layers {
		c = append(c, column{"a." + layer.Name, layer.Positions, layer.In, false}, column{"d." + layer.Name, layer.Positions, layer.Out, false})
	}
	return c
}

// scaleName is the tensor of an I8 column's scales, one a line.
func (c column) scaleName() string { return "scale." + c.name }

// scaleShape is the shape of the scales of that many rows.
func (c column) scaleShape(rows int64) []int64 {
	if c.flat {
		return []int64{rows}
	}
	return []int64{rows, int64(c.lines)}
}

// perRow is how many numbers a row has in the column.
func (c column) perRow() int64 { return int64(c.lines) * int64(c.width) }

// rowNumbers is how many numbers a row has as it lies in the files.
func (l Layout) rowNumbers() (n int64) {
	for _, c := range l.columns() {
		n += c.perRow()
	}
	return n
}

func (c column) shape(rows int64) []int64 {
	if c.flat {
		return []int64{rows, int64(c.width)}
	}
	return []int64{rows, int64(c.lines), int64(c.width)}
}

// parts are the matrices of a tile in the order of the columns.
func parts(t *kernels.Tile, factored bool) []kernels.Matrix {
	if !factored {
		return []kernels.Matrix{t.Flat}
	}
	var m []kernels.Matrix
	for i := range t.A {
		m = append(m, t.A[i])
		if i < len(t.D) {
			m = append(m, t.D[i])
		}
	}
	return m
}

// setParts is the inverse of parts.
func setParts(t *kernels.Tile, m []kernels.Matrix, factored bool) {
	t.A, t.D = t.A[:0], t.D[:0]
	if !factored {
		t.Flat = m[0]
		return
	}
	t.Flat = kernels.Matrix{}
	for i := 0; i < len(m); i += 2 {
		t.A, t.D = append(t.A, m[i]), append(t.D, m[i+1])
	}
}

// checkParts compares a tile with the layout: single precision, or numbers as the file holds them.
func checkParts(l Layout, m []kernels.Matrix, rows int) error {
	cols := l.columns()
	if len(m) != len(cols) {
		return fmt.Errorf("%d matrices are given, want %d: %s, …", len(m), len(cols), cols[0].name)
	}
	for i, c := range cols {
		if err := m[i].Validate(); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if (m[i].Type != kernels.TypeF32 && m[i].Type != l.dtype()) || m[i].Rows != rows*c.lines || m[i].Cols != c.width {
			return fmt.Errorf("%s is %v %d×%d, want F32 %d×%d", c.name, m[i].Type, m[i].Rows, m[i].Cols, rows*c.lines, c.width)
		}
	}
	return nil
}

// checkTensors compares a shard's file with the layout: these tensors and no others.
func checkTensors(f *safetensors.File, l Layout, rows int64) error {
	cols, scales := l.columns(), l.dtype() == kernels.TypeI8
	want := len(cols) + 1
	if scales {
		want += len(cols)
	}
	if len(f.Tensors) != want {
		return fmt.Errorf("%d tensors, want %d", len(f.Tensors), want)
	}
	if err := checkTensor(f, idsTensor, safetensors.I64, []int64{rows}); err != nil {
		return err
	}
	for _, c := range cols {
		if err := checkTensor(f, c.name, safetensors.DType(l.Type), c.shape(rows)); err != nil {
			return err
		}
		if !scales {
			continue
		}
		if err := checkTensor(f, c.scaleName(), safetensors.F32, c.scaleShape(rows)); err != nil {
			return err
		}
	}
	return nil
}

func checkTensor(f *safetensors.File, name string, d safetensors.DType, shape []int64) error {
	info, ok := f.Info(name)
	if !ok {
		return fmt.Errorf("tensor %q is missing", name)
	}
	return safetensors.Tensor{Name: name, Type: info.Type, Shape: info.Shape}.CheckShape(d, shape...)
}

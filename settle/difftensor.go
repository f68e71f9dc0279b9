package settle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"attrib/internal/safetensors"
)

// mostCandidates bounds the elements that are named where rows and columns that differ cross.
const mostCandidates = 16

// tensors compares the tensors of a safetensors file and its metadata.
func (d *differ) tensors(w, g *tree) {
	for _, key := range w.keys {
		switch at := "/" + key; {
		case key == "__metadata__":
			d.node(at, w.kids[key], g.kid(key))
		case g.kid(key) == nil:
			d.add(at, "the tensor is missing")
		default:
			d.tensor(at, w.kids[key], g.kids[key])
		}
	}
	for _, key := range g.keys {
		if w.kid(key) == nil {
			d.add("/"+key, "is not in the posted file")
		}
	}
}

// tensor compares a tensor's header, and its elements only where that is the same: another shape changes them all.
func (d *differ) tensor(at string, w, g *tree) {
	before := len(d.out)
	if shape := at + "/shape"; !d.equal(shape, w.kid("shape"), g.kid("shape")) {
		d.add(shape, "is %s, posted was %s", shapeText(g.kid("shape")), postedShape(w))
	}
	if w.kid("dtype") != nil && g.kid("dtype") != nil {
		d.node(at+"/dtype", w.kid("dtype"), g.kid("dtype"))
	}
	if len(d.out) > before {
		return
	}
	d.node(at+"/data_offsets", w.kid("data_offsets"), g.kid("data_offsets"))
	rows := d.lines(at+"/rows", w.kid("rows"), g.kid("rows"))
	columns := d.lines(at+"/columns", w.kid("columns"), g.kid("columns"))
	d.elements(at, w, g, rows, columns)
}

// lines is which rows, or which columns, differ.
func (d *differ) lines(at string, w, g *tree) []int {
	var out []int
	for i := 0; w.item(i) != nil || g.item(i) != nil; i++ {
		if !d.equal(at+"/"+strconv.Itoa(i), w.item(i), g.item(i)) {
			out = append(out, i)
		}
	}
	return out
}

// elements says what is known from the rows and columns that differ: rows or columns in another order, the element
// where one row and one column cross, or the elements among which the changed ones are.
func (d *differ) elements(at string, w, g *tree, rows, columns []int) {
	if d.moved(at+"/rows", w.kid("rows"), g.kid("rows"), rows) || d.moved(at+"/columns", w.kid("columns"), g.kid("columns"), columns) {
		return
	}
	switch {
	case len(rows)+len(columns) == 0:
	case len(rows)*len(columns) == 0, len(rows) > 1 && len(columns) > 1:
		d.add(at, "differs from what was posted in rows %s and columns %s%s", listText(rows), listText(columns), candidates(rows, columns))
	default:
		for _, i := range rows {
			for _, j := range columns {
				d.add(fmt.Sprintf("%s/%d/%d", at, i, j), "differs from what was posted%s", d.elementText(at, i, j))
			}
		}
	}
}

func (d *differ) moved(at string, w, g *tree, lines []int) bool {
	return d.reordered(at, lines, func(i, j int) bool { return d.equal(at+"/"+strconv.Itoa(i), w.item(i), g.item(j)) })
}

func candidates(rows, columns []int) string {
	if len(rows)*len(columns) > mostCandidates || len(rows)*len(columns) == 0 {
		return ""
	}
	var at []string
	for _, i := range rows {
		for _, j := range columns {
			at = append(at, fmt.Sprintf("[%d][%d]", i, j))
		}
	}
	return ": two or more of the elements " + strings.Join(at, ", ")
}

func listText(index []int) string {
	if len(index) == 0 {
		return "none"
	}
	var out []string
	for _, run := range runs(index) {
		if len(run) > 2 {
			out = append(out, fmt.Sprintf("%d to %d", run[0], run[len(run)-1]))
			continue
		}
		for _, i := range run {
			out = append(out, strconv.Itoa(i))
		}
	}
	if len(out) > mostCandidates {
		out = append(out[:mostCandidates], "…")
	}
	return strings.Join(out, ", ")
}

// elementText is the element at hand, where it is an int32.
func (d *differ) elementText(at string, i, j int) string {
	f, err := safetensors.Open(bytes.NewReader(d.data), int64(len(d.data)))
	if err != nil {
		return ""
	}
	for _, t := range f.Tensors {
		rows, columns := grid(t.Shape)
		if "/"+escape(t.Name) != at || t.Type != "I32" || int64(i) >= rows || int64(j) >= columns {
			continue
		}
		offset := t.Offset + 4*(int64(i)*columns+int64(j))
		return fmt.Sprintf(": found %d", int32(binary.LittleEndian.Uint32(d.data[offset:])))
	}
	return ""
}

func shapeText(t *tree) string {
	var out []string
	for i := 0; t.item(i) != nil && t.item(i).leaf != nil; i++ {
		out = append(out, string(t.item(i).leaf.value))
	}
	return "[" + strings.Join(out, " ") + "]"
}

// postedShape is the shape as far as the number of entries tells it.
func postedShape(w *tree) string {
	count := func(name string) int {
		if t := w.kid(name); t != nil {
			return len(t.keys)
		}
		return 0
	}
	switch rows, columns := count("rows"), count("columns"); count("shape") {
	case 1:
		return fmt.Sprintf("[%d]", rows)
	case 2:
		return fmt.Sprintf("[%d %d]", rows, columns)
	default:
		return fmt.Sprintf("of %d dimensions, %d rows and %d columns in all", count("shape"), rows, columns)
	}
}

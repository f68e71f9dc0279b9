package settle

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Finding is one thing in a bundle that is not as it should be.
type Finding struct {
	File   string `json:"file"`
	Field  string `json:"field"`  // JSON pointer; empty: the file as a whole
	Detail string `json:"detail"` // what is wrong, in words
}

// String is "payees.json: payees[3].address: what is wrong".
func (f Finding) String() string {
	if f.Field == "" {
		return f.File + ": " + f.Detail
	}
	return f.File + ": " + Readable(f.Field) + ": " + f.Detail
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// diffEntries names what differs between the entries that are trusted and those of the files at hand.
func diffEntries(want, got []Entry, broken map[string]error) []Finding {
	byFile := func(list []Entry) map[string]map[string]Entry {
		out := map[string]map[string]Entry{}
		for _, e := range list {
			if out[e.File] == nil {
				out[e.File] = map[string]Entry{}
			}
			out[e.File][e.Field] = e
		}
		return out
	}
	wanted, found := byFile(want), byFile(got)
	names := map[string]bool{}
	for _, e := range slices.Concat(want, got) {
		names[e.File] = true
	}
	var out []Finding
	for _, file := range sortedKeys(names) {
		w, g := wanted[file], found[file]
		switch {
		case g == nil:
			out = append(out, Finding{File: file, Detail: "the file is missing"})
		case w == nil:
			out = append(out, Finding{File: file, Detail: "the file is not part of the posted bundle"})
		case broken[file] != nil && w[""].Hash != g[""].Hash:
			out = append(out, Finding{File: file, Detail: "the file was changed and cannot be read: " + broken[file].Error()})
		default:
			out = append(out, diffFile(file, w, g)...)
		}
	}
	return out
}

func diffFile(file string, want, got map[string]Entry) []Finding {
	var out []Finding
	fields := map[string]bool{}
	for f := range want {
		fields[f] = true
	}
	for f := range got {
		fields[f] = true
	}
	delete(fields, "")
	for _, f := range sortedKeys(fields) {
		w, hadIt := want[f]
		g, hasIt := got[f]
		switch {
		case !hasIt:
			out = append(out, Finding{file, f, "the field was removed"})
		case !hadIt:
			out = append(out, Finding{file, f, "the field was added"})
		case w.Hash != g.Hash:
			out = append(out, Finding{file, f, "differs from what was posted"})
		case w.Phase != g.Phase:
			out = append(out, Finding{file, f, fmt.Sprintf("is listed as %s but is %s", w.Phase, g.Phase)})
		}
	}
	out = joinContainers(joinCells(out))
	if len(out) == 0 && want[""] != got[""] {
		out = append(out, Finding{File: file, Detail: "its bytes differ from what was posted, though no field does (formatting)"})
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return comparePointers(a.Field, b.Field) })
	return out
}

// joinContainers reports a leaf that became an object or array, or the other way round, as the one field it is.
func joinContainers(in []Finding) []Finding {
	inside := func(outer, f Finding) bool { return strings.HasPrefix(f.Field, outer.Field+"/") }
	out := make([]Finding, 0, len(in))
	for _, f := range in {
		if slices.ContainsFunc(in, func(outer Finding) bool { return inside(outer, f) }) {
			continue
		}
		if slices.ContainsFunc(in, func(inner Finding) bool { return inside(f, inner) }) {
			f.Detail = "differs from what was posted: other members"
		}
		out = append(out, f)
	}
	return out
}

// comparePointers orders by path with indices as numbers, so that payees[2] comes before payees[10].
func comparePointers(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	return slices.CompareFunc(x, y, func(s, t string) int {
		m, errS := strconv.ParseUint(s, 10, 63)
		n, errT := strconv.ParseUint(t, 10, 63)
		if errS == nil && errT == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(s, t)
	})
}

// joinCells turns a row and a column of one tensor that differ into the element where they cross. With several of
// both, rows and columns are named as they are: which crossings changed is not known.
func joinCells(in []Finding) []Finding {
	rows, columns := map[string][]Finding{}, map[string][]Finding{}
	var out []Finding
	for _, f := range in {
		tensor, index, isRow := strings.Cut(f.Field, "/rows/")
		if isRow && isIndex(index) {
			rows[tensor] = append(rows[tensor], f)
			continue
		}
		tensor, index, isColumn := strings.Cut(f.Field, "/columns/")
		if isColumn && isIndex(index) {
			columns[tensor] = append(columns[tensor], f)
			continue
		}
		out = append(out, f)
	}
	for _, tensor := range sortedKeys(rows) {
		r, c := rows[tensor], columns[tensor]
		delete(columns, tensor)
		if len(r) != 1 && len(c) != 1 || len(r)*len(c) == 0 {
			out = append(append(out, r...), c...)
			continue
		}
		for _, row := range r {
			for _, column := range c {
				i, j := row.Field[strings.LastIndex(row.Field, "/"):], column.Field[strings.LastIndex(column.Field, "/"):]
				out = append(out, Finding{row.File, tensor + i + j, row.Detail})
			}
		}
	}
	for _, tensor := range sortedKeys(columns) {
		out = append(out, columns[tensor]...)
	}
	return out
}

// diffJSON compares a JSON file of the bundle with the same file recomputed, field by field in the file's order.
// Numbers with a fraction or exponent are annotations and may differ by one part in 10⁹; all else is exact.
func diffJSON(file string, got, want []byte) []Finding {
	has, err := jsonFields(got)
	if err != nil {
		return []Finding{{File: file, Detail: "cannot be read: " + err.Error()}}
	}
	needs, err := jsonFields(want)
	if err != nil {
		return []Finding{{File: file, Detail: "recomputation gives no JSON: " + err.Error()}}
	}
	found := map[string][]byte{}
	for _, f := range has {
		found[f.pointer] = f.value
	}
	var out []Finding
	for _, f := range needs {
		value, ok := found[f.pointer]
		delete(found, f.pointer)
		if !ok {
			out = append(out, Finding{file, f.pointer, fmt.Sprintf("is missing; recomputation gives %s", f.value)})
		} else if !sameValue(value, f.value) {
			out = append(out, Finding{file, f.pointer, fmt.Sprintf("the bundle says %s, recomputation gives %s", value, f.value)})
		}
	}
	for _, f := range has {
		if _, left := found[f.pointer]; left {
			out = append(out, Finding{file, f.pointer, fmt.Sprintf("the bundle says %s, recomputation gives no such field", f.value)})
		}
	}
	return out
}

func sameValue(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errA := strconv.ParseFloat(string(a), 64)
	y, errB := strconv.ParseFloat(string(b), 64)
	annotation := bytes.ContainsAny(a, ".eE") || bytes.ContainsAny(b, ".eE")
	return errA == nil && errB == nil && annotation && math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
}

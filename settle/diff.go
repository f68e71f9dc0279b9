package settle

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Finding is one thing in a bundle that is not as it should be.
type Finding struct {
	File   string `json:"file"`
	Field  string `json:"field"`        // JSON pointer; empty: the file as a whole
	ID     string `json:"id,omitempty"` // of the list entry that the field belongs to, where it has one
	Detail string `json:"detail"`       // what is wrong, in words
}

// String is "payees.json: payees[3].address (honest-4): what is wrong".
func (f Finding) String() string {
	if f.Field == "" {
		return f.File + ": " + f.Detail
	}
	if f.ID != "" {
		return f.File + ": " + Readable(f.Field) + " (" + f.ID + "): " + f.Detail
	}
	return f.File + ": " + Readable(f.Field) + ": " + f.Detail
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// maxPerFile bounds the findings about one file.
const maxPerFile = 20

// capped cuts the findings about one file.
func capped(found []Finding) []Finding {
	if len(found) <= maxPerFile {
		return found
	}
	more := Finding{File: found[0].File, Detail: fmt.Sprintf("and %d more of its fields", len(found)-maxPerFile)}
	return append(found[:maxPerFile:maxPerFile], more)
}

// diffEntries names what differs between the entries that are trusted and those of the files at hand: what is missing,
// then what was changed, then what is too much.
func diffEntries(want, got []Entry, files map[string][]byte, broken map[string]error) []Finding {
	wanted, found := byFile(want), byFile(got)
	var missing, changed, extra []Finding
	for _, file := range sortedKeys(wanted) {
		if found[file] == nil {
			missing = append(missing, Finding{File: file, Detail: "the file is missing" + renamed(file, wanted[file], found, files)})
			continue
		}
		changed = append(changed, capped(diffFile(file, wanted[file], found[file], files[file], broken[file]))...)
	}
	for _, file := range sortedKeys(found) {
		if wanted[file] == nil {
			extra = append(extra, Finding{File: file, Detail: "the file is not part of the posted bundle"})
		}
	}
	return slices.Concat(missing, changed, extra)
}

func byFile(list []Entry) map[string]map[string]Entry {
	out := map[string]map[string]Entry{}
	for _, e := range list {
		if out[e.File] == nil {
			out[e.File] = map[string]Entry{}
		}
		out[e.File][e.Field] = e
	}
	return out
}

// renamed says under which other name a missing file is there.
func renamed(file string, want map[string]Entry, found map[string]map[string]Entry, files map[string][]byte) string {
	for _, name := range sortedKeys(found) {
		if name != file && entryHash(file, "", files[name]) == want[""].Hash {
			return fmt.Sprintf("; %s holds its content", name)
		}
	}
	for _, name := range sortedKeys(found) {
		if name != file && strings.EqualFold(name, file) {
			return fmt.Sprintf("; %s is another name", name)
		}
	}
	return ""
}

func diffFile(file string, want, got map[string]Entry, data []byte, broken error) []Finding {
	var out []Finding
	for _, field := range sortedKeys(want) {
		if p := want[field].Phase; p != phaseOf(file) {
			what := fmt.Sprintf("the manifest lists it as %q, but it is %q: %s", p, phaseOf(file), phaseText(file))
			out = append(out, Finding{File: file, Field: field, Detail: what})
			break
		}
	}
	switch same := want[""].Hash == got[""].Hash; {
	case maps.Equal(want, got), same && broken != nil:
		return out
	case len(data) == 0:
		return append(out, Finding{File: file, Detail: "the file is empty"})
	case broken != nil:
		return append(out, Finding{File: file, Detail: "the file was changed and cannot be read: " + broken.Error()})
	}
	fields, err := fieldsOf(file, data)
	if err != nil {
		return append(out, Finding{File: file, Detail: "cannot be read: " + err.Error()})
	}
	d := &differ{file: file, data: data, posted: true, got: treeOf(fields)}
	w := &tree{}
	for _, pointer := range sortedKeys(want) {
		if pointer != "" {
			w.put(pointer, leaf{hash: want[pointer].Hash})
		}
	}
	d.got.leaf = nil // one bare value: its bytes have an entry
	if path.Ext(file) == ".safetensors" {
		d.tensors(w, d.got)
	} else {
		d.node("", w, d.got)
	}
	out = append(out, d.out...)
	if len(out) == 0 && want[""].Hash != got[""].Hash {
		out = append(out, Finding{File: file, Detail: bytesText(len(got) > 1)})
	}
	return out
}

func phaseText(file string) string {
	if phaseOf(file) == PhaseResult {
		return "it is derived after the commit"
	}
	return "results are only " + strings.Join(resultFiles, ", ")
}

func bytesText(hasFields bool) string {
	if hasFields {
		return "its bytes differ from what was posted, though no field does (formatting)"
	}
	return "its bytes differ from what was posted"
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
	d := &differ{file: file, data: got, got: treeOf(has)}
	d.node("", treeOf(needs), d.got)
	return capped(d.out)
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

package settle

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// leaf is a field of one side of a comparison: its value, or only the hash that was posted of it.
type leaf struct {
	value []byte
	hash  string
}

// tree is the fields of a file by the parts of their pointers, in order of first appearance.
type tree struct {
	leaf *leaf
	keys []string
	kids map[string]*tree
}

func (t *tree) put(pointer string, l leaf) {
	for _, token := range strings.Split(pointer, "/")[1:] {
		if t.kids == nil {
			t.kids = map[string]*tree{}
		}
		next := t.kids[token]
		if next == nil {
			next = &tree{}
			t.kids[token], t.keys = next, append(t.keys, token)
		}
		t = next
	}
	t.leaf = &l
}

func treeOf(fields []field) *tree {
	t := &tree{}
	for _, f := range fields {
		t.put(f.pointer, leaf{value: f.value})
	}
	return t
}

func (t *tree) kid(key string) *tree {
	if t == nil {
		return nil
	}
	return t.kids[key]
}

func (t *tree) item(i int) *tree { return t.kid(strconv.Itoa(i)) }

// differ compares two sides of one file: what it should hold and what it holds.
type differ struct {
	file   string
	data   []byte // of the file at hand
	posted bool   // what it should hold is known by hashes only
	got    *tree
	out    []Finding
}

func (d *differ) add(at, format string, args ...any) {
	d.out = append(d.out, Finding{File: d.file, Field: at, Detail: fmt.Sprintf(format, args...), ID: idOf(d.got, at)})
}

// idOf is the id of the innermost list entry that a pointer leads into.
func idOf(root *tree, pointer string) (id string) {
	for _, token := range strings.Split(pointer, "/")[1:] {
		if root = root.kid(token); root == nil {
			return id
		}
		if of := root.kid("id"); isIndex(token) && of != nil && of.leaf != nil {
			var text string
			if json.Unmarshal(of.leaf.value, &text) == nil {
				id = text
			}
		}
	}
	return id
}

// same compares two leaves. A posted hash covers the pointer too, so the pointer is the one that was posted.
func (d *differ) same(at string, want *leaf, value []byte) bool {
	if want.value == nil {
		return entryHash(d.file, at, value) == want.hash
	}
	return sameValue(value, want.value)
}

// equal says whether g is what was to stand at a pointer.
func (d *differ) equal(at string, w, g *tree) bool {
	if w == nil || g == nil || (w.leaf == nil) != (g.leaf == nil) || len(w.kids) != len(g.kids) {
		return false
	}
	if w.leaf != nil && !d.same(at, w.leaf, g.leaf.value) {
		return false
	}
	for _, key := range w.keys {
		if !d.equal(at+"/"+key, w.kids[key], g.kid(key)) {
			return false
		}
	}
	return true
}

// node reports what differs at and below a pointer, the general before the particular.
func (d *differ) node(at string, w, g *tree) {
	switch {
	case g == nil:
		d.removed(at, w)
		return
	case w == nil:
		d.added(at, g)
		return
	}
	n, wasList := d.length(at, w)
	m, isList := d.length(at, g)
	if wasList && isList && n+m > 0 {
		d.list(at, w, g, n, m)
		return
	}
	if (w.leaf == nil) != (g.leaf == nil) {
		d.changed(at, w.leaf, g.leaf)
		return
	}
	if w.leaf != nil && !d.same(at, w.leaf, g.leaf.value) {
		d.changed(at, w.leaf, g.leaf)
	}
	for _, key := range w.keys {
		d.node(at+"/"+key, w.kids[key], g.kid(key))
	}
	for _, key := range g.keys {
		if w.kid(key) == nil {
			d.node(at+"/"+key, nil, g.kids[key])
		}
	}
}

// length is the number of entries where the fields can be those of a list.
func (d *differ) length(at string, t *tree) (int, bool) {
	if t.leaf != nil {
		return 0, t.kids == nil && d.same(at, t.leaf, []byte("[]"))
	}
	for i := range t.keys {
		if t.item(i) == nil {
			return 0, false
		}
	}
	return len(t.keys), len(t.keys) > 0
}

func (d *differ) removed(at string, w *tree) {
	switch {
	case d.posted:
		d.add(at, "the field was removed")
	case w.leaf != nil:
		d.add(at, "is missing; recomputation gives %s", show(w.leaf.value))
	default:
		d.add(at, "is missing")
	}
}

func (d *differ) added(at string, g *tree) {
	value := "an object or a list"
	if g.leaf != nil {
		value = show(g.leaf.value)
	}
	if d.posted {
		d.add(at, "the field was added: %s", value)
		return
	}
	d.add(at, "the bundle says %s, recomputation gives no such field", value)
}

// changed compares values, or kinds of values where one is nil: an object or list with members.
func (d *differ) changed(at string, w, g *leaf) {
	text := func(l *leaf) string {
		if l == nil {
			return "an object or a list"
		}
		return show(l.value)
	}
	if d.posted {
		d.add(at, "differs from what was posted: found %s", text(g))
		return
	}
	d.add(at, "the bundle says %s, recomputation gives %s", text(g), text(w))
}

// longestShown bounds a value in a message.
const longestShown = 100

func show(value []byte) string {
	if len(value) <= longestShown {
		return string(value)
	}
	cut := longestShown
	for cut > 0 && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return string(value[:cut]) + "…"
}

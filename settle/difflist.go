package settle

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	furthestShift = 16   // how many entries in a row are taken to be removed or inserted
	mostShifts    = 1000 // how often that is looked for in one list
	mostMoved     = 64   // how many entries are taken to be in another order
)

const insertedHere = "an entry was inserted here"

// list reports entries that were removed, inserted or moved, and nothing else of a list where there are such: the
// entries after them differ from those at their places, but are as they were.
func (d *differ) list(at string, w, g *tree, n, m int) {
	matches := func(i, j int) bool { return d.equal(at+"/"+strconv.Itoa(i), w.item(i), g.item(j)) }
	switch {
	case n == 0:
		d.add(at, "was empty and has %s", entries(m))
		return
	case m == 0:
		d.add(at, "was emptied: it had %s", entries(n))
		return
	}
	var differ []int
	for i := range min(n, m) {
		if !matches(i, i) {
			differ = append(differ, i)
		}
	}
	if n == m && len(differ) == 0 || n == m && d.reordered(at, differ, matches) {
		return
	}
	a := align(n, m, matches)
	if edits := len(a.removed) + len(a.inserted); edits == 0 || n == m && edits+len(a.changed) >= len(differ) {
		for _, i := range differ {
			d.node(at+"/"+strconv.Itoa(i), w.item(i), g.item(i))
		}
		return
	}
	for _, run := range runs(a.removed) {
		d.removedEntries(at, run)
	}
	for _, run := range runs(a.inserted) {
		if len(run) == 1 {
			d.add(at+"/"+strconv.Itoa(run[0]), insertedHere)
		} else {
			d.add(at, "entries were inserted at %s", span(at, run))
		}
	}
	for _, j := range a.changed {
		d.add(at+"/"+strconv.Itoa(j), "the entry was changed, too")
	}
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// removedEntries names no id: what stands at that place now is another entry.
func (d *differ) removedEntries(at string, run []int) {
	f := Finding{File: d.file, Field: at + "/" + strconv.Itoa(run[0]), Detail: "the entry was removed"}
	if len(run) > 1 {
		f.Field, f.Detail = at, span(at, run)+" were removed"
	}
	d.out = append(d.out, f)
}

// reordered reports entries that differ because each stands at another's place.
func (d *differ) reordered(at string, differ []int, matches func(i, j int) bool) bool {
	if len(differ) < 2 || len(differ) > mostMoved {
		return false
	}
	now, taken := map[int]int{}, map[int]bool{}
	for _, i := range differ {
		for _, j := range differ {
			if !taken[j] && i != j && matches(i, j) {
				now[i], taken[j] = j, true
				break
			}
		}
		if _, found := now[i]; !found {
			return false
		}
	}
	d.add(at, "%s", orderText(at, differ, now))
	return true
}

// orderText says in words where entries went.
func orderText(at string, differ []int, now map[int]int) string {
	name := func(i int) string { return Readable(at + "/" + strconv.Itoa(i)) }
	first, last := differ[0], differ[len(differ)-1]
	if len(differ) == 2 {
		return fmt.Sprintf("%s and %s were swapped", name(first), name(last))
	}
	up, down := len(differ) == last-first+1, len(differ) == last-first+1
	for _, i := range differ {
		up = up && (now[i] == i-1 || i == first && now[i] == last)
		down = down && (now[i] == i+1 || i == last && now[i] == first)
	}
	switch {
	case up:
		return fmt.Sprintf("%s was moved to %s", name(first), name(last))
	case down:
		return fmt.Sprintf("%s was moved to %s", name(last), name(first))
	}
	var some []string
	for _, i := range differ[:min(4, len(differ))] {
		some = append(some, fmt.Sprintf("what was %s is %s", name(i), name(now[i])))
	}
	if len(differ) > len(some) {
		some = append(some, "…")
	}
	return fmt.Sprintf("%d entries are in another order: %s", len(differ), strings.Join(some, ", "))
}

// alignment of two lists: removed are indices of what was, inserted and changed of what is.
type alignment struct{ removed, inserted, changed []int }

// align walks both lists and skips over what only one of them has.
func align(n, m int, matches func(i, j int) bool) alignment {
	var a alignment
	i, j, looked := 0, 0, 0
	for i < n && j < m {
		if matches(i, j) {
			i, j = i+1, j+1
			continue
		}
		gone, come := 0, 0
		for s := 1; s <= furthestShift && looked < mostShifts && gone+come == 0; s++ {
			switch {
			case i+s < n && matches(i+s, j):
				gone = s
			case j+s < m && matches(i, j+s):
				come = s
			}
		}
		looked++
		for range gone {
			a.removed, i = append(a.removed, i), i+1
		}
		for range come {
			a.inserted, j = append(a.inserted, j), j+1
		}
		if gone+come == 0 {
			a.changed, i, j = append(a.changed, j), i+1, j+1
		}
	}
	for ; i < n; i++ {
		a.removed = append(a.removed, i)
	}
	for ; j < m; j++ {
		a.inserted = append(a.inserted, j)
	}
	return a
}

// runs cuts rising indices where they do not follow each other.
func runs(index []int) [][]int {
	var out [][]int
	for k, i := range index {
		if k == 0 || i != index[k-1]+1 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

func span(at string, run []int) string {
	return fmt.Sprintf("%s to %s", Readable(at+"/"+strconv.Itoa(run[0])), Readable(at+"/"+strconv.Itoa(run[len(run)-1])))
}

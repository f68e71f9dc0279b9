package cpu

import (
	"cmp"
	"slices"
)

// entry is a candidate of a query's best rows. For the worst rows the score is held negated.
type entry struct {
	score float32
	row   int64
}

// before says that a is ahead of b: a higher score, or the same and a lower row. A total order, so the best k do not
// depend on the order in which candidates come.
func before(a, b entry) bool {
	return a.score > b.score || (a.score == b.score && a.row < b.row)
}

// best keeps the k entries that are ahead of all others, in a heap with the last of them on top.
type best struct {
	k int
	h []entry
}

// wants says cheaply whether an entry of that score could enter.
func (b *best) wants(score float32) bool {
	return len(b.h) < b.k || score >= b.h[0].score
}

// last is the score of the entry that leaves next; any finite one enters while there is room, and none when k is 0.
func (b *best) last() float32 {
	switch {
	case b.k == 0:
		return infinity
	case len(b.h) < b.k:
		return -infinity
	}
	return b.h[0].score
}

func (b *best) add(e entry) {
	if len(b.h) < b.k {
		b.h = append(b.h, e)
		for i := len(b.h) - 1; i > 0; {
			up := (i - 1) / 2
			if !before(b.h[up], b.h[i]) {
				break
			}
			b.h[up], b.h[i] = b.h[i], b.h[up]
			i = up
		}
	} else if b.k > 0 && before(e, b.h[0]) {
		b.h[0] = e
		b.down()
	}
}

func (b *best) down() {
	for i := 0; ; {
		last := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(b.h); c++ {
			if before(b.h[last], b.h[c]) {
				last = c
			}
		}
		if last == i {
			return
		}
		b.h[i], b.h[last] = b.h[last], b.h[i]
		i = last
	}
}

// sorted empties the heap into order.
func (b *best) sorted() []entry {
	slices.SortFunc(b.h, func(x, y entry) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.row, y.row))
	})
	return b.h
}

package corpus

import (
	"hash/maphash"
	"iter"
	"slices"

	"attrib/internal/packed"
)

// row is what is known of a sample: its position in the corpus file is its number.
type row struct {
	id          string
	hash        [32]byte // zero when there is neither content nor sha256
	contributor int32    // index in Contributors, −1 for none
	label       int32    // −1 for none
	licence     int32    // place in Corpus.licences
	split       Split
}

// rows are those of all samples, by column: a few bytes each, and 32 more where samples have content.
type rows struct {
	ids                                packed.Strings
	contributor, label, licence, split packed.Ints
	hashes                             [][][32]byte // in pieces of hashesLen; none as long as all are zero
}

const hashesLen = 4096

func (t *rows) len() int { return t.ids.Len() }

func (t *rows) add(r row) {
	if r.hash != ([32]byte{}) {
		t.setHash(t.len(), r.hash)
	}
	t.ids.Append(r.id)
	t.contributor.Append(int64(r.contributor))
	t.label.Append(int64(r.label))
	t.licence.Append(int64(r.licence))
	t.split.Append(int64(slices.Index(Splits(), r.split) + 1)) // 0 for one that was reported
}

func (t *rows) setHash(i int, h [32]byte) {
	for len(t.hashes) <= i/hashesLen {
		t.hashes = append(t.hashes, nil)
	}
	piece := &t.hashes[i/hashesLen]
	if *piece == nil {
		*piece = make([][32]byte, hashesLen)
	}
	(*piece)[i%hashesLen] = h
}

func (t *rows) hash(i int) [32]byte {
	if at := i / hashesLen; at < len(t.hashes) && t.hashes[at] != nil {
		return t.hashes[at][i%hashesLen]
	}
	return [32]byte{}
}

func (t *rows) id(i int) string { return t.ids.At(i) }

func (t *rows) splitOf(i int) Split {
	if s := t.split.At(i); s > 0 {
		return Splits()[s-1]
	}
	return ""
}

// contributorOf is a place in Contributors, −1 for none.
func (t *rows) contributorOf(i int) int { return int(t.contributor.At(i)) }

func (t *rows) labelOf(i int) int32 { return int32(t.label.At(i)) }

func (t *rows) at(i int) row {
	return row{t.id(i), t.hash(i), int32(t.contributorOf(i)), t.labelOf(i), int32(t.licence.At(i)), t.splitOf(i)}
}

// all gives every row with its number.
func (t *rows) all() iter.Seq2[int, row] {
	return func(yield func(int, row) bool) {
		for i := range t.len() {
			if !yield(i, t.at(i)) {
				return
			}
		}
	}
}

// idTable finds rows by id while a corpus is opened. It is cut into parts that grow by themselves, so that growing never
// holds much twice.
type idTable struct {
	rows  *rows
	seed  maphash.Seed
	parts [256]idPart
	lines packed.Ints // of the rows
}

// idPart is an open hash table of row numbers, counted from 1, with some more bits of each id's hash.
type idPart struct {
	slots []uint32
	tags  []uint8
	used  int
}

// first gives the line of the row that has the id already, or notes that the row that comes next has it.
func (t *idTable) first(id string, line int) (earlier int, ok bool) {
	t.lines.Append(int64(line))
	h := maphash.String(t.seed, id)
	p, tag := &t.parts[h>>56], uint8(h>>48)
	if 4*(p.used+1) > 3*len(p.slots) {
		t.grow(p)
	}
	for at := p.place(h); ; at = (at + 1) % len(p.slots) {
		switch k := p.slots[at]; {
		case k == 0:
			p.slots[at], p.tags[at] = uint32(t.rows.len()+1), tag
			p.used++
			return 0, false
		case p.tags[at] == tag && t.rows.ids.Is(int(k-1), id):
			return int(t.lines.At(int(k - 1))), true
		}
	}
}

func (p *idPart) place(h uint64) int { return int(h % (1 << 48) % uint64(len(p.slots))) }

func (t *idTable) grow(p *idPart) {
	old := *p
	n := max(16, len(old.slots)*3/2)
	p.slots, p.tags = make([]uint32, n), make([]uint8, n)
	for i, k := range old.slots {
		if k == 0 {
			continue
		}
		at := p.place(maphash.String(t.seed, t.rows.id(int(k-1))))
		for p.slots[at] != 0 {
			at = (at + 1) % n
		}
		p.slots[at], p.tags[at] = k, old.tags[i]
	}
}

func newIDTable(r *rows) *idTable { return &idTable{rows: r, seed: maphash.MakeSeed()} }

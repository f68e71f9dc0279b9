package corpus

import (
	"hash/maphash"
	"iter"
	"slices"
	"unsafe"
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

// rows are those of all samples, by column: some 20 bytes and the id each, and 32 more where samples have content.
type rows struct {
	ids                         []byte // one after another
	ends                        []int64
	hashes                      [][32]byte // none as long as all are zero
	contributor, label, licence []int32
	split                       []uint8
}

func (t *rows) len() int { return len(t.ends) }

func (t *rows) add(r row) {
	if r.hash != ([32]byte{}) || t.hashes != nil {
		for len(t.hashes) < t.len() {
			t.hashes = append(t.hashes, [32]byte{})
		}
		t.hashes = append(t.hashes, r.hash)
	}
	t.ids = append(t.ids, r.id...)
	t.ends = append(t.ends, int64(len(t.ids)))
	t.contributor, t.label, t.licence = append(t.contributor, r.contributor), append(t.label, r.label), append(t.licence, r.licence)
	t.split = append(t.split, uint8(slices.Index(Splits(), r.split)+1)) // 0 for one that was reported
}

// id views an id. The bytes are never written again.
func (t *rows) id(i int) string {
	from := int64(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return unsafe.String(unsafe.SliceData(t.ids[from:]), t.ends[i]-from)
}

func (t *rows) splitOf(i int) Split {
	if t.split[i] == 0 {
		return ""
	}
	return Splits()[t.split[i]-1]
}

func (t *rows) at(i int) row {
	r := row{id: t.id(i), contributor: t.contributor[i], label: t.label[i], licence: t.licence[i], split: t.splitOf(i)}
	if t.hashes != nil {
		r.hash = t.hashes[i]
	}
	return r
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

// idTable finds rows by id while a corpus is opened: an open hash table of row numbers, counted from 1.
type idTable struct {
	rows  *rows
	seed  maphash.Seed
	slots []uint32
	lines []int32 // of the rows
}

// first gives the line of the row that has the id already, or notes that the row that comes next has it.
func (t *idTable) first(id string, line int) (earlier int, ok bool) {
	if n := t.rows.len(); 2*(n+1) > len(t.slots) {
		t.grow(max(1024, 4*n))
	}
	t.lines = append(t.lines, int32(line))
	for at := t.slot(id); ; at = (at + 1) % len(t.slots) {
		switch k := t.slots[at]; {
		case k == 0:
			t.slots[at] = uint32(t.rows.len() + 1)
			return 0, false
		case t.rows.id(int(k-1)) == id:
			return int(t.lines[k-1]), true
		}
	}
}

func (t *idTable) slot(id string) int {
	return int(maphash.String(t.seed, id) % uint64(len(t.slots)))
}

func (t *idTable) grow(n int) {
	old := t.slots
	t.slots = make([]uint32, n)
	for _, k := range old {
		if k == 0 {
			continue
		}
		at := t.slot(t.rows.id(int(k - 1)))
		for t.slots[at] != 0 {
			at = (at + 1) % n
		}
		t.slots[at] = k
	}
}

func newIDTable(r *rows) *idTable { return &idTable{rows: r, seed: maphash.MakeSeed()} }

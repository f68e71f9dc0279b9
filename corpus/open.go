package corpus

import (
	"errors"
	"os"

	"github.com/ethereum/go-ethereum/common"
)

// Open reads and checks a corpus folder. Every asset is read once, to compare its hash and to find that its features are
// finite and of one width. Mistakes are returned together as *Invalid. Claims are checked but for their deadline,
// which needs a time: see CheckClaims.
func Open(dir string) (*Corpus, error) {
	c, found, err := read(dir, "")
	if err != nil {
		return nil, err
	}
	if len(found.Problems) == 0 {
		c.checkClaims(ClaimRules{}, found)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// opener carries the state of reading one folder.
type opener struct {
	*Corpus
	found     *Invalid
	root      *os.Root
	unclear   map[string]bool // tables with records that could not be read: what refers to them is not judged
	addresses map[common.Address]string
	ids       *idTable // of samples
	queryIDs  map[string]int
	licenceAt map[string]int32
	samples   []int  // training samples per contributor
	first     string // the sample that set kind and width
	signing   string // id of the contributor whose claim is about to be replaced
}

// read is Open without the claims; the claim of the contributor signing may be missing or unreadable. The error is for a folder that cannot be read at all.
func read(dir, signing string) (*Corpus, *Invalid, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	o := &opener{Corpus: &Corpus{dir: dir, index: map[string]int{}}, found: &Invalid{}, root: root,
		unclear: map[string]bool{}, addresses: map[common.Address]string{}, queryIDs: map[string]int{}, licenceAt: map[string]int32{}, signing: signing}
	o.ids = newIDTable(&o.rows)
	load(o, contributorTable, true, o.contributor)
	o.checkUnits()
	o.samples = make([]int, len(o.Contributors))
	o.readSamples()
	o.readQueries()
	load(o, approvalTable, false, o.approval())
	return o.Corpus, o.found, nil
}

// record is a pointer to a record type.
type record[T any] interface {
	*T
	schema() *string
}

func (s *Sample) schema() *string      { return &s.Schema }
func (c *Contributor) schema() *string { return &c.Schema }
func (q *Query) schema() *string       { return &q.Schema }
func (a *Approval) schema() *string    { return &a.Schema }

// load reads a table and hands its records to use. It returns the file's path, "" when there is none.
func load[T any, P record[T]](o *opener, t table, needed bool, use func(place, *T)) string {
	path, err := t.find(o.dir)
	if errors.Is(err, os.ErrNotExist) && !needed {
		return ""
	}
	if err == nil {
		n := 0
		err = t.read(path, func(line int, data []byte, bad error) error {
			n++
			p := place{to: o.found, file: path, line: line}
			v := P(new(T))
			if bad == nil {
				bad = t.decode(data, v, v.schema())
			}
			if bad != nil {
				o.unclear[t.name] = true
				p.bad("", "%v", bad)
				return nil
			}
			use(p, (*T)(v))
			return nil
		})
		if err == nil && n == 0 && needed {
			err = errors.New(path + ": has no records")
		}
	}
	if err != nil {
		o.unclear[t.name] = true
		o.found.add(Problem{Text: err.Error()})
	}
	return path
}

package corpus

import (
	"encoding/hex"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
)

// Corpus is a folder that was read and found right. It is safe for use by several goroutines as long as nobody writes its
// fields.
type Corpus struct {
	Contributors []Contributor // in file order, with addresses in EIP-55 form and claims read
	Queries      []Query       // in file order, with every Weight set
	Approvals    []Approval
	Warnings     []error // what is allowed but should be seen

	dir, samplesFile string
	places           []place // of Contributors
	index            map[string]int
	rows             rows
	licences         []string // each once; rows name them by place
	unhashed         int      // samples without a sha256 in the file
	kind             Kind
	width            int
	hash, queryHash  [32]byte
}

// Dir is the folder.
func (c *Corpus) Dir() string { return c.dir }

// Len is the number of samples of all splits. Samples are numbered from 0 in file order; these numbers are the row ids of
// feature stores.
func (c *Corpus) Len() int { return c.rows.len() }

// Count is the number of samples of a split.
func (c *Corpus) Count(split Split) int {
	n := 0
	for i := range c.rows.len() {
		if c.rows.splitOf(i) == split {
			n++
		}
	}
	return n
}

// TrainCounts are the numbers of training samples by contributor, in the order of Contributors.
func (c *Corpus) TrainCounts() []int64 {
	out := make([]int64, len(c.Contributors))
	for i := range c.rows.len() {
		if who := c.rows.contributorOf(i); who >= 0 && c.rows.splitOf(i) == SplitTrain {
			out[who]++
		}
	}
	return out
}

// RowsOf lists the numbers of a split's samples.
func (c *Corpus) RowsOf(split Split) []int64 {
	var out []int64
	for i := range c.rows.len() {
		if c.rows.splitOf(i) == split {
			out = append(out, int64(i))
		}
	}
	return out
}

// Split is the split of a sample by its number.
func (c *Corpus) Split(row int64) Split { return c.rows.splitOf(int(row)) }

// SampleID is the id of a sample by its number.
func (c *Corpus) SampleID(row int64) string { return c.rows.id(int(row)) }

// Owner is the id of the contributor of a sample, by the sample's number; empty for none.
func (c *Corpus) Owner(row int64) string {
	if i := c.rows.contributorOf(int(row)); i >= 0 {
		return c.Contributors[i].ID
	}
	return ""
}

// Label is the class of a sample by its number, −1 for none.
func (c *Corpus) Label(row int64) int32 { return c.rows.labelOf(int(row)) }

// Kind is what the assets of samples and queries are.
func (c *Corpus) Kind() Kind { return c.kind }

// Width is the number of features of a sample, the same for all and for queries; 0 unless Kind is KindNumbers.
func (c *Corpus) Width() int { return c.width }

// Classes is one more than the largest label of samples and queries; 0 when nothing is labelled.
func (c *Corpus) Classes() int {
	top := int32(-1)
	for i := range c.rows.len() {
		top = max(top, c.rows.labelOf(i))
	}
	for _, q := range c.Queries {
		if q.Label != nil {
			top = max(top, *q.Label)
		}
	}
	return int(top) + 1
}

// Hash is the corpus hash in hexadecimal; the package documentation defines it.
func (c *Corpus) Hash() string { return hex.EncodeToString(c.hash[:]) }

// QueriesHash is the hash of the outputs in hexadecimal: SHA-256 over one line per query, each the JSON array
// ["id","sha256 of the content",label or null,"sha256 of the target" or null,"weight","promptBy","reviewedBy"].
func (c *Corpus) QueriesHash() string { return hex.EncodeToString(c.queryHash[:]) }

// Lookup finds a contributor's place in Contributors by id.
func (c *Corpus) Lookup(id string) (int, bool) {
	i, ok := c.index[id]
	return i, ok
}

// Earned is what all outputs earned together, in base units.
func (c *Corpus) Earned() *big.Int {
	sum := new(big.Int)
	for _, q := range c.Queries {
		sum.Add(sum, &q.Weight.v)
	}
	return sum
}

// ContentRoot is the Merkle root over all samples of a contributor, given by its place in Contributors.
func (c *Corpus) ContentRoot(contributor int) common.Hash {
	return Root(c.holdings()[contributor].hashes)
}

// Players are the players of a game over the contributors of a role: names are their units in order of first appearance in
// Contributors, also those without training samples.
type Players struct {
	Names  []string
	of     []int32 // by place in Contributors
	corpus *Corpus
}

// Players makes the players of a role.
func (c *Corpus) Players(role Role) Players {
	p := Players{of: make([]int32, len(c.Contributors)), corpus: c}
	unit := map[string]int32{}
	for i, who := range c.Contributors {
		p.of[i] = -1
		if who.Role != role {
			continue
		}
		n, ok := unit[who.UnitName()]
		if !ok {
			n = int32(len(p.Names))
			unit[who.UnitName()] = n
			p.Names = append(p.Names, who.UnitName())
		}
		p.of[i] = n
	}
	return p
}

// Of is the place in Names of the player that a sample, given by its number, belongs to; −1 for samples of other roles
// and other splits.
func (p Players) Of(row int64) int32 {
	who := p.corpus.rows.contributorOf(int(row))
	if who < 0 || p.corpus.rows.splitOf(int(row)) != SplitTrain {
		return -1
	}
	return p.of[who]
}

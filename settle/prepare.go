package settle

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
)

// Posting is what an epoch needs besides what its bundle's inputs and weights say.
type Posting struct {
	Number        uint64 // 1 for the first epoch
	ChainID       uint64
	Ledger, Token common.Address
	Pool          *uint256.Int
	Seed          Seed
	Previous      *Previous // nil before the first epoch; else Load(previous folder).Next
}

// Prepare completes the bundle in dir, which holds the input files, shares.json and weights.json: it settles the
// epoch, writes seed.json, previous.json, payees.json, epoch.json and the manifest, and returns what is to be posted.
func Prepare(dir string, p Posting) (*Epoch, error) {
	inputHash, err := InputHash(dir)
	if err != nil {
		return nil, err
	}
	if p.Seed.InputHash != inputHash.Hex() {
		return nil, fmt.Errorf("%s: the seed belongs to input hash %s, but the input files give %s: they were changed after the commit", dir, p.Seed.InputHash, inputHash)
	}
	files, err := wholeBundle(dir)
	if err != nil {
		return nil, err
	}
	e, err := settleFiles(files, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	e.InputHash = inputHash
	if err := writeResults(dir, p, e); err != nil {
		return nil, err
	}
	e.Evidence, err = Seal(dir)
	return e, err
}

// settleFiles settles from the bytes of contributors.json, weights.json and policy.json.
func settleFiles(files map[string][]byte, p Posting) (*Epoch, error) {
	for _, name := range []string{FileContributors, FileWeights, FilePolicy} {
		if files[name] == nil {
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	shares, err := readShares(files[FileContributors], files[FileWeights])
	if err != nil {
		return nil, err
	}
	minimum, err := readMinimum(files[FilePolicy])
	if err != nil {
		return nil, err
	}
	return Settle(Settlement{p.Number, p.ChainID, p.Ledger, p.Token, p.Pool, minimum, shares, p.Previous})
}

func writeResults(dir string, p Posting, e *Epoch) error {
	return errors.Join(
		strictjson.WriteFile(filepath.Join(dir, FileSeed), p.Seed),
		strictjson.WriteFile(filepath.Join(dir, FilePrevious), encodePrevious(p.Previous)),
		strictjson.WriteFile(filepath.Join(dir, FilePayees), encodePayees(e.Payees)),
		strictjson.WriteFile(filepath.Join(dir, FileEpoch), encodeEpoch(e)),
	)
}

// Load reads the epoch of a bundle, with its payees and its evidence hash. It does not verify the bundle, but the
// epoch it returns holds together: its tree has its root.
func Load(dir string) (*Epoch, error) {
	files, err := wholeBundle(dir)
	if err != nil {
		return nil, err
	}
	e, err := loadEpoch(files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	m, _ := manifestOf(files)
	e.Evidence, err = entriesRoot(m.Entries, "")
	return e, err
}

func loadEpoch(files map[string][]byte) (*Epoch, error) {
	for _, name := range []string{FileEpoch, FilePayees} {
		if files[name] == nil {
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	e, err := decodeEpoch(files[FileEpoch])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FileEpoch, err)
	}
	var p payeesFile
	if err := strictjson.Unmarshal(files[FilePayees], &p); err != nil {
		return nil, fmt.Errorf("%s: %w", FilePayees, err)
	}
	if err := strictjson.CheckSchema(p.Schema, SchemaPayees); err != nil {
		return nil, fmt.Errorf("%s: %w", FilePayees, err)
	}
	if e.Payees, err = decodePayees("payees", p.Payees); err != nil {
		return nil, fmt.Errorf("%s: %w", FilePayees, err)
	}
	tree, err := e.Tree()
	if err != nil {
		return nil, err
	}
	if tree.Root() != e.Root {
		return nil, fmt.Errorf("%s: root is %s, but %s gives %s", FileEpoch, e.Root, FilePayees, tree.Root())
	}
	return e, nil
}

// LoadPrevious reads what the next epoch inherits from the bundle of this one, with the proof that its payees are
// those that the evidence hash stands for.
func LoadPrevious(dir string) (*Previous, error) {
	e, err := Load(dir)
	if err != nil {
		return nil, err
	}
	files, err := wholeBundle(dir)
	if err != nil {
		return nil, err
	}
	m, _ := manifestOf(files)
	tree, err := entriesTree(m.Entries, "")
	if err != nil {
		return nil, err
	}
	p := &Previous{Epoch: e.Number, Root: e.Root, Evidence: e.Evidence, Payees: e.Payees}
	leaf, err := p.payeesLeaf()
	if err != nil {
		return nil, err
	}
	if p.Proof, err = tree.Proof(leaf); err != nil {
		return nil, fmt.Errorf("%s: %s is not written as this program writes it", dir, FilePayees)
	}
	return p, nil
}

// payeesLeaf is the leaf of payees.json, as these payees are written, in the previous bundle's evidence tree.
func (p *Previous) payeesLeaf() (common.Hash, error) {
	data, err := strictjson.Marshal(encodePayees(p.Payees))
	if err != nil {
		return common.Hash{}, err
	}
	return Entry{FilePayees, "", PhaseResult, entryHash(FilePayees, "", data)}.leaf(), nil
}

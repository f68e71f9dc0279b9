package settle

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// SchemaManifest is the schema of manifest.json.
const SchemaManifest = "attrib.manifest/1"

// Manifest lists the hash of every file and every field of a bundle.
type Manifest struct {
	Schema    string  `json:"schema"`
	InputHash string  `json:"inputHash"`
	Entries   []Entry `json:"entries"` // by file, then field
}

// Entry is the hash of one file (Field empty) or one field: keccak256(file ‖ 0 ‖ field ‖ 0 ‖ bytes), where bytes are
// the file's, or the field's canonical form.
type Entry struct {
	File  string `json:"file"`
	Field string `json:"field"`
	Phase Phase  `json:"phase"`
	Hash  string `json:"hash"`
}

// fieldsOf lists the fields of a file by what it holds. Files that are neither JSON nor safetensors have none.
func fieldsOf(file string, data []byte) ([]field, error) {
	switch ext := path.Ext(file); {
	case len(data) == 0 && (ext == ".json" || ext == ".safetensors"):
		return nil, errors.New("the file is empty")
	case ext == ".json":
		return jsonFields(data)
	case ext == ".safetensors":
		return tensorFields(data)
	}
	return nil, nil
}

func entryHash(file, pointer string, value []byte) string {
	h := crypto.Keccak256([]byte(file), []byte{0}, []byte(pointer), []byte{0}, value)
	return "0x" + hex.EncodeToString(h)
}

// manifestOf computes the manifest that belongs to files. Broken says which files could not be taken apart; they have
// an entry for their bytes only.
func manifestOf(files map[string][]byte) (m Manifest, broken map[string]error) {
	broken = map[string]error{}
	for file, data := range files {
		if file == FileManifest {
			continue
		}
		fields, err := fieldsOf(file, data)
		if err != nil {
			broken[file], fields = err, nil
		}
		phase := phaseOf(file)
		m.Entries = append(m.Entries, Entry{file, "", phase, entryHash(file, "", data)})
		for _, f := range fields {
			if f.pointer == "" {
				continue // a file that is one bare value: its bytes have an entry
			}
			m.Entries = append(m.Entries, Entry{file, f.pointer, phase, entryHash(file, f.pointer, f.value)})
		}
	}
	slices.SortFunc(m.Entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Field, b.Field))
	})
	m.Schema = SchemaManifest
	if hash, err := entriesRoot(m.Entries, PhaseInput); err == nil {
		m.InputHash = hash.Hex()
	}
	return m, broken
}

// entriesRoot is the Merkle root over the entries of one phase, or of all with phase "". The tree is the same kind
// as the payees', so that one field can be proved by itself.
func entriesRoot(entries []Entry, phase Phase) (common.Hash, error) {
	tree, err := entriesTree(entries, phase)
	if err != nil {
		return common.Hash{}, err
	}
	return tree.Root(), nil
}

func entriesTree(entries []Entry, phase Phase) (*Tree, error) {
	var leaves []common.Hash
	for _, e := range entries {
		if phase == "" || e.Phase == phase {
			leaves = append(leaves, e.leaf())
		}
	}
	if len(leaves) == 0 {
		return nil, fmt.Errorf("there are no %s entries", phase)
	}
	return NewTree(leaves)
}

// leaf covers the entry's names as well as its hash, so that an entry cannot be given to another field.
func (e Entry) leaf() common.Hash {
	text := strings.Join([]string{string(e.Phase), e.File, e.Field, e.Hash}, "\x00")
	return crypto.Keccak256Hash(crypto.Keccak256([]byte(text)))
}

package settle

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"attrib/internal/strictjson"
)

// SchemaSeed is the schema of seed.json.
const SchemaSeed = "attrib.seed/1"

// Sources of a seed.
const (
	SeedFromCommit = "commit" // keccak256(inputHash ‖ blockHash), block after the commit
	SeedGiven      = "given"  // chosen by whoever ran it, for tests and repetition: a poster may have tried many
)

// Seed says where the randomness of an epoch comes from. It is seed.json.
type Seed struct {
	Schema      string `json:"schema"`
	Source      string `json:"source"`
	InputHash   string `json:"inputHash"`
	CommitBlock uint64 `json:"commitBlock"` // 0 when given
	BlockHash   string `json:"blockHash"`   // of block commitBlock + 1; empty when given
	Value       string `json:"value"`       // 32 bytes
}

// DeriveSeed is keccak256(inputHash ‖ blockHash). The inputs are fixed before the block exists, so nobody can choose.
func DeriveSeed(inputHash, blockHash common.Hash) common.Hash {
	return crypto.Keccak256Hash(inputHash[:], blockHash[:])
}

// CommittedSeed is the seed of inputs that were committed in block commitBlock; blockHash is the next block's.
func CommittedSeed(inputHash common.Hash, commitBlock uint64, blockHash common.Hash) Seed {
	return Seed{SchemaSeed, SeedFromCommit, inputHash.Hex(), commitBlock, blockHash.Hex(), DeriveSeed(inputHash, blockHash).Hex()}
}

// GivenSeed is a seed that was chosen; verifiers report it as such.
func GivenSeed(inputHash, value common.Hash) Seed {
	return Seed{Schema: SchemaSeed, Source: SeedGiven, InputHash: inputHash.Hex(), Value: value.Hex()}
}

// Bytes is the seed proper.
func (s Seed) Bytes() [32]byte { return common.HexToHash(s.Value) }

// recompute is the seed as it should be, given the input hash of the bundle.
func (s Seed) recompute(inputHash common.Hash) (Seed, error) {
	switch s.Source {
	case SeedFromCommit:
		block, err := parseHash(s.BlockHash)
		if err != nil {
			return s, fmt.Errorf("blockHash: %w", err)
		}
		return CommittedSeed(inputHash, s.CommitBlock, block), nil
	case SeedGiven:
		value, err := parseHash(s.Value)
		if err != nil {
			return s, fmt.Errorf("value: %w", err)
		}
		return GivenSeed(inputHash, value), nil
	}
	return s, fmt.Errorf("source %q is neither %q nor %q", s.Source, SeedFromCommit, SeedGiven)
}

func readSeed(data []byte) (Seed, error) {
	var s Seed
	if err := strictjson.Unmarshal(data, &s); err != nil {
		return s, err
	}
	return s, strictjson.CheckSchema(s.Schema, SchemaSeed)
}

func parseHash(s string) (common.Hash, error) {
	if len(s) != 66 || s[:2] != "0x" || !isHex(s[2:]) {
		return common.Hash{}, fmt.Errorf("%q is not 0x and 64 hexadecimal digits", s)
	}
	return common.HexToHash(s), nil
}

func isHex(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F') {
			return false
		}
	}
	return s != ""
}

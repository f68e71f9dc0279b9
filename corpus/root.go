package corpus

import (
	"bytes"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

const (
	leafTag = "attrib.content.leaf/1"
	nodeTag = "attrib.content.node/1"
)

// Root is the content root of samples with these SHA-256 hashes, in any order; repeated hashes count as often as they
// occur. See the package documentation for the tree.
func Root(hashes [][32]byte) common.Hash {
	if len(hashes) == 0 {
		return common.Hash{}
	}
	sorted := slices.Clone(hashes)
	slices.SortFunc(sorted, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	level := make([]common.Hash, len(sorted))
	for i, h := range sorted {
		level[i] = crypto.Keccak256Hash([]byte(leafTag), h[:])
	}
	for len(level) > 1 {
		level = parents(level)
	}
	return level[0]
}

// parents overwrites a level of the tree with the next one up.
func parents(level []common.Hash) []common.Hash {
	up := level[:0]
	for i := 0; i < len(level); i += 2 {
		if i+1 == len(level) {
			return append(up, level[i])
		}
		up = append(up, crypto.Keccak256Hash([]byte(nodeTag), level[i][:], level[i+1][:]))
	}
	return up
}

package corpus

import (
	"bytes"
	"crypto/sha256"
	"math/bits"
	"slices"
	"sort"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// refRoot is the tree as RFC 6962, section 2.1 puts it: split at the largest power of two below n.
func refRoot(sorted [][32]byte) common.Hash {
	n := len(sorted)
	if n == 1 {
		return crypto.Keccak256Hash(append([]byte("attrib.content.leaf/1"), sorted[0][:]...))
	}
	k := 1 << (bits.Len(uint(n-1)) - 1)
	left, right := refRoot(sorted[:k]), refRoot(sorted[k:])
	return crypto.Keccak256Hash(slices.Concat([]byte("attrib.content.node/1"), left[:], right[:]))
}

func TestRootIsTheTreeOfRFC6962(t *testing.T) {
	var hashes [][32]byte
	for n := 1; n <= 70; n++ {
		hashes = append(hashes, sha256.Sum256([]byte{byte(n)}))
		sorted := slices.Clone(hashes)
		sort.Slice(sorted, func(i, j int) bool { return bytes.Compare(sorted[i][:], sorted[j][:]) < 0 })
		before := slices.Clone(hashes)
		if got, want := Root(hashes), refRoot(sorted); got != want {
			t.Errorf("%d hashes: root %s, want %s", n, got, want)
		}
		if !slices.Equal(before, hashes) {
			t.Fatal("Root reorders its argument")
		}
		slices.Reverse(before)
		if Root(before) != Root(hashes) {
			t.Errorf("%d hashes: the root depends on their order", n)
		}
	}
}

func TestRootCountsRepetitions(t *testing.T) {
	a, b := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	roots := map[common.Hash]bool{}
	for _, hashes := range [][][32]byte{nil, {a}, {a, a}, {a, a, a}, {a, b}, {a, b, b}, {b}} {
		roots[Root(hashes)] = true
	}
	if len(roots) != 7 {
		t.Errorf("%d different roots of 7 lists", len(roots))
	}
	if Root(nil) != (common.Hash{}) {
		t.Error("the root of nothing is not zero")
	}
}

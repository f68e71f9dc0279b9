package settle

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
)

// rootSlowly is the tree as a recursion over the array layout: node i hashes the sorted pair of its children.
func rootSlowly(sorted []common.Hash, i int) common.Hash {
	n := len(sorted)
	if i >= n-1 {
		return sorted[2*n-2-i]
	}
	pair := [][]byte{rootSlowly(sorted, 2*i+1).Bytes(), rootSlowly(sorted, 2*i+2).Bytes()}
	slices.SortFunc(pair, bytes.Compare)
	return crypto.Keccak256Hash(bytes.Join(pair, nil))
}

func TestTreeAgainstRecursion(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := 1; n <= 40; n++ {
		leaves := make([]common.Hash, n)
		for i := range leaves {
			leaves[i] = Leaf(1, testLedger, account(uint64(i)), uint256.NewInt(r.Uint64()))
		}
		tree, err := NewTree(leaves)
		if err != nil {
			t.Fatal(err)
		}
		sorted := slices.Clone(leaves)
		slices.SortFunc(sorted, common.Hash.Cmp)
		if want := rootSlowly(sorted, 0); tree.Root() != want {
			t.Fatalf("%d leaves: root %s, want %s", n, tree.Root(), want)
		}
		for i, leaf := range leaves {
			proof, err := tree.Proof(leaf)
			if err != nil || !VerifyProof(tree.Root(), leaf, proof) {
				t.Fatalf("%d leaves: proof of leaf %d does not verify (%v)", n, i, err)
			}
			if other := leaves[(i+1)%n]; n > 1 && VerifyProof(tree.Root(), other, proof) {
				t.Fatalf("%d leaves: the proof of leaf %d verifies for another", n, i)
			}
		}
	}
}

func TestTreeRefuses(t *testing.T) {
	if _, err := NewTree(nil); err == nil {
		t.Error("an empty tree was built")
	}
	leaf := Leaf(1, testLedger, account(1), uint256.NewInt(1))
	if _, err := NewTree([]common.Hash{leaf, leaf}); err == nil {
		t.Error("a repeated leaf was accepted")
	}
	tree, _ := NewTree([]common.Hash{leaf})
	if _, err := tree.Proof(common.Hash{1}); err == nil {
		t.Error("a leaf that is not in the tree was proved")
	}
}

// golden is testdata/merkle.json, made by contracts/scripts/golden.mjs with the JavaScript library.
type golden struct {
	Domain  common.Hash
	ChainID string
	Ledger  common.Address
	Trees   []struct {
		Name, CumulativeTotal string
		Root                  common.Hash
		Payees                []struct {
			Account          common.Address
			CumulativeAmount string
			Leaf             common.Hash
			Proof            []common.Hash
		}
		Dump struct{ Tree []common.Hash }
	}
}

func TestTreeAgainstJavaScript(t *testing.T) {
	data, err := os.ReadFile("testdata/merkle.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if g.Domain != LeafDomain || len(g.Trees) == 0 {
		t.Fatalf("domain %s, want %s; %d trees", g.Domain, LeafDomain, len(g.Trees))
	}
	chainID, err := strconv.ParseUint(g.ChainID, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range g.Trees {
		total, payees := new(uint256.Int), make([]Payee, len(want.Payees))
		for i, p := range want.Payees {
			payees[i] = Payee{Address: p.Account, Cumulative: uint256.MustFromDecimal(p.CumulativeAmount)}
			total.Add(total, payees[i].Cumulative)
			got := Leaf(chainID, g.Ledger, p.Account, payees[i].Cumulative)
			if full := p.Leaf != (common.Hash{}); full && got != p.Leaf { // the largest tree gives leaves of a sample only
				t.Fatalf("tree %s, payee %d: leaf %s, want %s", want.Name, i, got, p.Leaf)
			}
		}
		tree, err := payeeTree(chainID, g.Ledger, payees)
		if err != nil {
			t.Fatalf("tree %s: %v", want.Name, err)
		}
		if tree.Root() != want.Root || total.Dec() != want.CumulativeTotal {
			t.Fatalf("tree %s: root %s total %s, want %s, %s", want.Name, tree.Root(), total, want.Root, want.CumulativeTotal)
		}
		if len(want.Dump.Tree) > 0 && !slices.Equal(tree.nodes, want.Dump.Tree) {
			t.Errorf("tree %s: the arrays differ", want.Name)
		}
		for i, p := range want.Payees {
			proof, err := tree.Proof(Leaf(chainID, g.Ledger, p.Account, payees[i].Cumulative))
			if err != nil || p.Proof != nil && !slices.Equal(proof, p.Proof) {
				t.Fatalf("tree %s, payee %d: proof %v (%v), want %v", want.Name, i, proof, err, p.Proof)
			}
		}
	}
}

package settle

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
)

// LeafDomain is the first word of every leaf: keccak256("attrib.ledger.leaf.v1"), as in contracts/src/Leaf.sol.
var LeafDomain = crypto.Keccak256Hash([]byte("attrib.ledger.leaf.v1"))

// Leaf hashes "this ledger, on this chain, owes this account this much in all":
// keccak256(keccak256(abi.encode(domain, chainId, ledger, account, cumulativeAmount))).
func Leaf(chainID uint64, ledger, account common.Address, cumulative *uint256.Int) common.Hash {
	amount := cumulative.Bytes32()
	chain := uint256.NewInt(chainID).Bytes32()
	data := slices.Concat(LeafDomain[:], chain[:], common.LeftPadBytes(ledger[:], 32), common.LeftPadBytes(account[:], 32), amount[:])
	return crypto.Keccak256Hash(crypto.Keccak256(data))
}

// Tree is OpenZeppelin's standard Merkle tree: leaves sorted by hash, laid out from the end of one array, parents
// hashed with the smaller child first. A proof is the list of siblings from leaf to root.
type Tree struct {
	nodes []common.Hash // nodes[0] is the root, children of i are 2i+1 and 2i+2
	index map[common.Hash]int
}

// NewTree builds the tree over leaf hashes in any order. Equal leaves are refused: nothing here can mean two.
func NewTree(leaves []common.Hash) (*Tree, error) {
	n := len(leaves)
	if n == 0 {
		return nil, errors.New("a Merkle tree needs at least one leaf")
	}
	sorted := slices.Clone(leaves)
	slices.SortFunc(sorted, func(a, b common.Hash) int { return bytes.Compare(a[:], b[:]) })
	t := &Tree{nodes: make([]common.Hash, 2*n-1), index: make(map[common.Hash]int, n)}
	for i, leaf := range sorted {
		at := len(t.nodes) - 1 - i
		t.nodes[at] = leaf
		t.index[leaf] = at
	}
	if len(t.index) != n {
		return nil, errors.New("a leaf is given twice")
	}
	for i := n - 2; i >= 0; i-- {
		t.nodes[i] = hashPair(t.nodes[2*i+1], t.nodes[2*i+2])
	}
	return t, nil
}

// Root is the hash that is posted.
func (t *Tree) Root() common.Hash { return t.nodes[0] }

// Len is the number of leaves.
func (t *Tree) Len() int { return len(t.index) }

// Proof gives the siblings of a leaf from the bottom up. The root of a one-leaf tree has an empty proof.
func (t *Tree) Proof(leaf common.Hash) ([]common.Hash, error) {
	at, ok := t.index[leaf]
	if !ok {
		return nil, fmt.Errorf("leaf %s is not in the tree", leaf)
	}
	proof := []common.Hash{}
	for at > 0 {
		sibling := at - 1
		if at%2 == 1 {
			sibling = at + 1
		}
		proof = append(proof, t.nodes[sibling])
		at = (at - 1) / 2
	}
	return proof, nil
}

// VerifyProof says whether the proof leads from the leaf to the root, as OpenZeppelin's MerkleProof.verify does.
func VerifyProof(root, leaf common.Hash, proof []common.Hash) bool {
	for _, sibling := range proof {
		leaf = hashPair(leaf, sibling)
	}
	return leaf == root
}

func hashPair(a, b common.Hash) common.Hash {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return crypto.Keccak256Hash(a[:], b[:])
}

// payeeTree has a leaf for every payee who was ever owed something.
func payeeTree(chainID uint64, ledger common.Address, payees []Payee) (*Tree, error) {
	var leaves []common.Hash
	for _, p := range payees {
		if p.Cumulative != nil && !p.Cumulative.IsZero() {
			leaves = append(leaves, Leaf(chainID, ledger, p.Address, p.Cumulative))
		}
	}
	if len(leaves) == 0 {
		return nil, ErrNothingPayable
	}
	return NewTree(leaves)
}

// Claim makes the proof of one payee against the epoch's root.
func (e *Epoch) Claim(account common.Address) (Claim, error) {
	claims, err := e.Claims(account)
	if err != nil {
		return Claim{}, err
	}
	return claims[0], nil
}

// Claims makes the proofs of several payees from one tree; without accounts, of everybody who is owed something.
func (e *Epoch) Claims(accounts ...common.Address) ([]Claim, error) {
	tree, err := e.Tree()
	if err != nil {
		return nil, err
	}
	if len(accounts) == 0 {
		for _, p := range e.Payees {
			if !p.Cumulative.IsZero() {
				accounts = append(accounts, p.Address)
			}
		}
	}
	out := make([]Claim, len(accounts))
	for i, a := range accounts {
		p, ok := e.Payee(a)
		if !ok {
			return nil, fmt.Errorf("%s is no payee of epoch %d", a.Hex(), e.Number)
		}
		if p.Cumulative.IsZero() {
			return nil, fmt.Errorf("%s (%s) has nothing to claim in epoch %d: it is owed 0 in all and has a credit of %s", a.Hex(), p.ID, e.Number, p.Credit.Dec())
		}
		proof, err := tree.Proof(Leaf(e.ChainID, e.Ledger, a, p.Cumulative))
		if err != nil {
			return nil, err
		}
		out[i] = Claim{Account: a, Cumulative: p.Cumulative, Proof: proof}
	}
	return out, nil
}

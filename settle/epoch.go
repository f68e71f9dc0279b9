package settle

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

// WeightTotal is what the weights of an epoch sum to: 2⁶³.
const WeightTotal = uint64(1) << 63

// Share is one contributor's part of an epoch before money is divided.
type Share struct {
	ID      string
	Address common.Address
	Weight  uint64 // parts of WeightTotal
}

// Payee is one line of an epoch. All amounts are base units of the ledger's token.
type Payee struct {
	ID         string
	Address    common.Address
	Weight     uint64       // parts of WeightTotal; 0 for a payee of an earlier epoch who has no share in this one
	Earned     *uint256.Int // this epoch's part of the pool
	Amount     *uint256.Int // what becomes claimable with this epoch: earned plus earlier credit, or 0 below the minimum
	Credit     *uint256.Int // carried to the next epoch
	Cumulative *uint256.Int // everything that ever became claimable, claimed or not
}

// Epoch is one settled pool: what is posted, and what everybody can claim.
type Epoch struct {
	Number          uint64
	ChainID         uint64
	Ledger          common.Address
	Token           common.Address // zero: native currency
	Pool            *uint256.Int
	CumulativeTotal *uint256.Int // Σ Cumulative: the ledger must hold this much to accept the root
	CarriedTotal    *uint256.Int // Σ Credit: deposited, not yet claimable
	Root            common.Hash
	Evidence        common.Hash // set by Prepare and Load, zero before
	InputHash       common.Hash // as committed on chain; set by Prepare and Load
	Parent          common.Hash // root of the previous epoch, zero for the first
	Leaves          uint32      // payees with a claim
	Payees          []Payee     // contributors in the bundle's order, then earlier payees in theirs
}

// Payee finds the line of an address.
func (e *Epoch) Payee(a common.Address) (Payee, bool) {
	for _, p := range e.Payees {
		if p.Address == a {
			return p, true
		}
	}
	return Payee{}, false
}

// Tree builds the epoch's Merkle tree; its root is e.Root for an epoch from [Settle].
func (e *Epoch) Tree() (*Tree, error) { return payeeTree(e.ChainID, e.Ledger, e.Payees) }

// Claim is what a payee presents to the ledger.
type Claim struct {
	Account    common.Address
	Cumulative *uint256.Int
	Proof      []common.Hash
}

// Previous is what an epoch inherits: who could claim how much, and who has credit.
type Previous struct {
	Epoch    uint64
	Root     common.Hash
	Evidence common.Hash
	Payees   []Payee
	// Proof shows that payees.json, as these payees are written, is in the bundle that Evidence stands for.
	Proof []common.Hash
}

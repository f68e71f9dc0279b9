package settle

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

// Settlement is what decides an epoch's amounts.
type Settlement struct {
	Number        uint64 // 1 for the first epoch
	ChainID       uint64
	Ledger, Token common.Address
	Pool          *uint256.Int // base units divided in this epoch, more than zero
	MinimumPayout *uint256.Int // nil: 0
	Shares        []Share      // weights sum to WeightTotal
	Previous      *Previous    // nil before the first epoch
}

// ErrNothingPayable says that no payee reaches the minimum payout, so that there is no tree to post.
var ErrNothingPayable = errors.New("no payee reaches minimumPayout, so there is nothing to post: raise the pool or lower minimumPayout")

// maxTotal is the largest total the ledger stores: it keeps totals in uint128.
var maxTotal = new(uint256.Int).SubUint64(new(uint256.Int).Lsh(uint256.NewInt(1), 128), 1)

// Settle divides the pool, adds it to what was owed before and builds the tree. All mistakes of the input are
// reported together.
func Settle(s Settlement) (*Epoch, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	e := &Epoch{Number: s.Number, ChainID: s.ChainID, Ledger: s.Ledger, Token: s.Token, Pool: s.Pool.Clone()}
	if s.Previous != nil {
		e.Parent = s.Previous.Root
	}
	e.Payees = payees(s)
	e.CumulativeTotal, e.CarriedTotal = new(uint256.Int), new(uint256.Int)
	for _, p := range e.Payees {
		if _, over := e.CumulativeTotal.AddOverflow(e.CumulativeTotal, p.Cumulative); over || e.CumulativeTotal.Gt(maxTotal) {
			return nil, fmt.Errorf("cumulative total exceeds %s, the most a ledger can owe", maxTotal.Dec())
		}
		e.CarriedTotal.Add(e.CarriedTotal, p.Credit)
	}
	tree, err := e.Tree()
	if err != nil {
		return nil, err
	}
	e.Root, e.Leaves = tree.Root(), uint32(tree.Len())
	return e, nil
}

// payees joins this epoch's shares with the previous epoch's payees.
func payees(s Settlement) []Payee {
	earned := Split(s.Pool, s.Shares)
	before := map[common.Address]Payee{}
	if s.Previous != nil {
		for _, p := range s.Previous.Payees {
			before[p.Address] = p
		}
	}
	out := make([]Payee, 0, len(s.Shares)+len(before))
	for i, sh := range s.Shares {
		out = append(out, settlePayee(sh, earned[i], before[sh.Address], s.MinimumPayout))
		delete(before, sh.Address)
	}
	if s.Previous == nil {
		return out
	}
	for _, p := range s.Previous.Payees {
		if _, left := before[p.Address]; left {
			out = append(out, settlePayee(Share{ID: p.ID, Address: p.Address}, new(uint256.Int), p, s.MinimumPayout))
		}
	}
	return out
}

// settlePayee books what was earned: to the payee's claim from the minimum payout on, to its credit below.
func settlePayee(sh Share, earned *uint256.Int, before Payee, minimum *uint256.Int) Payee {
	p := Payee{ID: sh.ID, Address: sh.Address, Weight: sh.Weight, Earned: earned}
	due := new(uint256.Int).Add(earned, orZero(before.Credit))
	p.Amount, p.Credit = due, new(uint256.Int)
	if due.Lt(orZero(minimum)) {
		p.Amount, p.Credit = new(uint256.Int), due
	}
	p.Cumulative = new(uint256.Int).Add(orZero(before.Cumulative), p.Amount)
	return p
}

func orZero(x *uint256.Int) *uint256.Int {
	if x == nil {
		return new(uint256.Int)
	}
	return x
}

// Split divides pool over the shares by largest remainder, ties to the lower address. The parts sum to pool exactly
// when the weights sum to WeightTotal, which Settle checks.
func Split(pool *uint256.Int, shares []Share) []*uint256.Int {
	total := new(big.Int).SetUint64(WeightTotal)
	out := make([]*uint256.Int, len(shares))
	rest := make([]*big.Int, len(shares))
	left := pool.Clone()
	for i, s := range shares {
		product := new(big.Int).Mul(pool.ToBig(), new(big.Int).SetUint64(s.Weight))
		quotient, remainder := new(big.Int).QuoRem(product, total, new(big.Int))
		out[i], rest[i] = uint256.MustFromBig(quotient), remainder
		left.Sub(left, out[i])
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := rest[b].Cmp(rest[a]); c != 0 {
			return c
		}
		return bytes.Compare(shares[a].Address[:], shares[b].Address[:])
	})
	for k := uint64(0); k < left.Uint64(); k++ {
		out[order[k]].AddUint64(out[order[k]], 1)
	}
	return out
}

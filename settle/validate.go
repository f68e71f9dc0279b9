package settle

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/ethereum/go-ethereum/common"
)

// validate reports everything that is wrong with a settlement at once.
func (s Settlement) validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if s.Pool == nil || s.Pool.IsZero() {
		add("pool is zero: there is nothing to divide")
	} else if s.Pool.Gt(maxTotal) {
		add("pool %s exceeds %s, the most a ledger can owe", s.Pool.Dec(), maxTotal.Dec())
	}
	if s.ChainID == 0 {
		add("chain id is zero")
	}
	if s.Ledger == (common.Address{}) {
		add("ledger %s %w", s.Ledger.Hex(), ErrZeroAddress)
	}
	if len(s.Shares) == 0 {
		add("there are no payees")
	}
	errs = append(errs, s.validateOrder()...)
	errs = append(errs, s.validateShares()...)
	return errors.Join(errs...)
}

func (s Settlement) validateOrder() []error {
	last := uint64(0)
	var errs []error
	if s.Previous != nil {
		last = s.Previous.Epoch
		errs = s.Previous.validate(s.ChainID, s.Ledger)
	}
	if s.Number != last+1 {
		errs = append(errs, fmt.Errorf("epoch %d is out of order: epoch %d comes next", s.Number, last+1))
	}
	return errs
}

func (s Settlement) validateShares() []error {
	var errs []error
	var low, high uint64
	ids, addresses := map[string]int{}, map[common.Address]int{}
	for i, sh := range s.Shares {
		var carry uint64
		low, carry = bits.Add64(low, sh.Weight, 0)
		high += carry
		if sh.ID == "" {
			errs = append(errs, fmt.Errorf("payee %d has no id", i))
		} else if j, seen := ids[sh.ID]; seen {
			errs = append(errs, fmt.Errorf("payees %d and %d have one id, %q", j, i, sh.ID))
		}
		if sh.Address == (common.Address{}) {
			errs = append(errs, fmt.Errorf("payee %d (%s): address %w", i, sh.ID, ErrZeroAddress))
		} else if j, seen := addresses[sh.Address]; seen {
			errs = append(errs, fmt.Errorf("payees %s and %s have one address, %s", s.Shares[j].ID, sh.ID, sh.Address.Hex()))
		}
		if sh.Address == s.Ledger && s.Ledger != (common.Address{}) {
			errs = append(errs, fmt.Errorf("payee %s has the ledger's own address, which the ledger refuses to pay", sh.ID))
		}
		ids[sh.ID], addresses[sh.Address] = i, i
	}
	if high != 0 || low != WeightTotal {
		errs = append(errs, fmt.Errorf("weights sum to %s, want 2^63 = %d", sumText(high, low), WeightTotal))
	}
	return errs
}

func sumText(high, low uint64) string {
	if high == 0 {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d·2^64 + %d", high, low)
}

// validate checks that the amounts inherited are those of the previous root.
func (p *Previous) validate(chainID uint64, ledger common.Address) []error {
	var errs []error
	seen := map[common.Address]bool{}
	for _, q := range p.Payees {
		if seen[q.Address] {
			errs = append(errs, fmt.Errorf("previous epoch: address %s is given twice", q.Address.Hex()))
		}
		seen[q.Address] = true
	}
	tree, err := payeeTree(chainID, ledger, p.Payees)
	if err != nil {
		return append(errs, fmt.Errorf("previous epoch: %w", err))
	}
	if tree.Root() != p.Root {
		errs = append(errs, fmt.Errorf("previous epoch: its cumulative amounts give root %s, not %s", tree.Root(), p.Root))
	}
	return errs
}

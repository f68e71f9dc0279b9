// Package apportion divides a whole number in given proportions without losing or inventing a unit: the method of the
// largest remainder (Hamilton), in exact arithmetic. [Divide] is all of it.
//
// Ties go to the earlier part, so callers fix the order of the parts. The error of every part is below one unit. The
// method is not house monotone: a larger total can take a unit from a part, which is of no account at 2⁶³ units.
package apportion

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// ErrNoParts says that all proportions are zero, so the total cannot be divided.
var ErrNoParts = errors.New("nothing to divide by: all parts are zero")

// Divide returns shares of total that sum to it exactly, proportional to parts (which are not negative) up to less
// than one unit. What the rounded down shares leave over goes, a unit each, to the largest remainders.
func Divide(total uint64, parts []*big.Rat) ([]uint64, error) {
	whole, err := common(parts)
	if err != nil {
		return nil, err
	}
	sum := new(big.Int)
	for _, w := range whole {
		sum.Add(sum, w)
	}
	if sum.Sign() == 0 {
		return nil, ErrNoParts
	}
	out := make([]uint64, len(parts))
	rest := make([]*big.Int, len(parts))
	order := make([]int, len(parts))
	left, t := total, new(big.Int).SetUint64(total)
	for i, w := range whole {
		quotient, remainder := new(big.Int).QuoRem(new(big.Int).Mul(w, t), sum, new(big.Int))
		out[i], rest[i], order[i] = quotient.Uint64(), remainder, i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(rest[b].Cmp(rest[a]), cmp.Compare(a, b))
	})
	for _, i := range order[:left] {
		out[i]++
	}
	return out, nil
}

// common brings the parts to one denominator and returns the numerators.
func common(parts []*big.Rat) ([]*big.Int, error) {
	den := big.NewInt(1)
	for i, p := range parts {
		if p == nil || p.Sign() < 0 {
			return nil, fmt.Errorf("part %d is missing or negative", i)
		}
		if g := new(big.Int).GCD(nil, nil, den, p.Denom()); g.Cmp(p.Denom()) != 0 {
			den.Mul(den, new(big.Int).Quo(p.Denom(), g))
		}
	}
	whole := make([]*big.Int, len(parts))
	for i, p := range parts {
		whole[i] = new(big.Int).Mul(p.Num(), new(big.Int).Quo(den, p.Denom()))
	}
	return whole, nil
}

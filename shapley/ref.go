package shapley

import (
	"context"
	"fmt"
	"math/big"
)

// Reference is the Shapley value from its definition: the mean marginal over all n! orders, n ≤ 7. Slow and obvious;
// everything else is tested against it.
func Reference(ctx context.Context, g Game) ([]*big.Rat, error) {
	n := g.Players()
	if n < 1 || n > 7 {
		return nil, fmt.Errorf("reference: %d players, want 1 to 7", n)
	}
	sum, orders := make([]*big.Int, n), int64(0)
	for i := range sum {
		sum[i] = new(big.Int)
	}
	err := everyOrder(nil, n, func(order []int) error {
		orders++
		s := NewBitset(n)
		for _, i := range order {
			with := append(Bitset(nil), s...)
			with.Set(i)
			v, err := g.Value(ctx, []Bitset{s, with})
			if err != nil {
				return err
			}
			sum[i].Add(sum[i], big.NewInt(v[1]-v[0]))
			s = with
		}
		return nil
	})
	value := make([]*big.Rat, n)
	for i := range value {
		value[i] = new(big.Rat).SetFrac(sum[i], big.NewInt(orders))
	}
	return value, err
}

func everyOrder(prefix []int, n int, visit func([]int) error) error {
	if len(prefix) == n {
		return visit(prefix)
	}
next:
	for i := range n {
		for _, j := range prefix {
			if i == j {
				continue next
			}
		}
		if err := everyOrder(append(prefix[:len(prefix):len(prefix)], i), n, visit); err != nil {
			return err
		}
	}
	return nil
}

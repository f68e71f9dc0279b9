package shapley

import (
	"context"
	"fmt"
	"math/big"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// Enumerate is the exact Shapley value from all 2^n coalitions, n ≤ 20, as rationals. For a Separable game it takes
// each output's game apart, which also gives PerOutput.
func Enumerate(ctx context.Context, g Game, workers int) (*Estimate, error) {
	n := g.Players()
	if n < 1 || n > MaxTablePlayers {
		return nil, fmt.Errorf("enumerate: %d players, want 1 to %d", n, MaxTablePlayers)
	}
	if s, ok := g.(Separable); ok {
		return enumerateOutputs(ctx, s, workers)
	}
	v, err := allValues(ctx, g)
	if err != nil {
		return nil, err
	}
	den := factorials(n)[n]
	value := make([]*big.Rat, n)
	for i, num := range shapleyNumerators(n, v) {
		value[i] = new(big.Rat).SetFrac(num, den)
	}
	return exactEstimate("enumeration", value, nil, int64(len(v))), nil
}

// allValues asks a game for every coalition, a few thousand at a time.
func allValues(ctx context.Context, g Game) ([]int64, error) {
	total, all := 1<<g.Players(), []int64(nil)
	for from := 0; from < total; from += 4096 {
		batch := make([]Bitset, min(4096, total-from))
		for k := range batch {
			batch[k] = Bitset{uint64(from + k)}
		}
		v, err := g.Value(ctx, batch)
		if err != nil {
			return nil, err
		}
		if err := checkValues(v, len(batch)); err != nil {
			return nil, err
		}
		all = append(all, v...)
	}
	return all, nil
}

func checkValues(v []int64, want int) error {
	if len(v) != want {
		return fmt.Errorf("the game gave %d values for %d coalitions", len(v), want)
	}
	for _, x := range v {
		if x > maxValue || x < -maxValue {
			return fmt.Errorf("the game gave %d, outside ±2^61", x)
		}
	}
	return nil
}

// shapleyNumerators is n!·φ. With A_i(k) the sum of v over coalitions of size k with player i, and T(k) over all of
// size k, φ_i = Σ_k k!(n−1−k)!/n! · (A_i(k+1) − (T(k) − A_i(k))): every value is added once, not weighed.
func shapleyNumerators(n int, v []int64) []*big.Int {
	with := make([]int128, n*(n+1))
	total := make([]int128, n+1)
	for s, x := range v {
		size := bits.OnesCount(uint(s))
		total[size].add(x)
		for rest := s; rest != 0; rest &= rest - 1 {
			with[bits.TrailingZeros(uint(rest))*(n+1)+size].add(x)
		}
	}
	fact := factorials(n)
	num := make([]*big.Int, n)
	for i := range num {
		num[i] = new(big.Int)
		for k := range n {
			a, b := with[i*(n+1)+k+1].big(), with[i*(n+1)+k].big()
			d := a.Add(a, b.Sub(b, total[k].big()))
			d.Mul(d, fact[k])
			num[i].Add(num[i], d.Mul(d, fact[n-1-k]))
		}
	}
	return num
}

func factorials(n int) []*big.Int {
	f := []*big.Int{big.NewInt(1)}
	for k := 1; k <= n; k++ {
		f = append(f, new(big.Int).Mul(f[k-1], big.NewInt(int64(k))))
	}
	return f
}

// enumerateOutputs enumerates every output's own game; outputs go to workers, sums are integers.
func enumerateOutputs(ctx context.Context, g Separable, workers int) (*Estimate, error) {
	n, omega := g.Players(), g.OutputWeights()
	nums := make([][]*big.Int, len(omega))
	err := parallel(ctx, workers, len(omega), func() func(int) error {
		v := make([]int64, 1<<n)
		return func(q int) error {
			g.Enumerate(q, v)
			nums[q] = shapleyNumerators(n, v)
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	den := factorials(n)[n]
	value := make([]*big.Rat, n)
	per := make([][]float64, n)
	for i := range n {
		sum := new(big.Int)
		per[i] = make([]float64, len(omega))
		for q, num := range nums {
			per[i][q] = ratio(num[i], den)
			sum.Add(sum, new(big.Int).Mul(num[i], big.NewInt(omega[q])))
		}
		value[i] = new(big.Rat).SetFrac(sum, den)
	}
	return exactEstimate("enumeration", value, per, 1<<n*int64(len(omega))), nil
}

// parallel runs tasks 0 … n−1 on workers, each with its own state from start; it ends at the first error or when ctx does.
func parallel(ctx context.Context, workers, n int, start func() func(task int) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			work := start()
			for ctx.Err() == nil {
				task := int(next.Add(1)) - 1
				if task >= n {
					return
				}
				if err := work(task); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

package shapley

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// ErrNoExactForm says that a game has neither a closed form nor few enough players to enumerate.
var ErrNoExactForm = errors.New("no exact form")

// Exact is the estimator without error: the game's closed form, or the enumeration of all coalitions of up to 20 players.
// It ignores the seed and the number of permutations.
type Exact struct{}

// Name is "exact".
func (Exact) Name() string { return "exact" }

// Estimate computes the exact values, or fails with ErrNoExactForm.
func (Exact) Estimate(ctx context.Context, g Game, b Budget, _ [32]byte) (*Estimate, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	e, err := closed(ctx, g)
	if e != nil || err != nil {
		return e, err
	}
	if n := g.Players(); n > MaxTablePlayers {
		return nil, fmt.Errorf("%w: this game has no closed form and %d players are too many to enumerate (at most %d); use the estimator \"permutations\"",
			ErrNoExactForm, n, MaxTablePlayers)
	}
	return Enumerate(ctx, g, b.Workers)
}

// closed is the game's closed form, or nil where it has none.
func closed(ctx context.Context, g Game) (*Estimate, error) {
	c, ok := g.(ClosedForm)
	if !ok {
		return nil, nil
	}
	e, err := c.Closed(ctx)
	if errors.Is(err, ErrNoExactForm) {
		return nil, nil
	}
	return e, err
}

// Closed is the closed form of additive and coverage games; saturating games have none.
func (g *OutputGame) Closed(ctx context.Context) (*Estimate, error) {
	switch {
	case g.curve != nil:
		return nil, fmt.Errorf("%w: a saturating game", ErrNoExactForm)
	case g.best:
		return g.closedCoverage(ctx)
	}
	return g.closedAdditive(), nil
}

// closedAdditive: every order gives player i the marginal Σ_q ω_q x_iq.
func (g *OutputGame) closedAdditive() *Estimate {
	value := make([]*big.Rat, g.n)
	per := make([][]float64, g.n)
	walk := g.Walk()
	for i := range g.n {
		value[i] = new(big.Rat).SetInt64(walk.Add(i))
		per[i] = make([]float64, len(g.omega))
		for q, x := range g.player(i) {
			per[i][q] = float64(x)
		}
	}
	return exactEstimate("additive shortcut", value, per, int64(g.n))
}

// closedCoverage: with the scores of an output in falling order s_(1) ≥ … ≥ s_(n), s_(n+1) = 0, the player of rank r
// gets Σ_{j≥r} (s_(j) − s_(j+1))/j. Numerators are kept over lcm(1…n).
func (g *OutputGame) closedCoverage(ctx context.Context) (*Estimate, error) {
	n := g.n
	lcm, over := commonMultiple(n)
	num := make([]*big.Int, n)
	per := make([][]float64, n)
	for i := range n {
		num[i], per[i] = new(big.Int), make([]float64, len(g.omega))
	}
	order := make([]int, n)
	tail, part, step := new(big.Int), new(big.Int), new(big.Int)
	for q, omega := range g.omega {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.rank(q, order)
		tail.SetInt64(0)
		share, next := 0.0, int64(0)
		for j := n; j >= 1; j-- {
			i := order[j-1]
			score := int64(g.player(i)[q])
			if d := score - next; d != 0 {
				tail.Add(tail, part.Mul(over[j], step.SetInt64(d)))
				share += float64(d) / float64(j)
			}
			next = score
			num[i].Add(num[i], part.Mul(tail, step.SetInt64(omega)))
			per[i][q] = share
		}
	}
	value := make([]*big.Rat, n)
	for i := range value {
		value[i] = new(big.Rat).SetFrac(num[i], lcm)
	}
	return exactEstimate("coverage closed form", value, per, int64(n)*int64(len(g.omega))), nil
}

// rank fills order with the players by falling score on output q.
func (g *OutputGame) rank(q int, order []int) {
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if d := int(g.player(b)[q]) - int(g.player(a)[q]); d != 0 {
			return d
		}
		return a - b
	})
}

// commonMultiple returns lcm(1…n) and lcm/j for every j.
func commonMultiple(n int) (lcm *big.Int, over []*big.Int) {
	lcm = big.NewInt(1)
	for j := 2; j <= n; j++ {
		b := big.NewInt(int64(j))
		lcm.Mul(lcm, b.Quo(b, new(big.Int).GCD(nil, nil, lcm, b)))
	}
	over = make([]*big.Int, n+1)
	for j := 1; j <= n; j++ {
		over[j] = new(big.Int).Quo(lcm, big.NewInt(int64(j)))
	}
	return lcm, over
}

// exactEstimate wraps exact values: no error, intervals of no width.
func exactEstimate(form string, value []*big.Rat, per [][]float64, evaluations int64) *Estimate {
	e := &Estimate{Value: value, Form: form, Exact: true, Stopped: "exact", PerOutput: per, Evaluations: evaluations}
	e.StdErr = make([]float64, len(value))
	for _, v := range value {
		f, _ := v.Float64()
		e.Low, e.High = append(e.Low, f), append(e.High, f)
	}
	return e
}

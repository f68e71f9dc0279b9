package shapley

import (
	"context"
	"fmt"
	"math/big"
	"math/bits"
)

// OutputGame is one of the games made of scores: additive, coverage or saturating.
type OutputGame struct {
	name  string
	clip  bool // negative scores count as 0, per output
	best  bool // a coalition has the largest of its players' scores, not their sum
	curve *Curve
	n     int
	scale int
	omega []int64
	x     []int32 // players × outputs: a walk reads one player's scores of all outputs
}

// Where negative influence is clipped at zero.
const (
	ClipTotals  = "totals"     // by the policy, each contributor's total over outputs
	ClipOutputs = "per output" // by the game, each player's score of each output
)

// Description states a game in words and numbers, for the files.
type Description struct {
	Name     string `json:"name"`               // "additive", "coverage" or "saturating"
	Function string `json:"function,omitempty"` // of a saturating game
	Unit     int64  `json:"unit,omitempty"`     // of the function, in quanta of the scores
	Clip     string `json:"clip"`               // ClipTotals or ClipOutputs
	Scale    int    `json:"scale"`              // a value v stands for v·2^scale
}

// NewAdditive is v(S) = Σ_q ω_q Σ_{i∈S} x_iq, signed: players never overlap, and the Shapley value is the score.
func NewAdditive(s *Scores) (*OutputGame, error) { return newOutputGame("additive", s, false, nil) }

// NewCoverage is v(S) = Σ_q ω_q max_{i∈S} x⁺_iq (facility location): players with the same data share one credit.
// Negative scores count as 0, per output.
func NewCoverage(s *Scores) (*OutputGame, error) { return newOutputGame("coverage", s, true, nil) }

// NewSaturating is v(S) = Σ_q ω_q g(Σ_{i∈S} x⁺_iq): the more an output is explained already, the less more of it is
// worth. Negative scores count as 0, per output.
func NewSaturating(s *Scores, g *Curve) (*OutputGame, error) {
	return newOutputGame("saturating", s, true, g)
}

func newOutputGame(name string, s *Scores, clip bool, g *Curve) (*OutputGame, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	omega, err := OutputWeights(s.Outputs)
	if err != nil {
		return nil, err
	}
	game := &OutputGame{name: name, clip: clip, best: name == "coverage", curve: g, n: len(s.Players), omega: omega, scale: s.Scale - 30}
	if g != nil {
		game.scale = g.Scale - 30
	}
	game.x = make([]int32, len(s.Value))
	for q := range s.Outputs {
		for i, v := range s.Row(q) {
			if clip {
				v = max(v, 0)
			}
			game.x[i*len(omega)+q] = v
		}
	}
	return game, nil
}

// DefaultUnit is the mean positive score of a player on an output that earned something, in quanta, at least 1: the
// unit of log1p where none is stated. A typical player alone then gets ln 2 of an output.
func DefaultUnit(s *Scores) int64 {
	sum, count := new(big.Int), int64(0)
	for q, o := range s.Outputs {
		if o.Earned.Sign() == 0 {
			continue
		}
		count += int64(len(s.Players))
		for _, v := range s.Row(q) {
			sum.Add(sum, big.NewInt(int64(max(v, 0))))
		}
	}
	if count == 0 {
		return 1
	}
	return max(1, sum.Div(sum, big.NewInt(count)).Int64())
}

// Describe states the game.
func (g *OutputGame) Describe() Description {
	d := Description{Name: g.name, Clip: ClipTotals, Scale: g.scale}
	if g.clip {
		d.Clip = ClipOutputs
	}
	if g.curve != nil {
		d.Function, d.Unit = g.curve.Name, g.curve.Unit
	}
	return d
}

// Players is the number of players.
func (g *OutputGame) Players() int { return g.n }

// OutputWeights is ω; a view.
func (g *OutputGame) OutputWeights() []int64 { return g.omega }

func (g *OutputGame) player(i int) []int32 {
	q := len(g.omega)
	return g.x[i*q : (i+1)*q : (i+1)*q]
}

// join is the influence of a coalition on an output after a player with score x joins one that had had.
func (g *OutputGame) join(had int64, x int32) int64 {
	if g.best {
		return max(had, int64(x))
	}
	return had + int64(x)
}

// credit is v_q of a total influence.
func (g *OutputGame) credit(total int64) int64 {
	if g.curve == nil {
		return total
	}
	return g.curve.At(total)
}

// Value values coalitions from the definition.
func (g *OutputGame) Value(ctx context.Context, coalitions []Bitset) ([]int64, error) {
	v := make([]int64, len(coalitions))
	total := make([]int64, len(g.omega))
	for k, s := range coalitions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(total)
		for i := range g.n {
			if !s.Has(i) {
				continue
			}
			for q, x := range g.player(i) {
				total[q] = g.join(total[q], x)
			}
		}
		for q, t := range total {
			v[k] += g.omega[q] * g.credit(t)
		}
	}
	return v, nil
}

// Enumerate fills v with v_q(S) of one output for every coalition S as a bit mask; len(v) = 2^players.
func (g *OutputGame) Enumerate(output int, v []int64) {
	if len(v) != 1<<g.n {
		panic(fmt.Sprintf("shapley: Enumerate of %d players needs 2^%d values, not %d", g.n, g.n, len(v)))
	}
	v[0] = 0
	for s := 1; s < len(v); s++ {
		i := bits.TrailingZeros(uint(s))
		v[s] = g.join(v[s&(s-1)], g.x[i*len(g.omega)+output])
	}
	if g.curve == nil {
		return
	}
	for s := range v {
		v[s] = g.curve.At(v[s])
	}
}

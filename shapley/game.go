package shapley

import (
	"context"
	"math/bits"
)

// Bitset is a coalition: bit i%64 of word i/64 says that player i is in it.
type Bitset []uint64

// NewBitset is the empty coalition among n players.
func NewBitset(n int) Bitset { return make(Bitset, (n+63)/64) }

// Has says whether player i is in the coalition.
func (b Bitset) Has(i int) bool { return b[i>>6]>>(i&63)&1 == 1 }

// Set puts player i into the coalition.
func (b Bitset) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Count is the number of players in the coalition.
func (b Bitset) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Game values coalitions. Value gives v(S) for every coalition, in the game's own integer unit, |v| ≤ 2⁶¹; it is
// batched so that games of retraining or of a GPU can value many at once. It must be deterministic and safe for
// concurrent use.
type Game interface {
	Players() int
	Value(ctx context.Context, coalitions []Bitset) ([]int64, error)
}

// Walker is a Game that values one more player cheaply.
type Walker interface {
	Game
	Walk() Walk // a new walk, at the empty coalition, for one goroutine
}

// Walk grows a coalition player by player.
type Walk interface {
	Reset()               // back to the empty coalition
	Add(player int) int64 // v(S ∪ {player}) − v(S); player is not in S
}

// Separable is a game that is a weighted sum of one game per output, v(S) = Σ_q ω_q·v_q(S), with 0 ≤ ω_q, Σ ω_q =
// 2³⁰ and |v_q| < 2³¹. Its Shapley value is the same sum, which is what the bootstrap over outputs needs.
type Separable interface {
	Walker
	OutputWeights() []int64          // ω; a view
	WalkOutputs() OutputWalk         // a new walk that keeps the outputs apart
	Enumerate(output int, v []int64) // v_q(S) for every S as a bit mask; len(v) = 2^players
}

// OutputWalk is a Walk that also adds each output's marginal v_q(S ∪ {player}) − v_q(S), not weighted by ω, to sums.
type OutputWalk interface {
	Walk
	AddOutputs(player int, sums []int64) int64
}

// ClosedForm is a game that may know its Shapley values; Closed fails with ErrNoExactForm where it does not.
type ClosedForm interface {
	Game
	Closed(ctx context.Context) (*Estimate, error)
}

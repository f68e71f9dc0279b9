package shapley

import (
	"context"
	"errors"
	"fmt"
)

// MaxTablePlayers bounds games given by a table and enumeration: 2²⁰ coalitions.
const MaxTablePlayers = 20

// maxValue bounds |v(S)|, so that a marginal and a pair of them stay inside an int64.
const maxValue = 1 << 61

// TableGame is a game given by the value of every coalition: how games of trained values cross the money boundary.
type TableGame struct {
	n int
	v []int64
}

// NewTableGame takes v(S) for every coalition S of n players as a bit mask; |v| ≤ 2⁶¹. It keeps v.
func NewTableGame(n int, v []int64) (*TableGame, error) {
	if n < 1 || n > MaxTablePlayers || len(v) != 1<<n {
		return nil, fmt.Errorf("table game: %d values for %d players, want 2^players of 1 to %d players", len(v), n, MaxTablePlayers)
	}
	for s, x := range v {
		if x > maxValue || x < -maxValue {
			return nil, fmt.Errorf("table game: coalition %b: value %d is outside ±2^61", s, x)
		}
	}
	return &TableGame{n, v}, nil
}

// Players is the number of players.
func (g *TableGame) Players() int { return g.n }

// Value looks the coalitions up.
func (g *TableGame) Value(_ context.Context, coalitions []Bitset) ([]int64, error) {
	v := make([]int64, len(coalitions))
	for k, s := range coalitions {
		if len(s) != 1 || s[0] >= uint64(len(g.v)) {
			return nil, errors.New("table game: a coalition names players that are not in the game")
		}
		v[k] = g.v[s[0]]
	}
	return v, nil
}

// Walk starts at the empty coalition.
func (g *TableGame) Walk() Walk { return &tableWalk{game: g} }

type tableWalk struct {
	game *TableGame
	s    int
}

func (w *tableWalk) Reset() { w.s = 0 }

func (w *tableWalk) Add(player int) int64 {
	before := w.game.v[w.s]
	w.s |= 1 << player
	return w.game.v[w.s] - before
}

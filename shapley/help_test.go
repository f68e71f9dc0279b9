package shapley

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"testing"

	"attrib/internal/philox"
)

var ctx = context.Background()

// testScores are heavy-tailed and signed, a third of them zero, with uneven earnings.
func testScores(players, outputs int, seed uint64) *Scores {
	draw := philox.New([32]byte{1, 2, 3}, seed)
	s := &Scores{Scale: -20, Meta: Meta{Method: "test", Sign: "positive: the sample helped", Unit: "arbitrary"}}
	for i := range players {
		s.Players = append(s.Players, fmt.Sprintf("p%02d", i))
	}
	for q := range outputs {
		s.Outputs = append(s.Outputs, Output{ID: fmt.Sprintf("q%03d", q), Earned: big.NewInt(int64(1 + draw.Intn(50)))})
		for range players {
			v := math.Pow(draw.Float64(), -0.7)
			if draw.Intn(3) == 0 {
				v = 0
			}
			if draw.Intn(4) == 0 {
				v = -v
			}
			s.Value = append(s.Value, int32(v*1000))
		}
	}
	return s
}

func logCurve(t testing.TB, unit int64) *Curve {
	t.Helper()
	c, err := Log1p(unit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// games are one of each kind over the scores.
func games(t testing.TB, s *Scores) map[string]*OutputGame {
	t.Helper()
	table, err := Table(500, []Point{{500, 300}, {2000, 900}, {40000, 1000}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*OutputGame{}
	keep := func(name string, g *OutputGame, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all[name] = g
	}
	g, err := NewAdditive(s)
	keep("additive", g, err)
	g, err = NewCoverage(s)
	keep("coverage", g, err)
	g, err = NewSaturating(s, logCurve(t, DefaultUnit(s)))
	keep("log1p", g, err)
	g, err = NewSaturating(s, Sqrt())
	keep("sqrt", g, err)
	g, err = NewSaturating(s, table)
	keep("table", g, err)
	return all
}

// black hides everything about a game but its values.
type black struct{ Game }

// walks hides everything about a game but its walk.
type walks struct{ Walker }

func sameRats(t *testing.T, what string, got, want []*big.Rat) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i].Cmp(want[i]) != 0 {
			t.Fatalf("%s: player %d: %s, want %s", what, i, got[i], want[i])
		}
	}
}

// checkEfficient holds Σ value to v(N) − v(∅).
func checkEfficient(t *testing.T, g Game, value []*big.Rat) {
	t.Helper()
	all := NewBitset(g.Players())
	for i := range g.Players() {
		all.Set(i)
	}
	v, err := g.Value(ctx, []Bitset{all, NewBitset(g.Players())})
	if err != nil {
		t.Fatal(err)
	}
	sum := new(big.Rat)
	for _, x := range value {
		sum.Add(sum, x)
	}
	if sum.Cmp(new(big.Rat).SetInt64(v[0]-v[1])) != 0 {
		t.Fatalf("values sum to %s, want v(N) − v(∅) = %d", sum, v[0]-v[1])
	}
}

func floats(r []*big.Rat) []float64 {
	f := make([]float64, len(r))
	for i := range r {
		f[i], _ = r[i].Float64()
	}
	return f
}

func misallocation(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(a[i]-b[i]) / 2
	}
	return sum
}

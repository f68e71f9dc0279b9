package shapley

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"attrib/internal/philox"
)

// signedTable is a random game with values of both signs, where clipping matters.
func signedTable(t testing.TB, n int, seed uint64) *TableGame {
	t.Helper()
	draw := philox.New([32]byte{5}, seed)
	v, worth := make([]int64, 1<<n), make([]int64, n)
	for i := range worth {
		worth[i] = int64(draw.Intn(1000) - 300)
	}
	for s := 1; s < len(v); s++ {
		v[s] = int64(draw.Intn(800))
		for i, w := range worth {
			v[s] += w * int64(s>>i&1)
		}
	}
	g, err := NewTableGame(n, v)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func estimate(t testing.TB, g Game, b Budget, seed byte) *Estimate {
	t.Helper()
	e, err := Permutations{}.Estimate(ctx, g, b, [32]byte{seed, 9})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWorkersDoNotMatter(t *testing.T) {
	for name, g := range games(t, testScores(9, 11, 1)) {
		for _, budget := range []Budget{{Permutations: 1000}, {Permutations: 4096, Epsilon: 0.004}, {Permutations: 10}} {
			budget.Workers = 1
			want := estimate(t, g, budget, 1)
			for _, workers := range []int{2, 3, 64, 100} {
				budget.Workers = workers
				if got := estimate(t, g, budget, 1); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s: %d workers give another result", name, workers)
				}
			}
			checkEfficient(t, g, want.Value)
		}
	}
}

func TestWaysToWalkAgree(t *testing.T) {
	for name, g := range games(t, testScores(7, 5, 2)) {
		want := estimate(t, g, Budget{Permutations: 300}, 1)
		for _, other := range []Game{walks{g}, black{g}} {
			got := estimate(t, other, Budget{Permutations: 300}, 1)
			sameRats(t, name, got.Value, want.Value)
			if !reflect.DeepEqual(got.StdErr, want.StdErr) || got.PerOutput != nil {
				t.Fatal(name, "errors differ")
			}
		}
	}
}

func TestAdditiveGameHasNoVariance(t *testing.T) {
	g := games(t, testScores(9, 5, 3))["additive"]
	exact, _ := g.Closed(ctx)
	e := estimate(t, g, Budget{Permutations: 4}, 1)
	sameRats(t, "additive", e.Value, exact.Value)
	for i, s := range e.StdErr {
		if s != 0 {
			t.Errorf("player %d: standard error %v", i, s)
		}
	}
}

// TestStandardErrorsAreCalibrated: (estimate − exact)/StdErr over seeds has mean 0 and variance 1, and the
// simultaneous intervals hold the exact values of all players at once about 95 times in 100.
func TestStandardErrorsAreCalibrated(t *testing.T) {
	tests := map[string]Game{"table": signedTable(t, 6, 1)}
	for _, name := range []string{"coverage", "log1p", "sqrt"} {
		tests[name] = games(t, testScores(8, 10, 4))[name]
	}
	for name, g := range tests {
		exact, err := Exact{}.Estimate(ctx, g, Budget{}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		want := floats(exact.Value)
		const seeds = 200
		sum, squares, held, count := 0.0, 0.0, 0, 0
		for seed := range seeds {
			e := estimate(t, g, Budget{Permutations: 512}, byte(seed))
			inside := true
			for i, v := range floats(e.Value) {
				z := (v - want[i]) / e.StdErr[i]
				sum, squares, count = sum+z, squares+z*z, count+1
				inside = inside && e.Low[i] <= want[i] && want[i] <= e.High[i]
			}
			if inside {
				held++
			}
		}
		mean, variance := sum/float64(count), squares/float64(count)
		t.Logf("%s: z-scores mean %+.3f, variance %.3f; simultaneous intervals held %d of %d", name, mean, variance, held, seeds)
		if math.Abs(mean) > 0.1 || variance < 0.85 || variance > 1.2 {
			t.Errorf("%s: z-scores have mean %.3f and variance %.3f", name, mean, variance)
		}
		if held < 183 {
			t.Errorf("%s: simultaneous 95 %% intervals held in %d of %d", name, held, seeds)
		}
	}
}

// TestExpectedMisallocationIsTrue holds the stated misallocation to the real one, also where clipping matters.
func TestExpectedMisallocationIsTrue(t *testing.T) {
	tests := map[string]Game{"table, 6 players": signedTable(t, 6, 1), "table, 9 players": signedTable(t, 9, 2)}
	for _, name := range []string{"coverage", "log1p", "sqrt"} {
		tests[name] = games(t, testScores(12, 20, 5))[name]
	}
	for name, g := range tests {
		exact, err := Exact{}.Estimate(ctx, g, Budget{}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		want := Shares(floats(exact.Value))
		for _, budget := range []int64{128, 1024} {
			stated, real := 0.0, 0.0
			for seed := range 100 {
				e := estimate(t, g, Budget{Permutations: budget}, byte(seed))
				stated += e.ExpectedMisallocation
				real += misallocation(Shares(floats(e.Value)), want)
			}
			t.Logf("%s, %d permutations: stated %.5f, real %.5f, ratio %.3f", name, budget, stated/100, real/100, stated/real)
			if stated/real < 0.85 || stated/real > 1.18 {
				t.Errorf("%s, %d permutations: stated misallocation is %.2f times the real one", name, budget, stated/real)
			}
		}
	}
}

func TestAntitheticPairsHelp(t *testing.T) {
	g := games(t, testScores(12, 20, 5))["log1p"]
	e := estimate(t, g, Budget{Permutations: 2048}, 1)
	exact, _ := Exact{}.Estimate(ctx, g, Budget{}, [32]byte{})
	// One order's variance, by hand, against a pair's.
	walk, order, n := g.Walk(), make([]int, 12), 2048
	squares := make([]float64, 12)
	for k := range n {
		philox.New([32]byte{77}, uint64(k)).Perm(order)
		walk.Reset()
		for _, i := range order {
			d := float64(walk.Add(i)) - floats(exact.Value)[i]
			squares[i] += d * d / float64(n)
		}
	}
	plain, paired := 0.0, 0.0
	for i := range squares {
		plain += squares[i] / 2048
		paired += e.StdErr[i] * e.StdErr[i]
	}
	if t.Logf("variance: plain/antithetic = %.2f", plain/paired); plain < 1.2*paired {
		t.Error("reversals do not reduce the variance")
	}
}

func TestEpsilonStopsAtACheckpoint(t *testing.T) {
	g := games(t, testScores(12, 20, 5))["log1p"]
	full := estimate(t, g, Budget{Permutations: 1 << 14}, 1)
	if full.Stopped != "budget" || full.Permutations != 1<<14 || full.Evaluations != 12<<14 {
		t.Error(full.Stopped, full.Permutations, full.Evaluations)
	}
	e := estimate(t, g, Budget{Permutations: 1 << 14, Epsilon: 4 * full.ExpectedMisallocation}, 1)
	if e.Stopped != "epsilon" || e.Permutations >= full.Permutations || e.ExpectedMisallocation > 4*full.ExpectedMisallocation {
		t.Error(e.Stopped, e.Permutations, e.ExpectedMisallocation)
	}
	if p := e.Permutations; p&(p-1) != 0 {
		t.Error("stopped between checkpoints at", p)
	}
	same := estimate(t, g, Budget{Permutations: e.Permutations}, 1)
	sameRats(t, "the same permutations without epsilon", same.Value, e.Value)
	short := estimate(t, g, Budget{Permutations: 20, Epsilon: 1e-9}, 1)
	if len(short.Warnings) != 2 || !strings.Contains(short.Warnings[1].Error(), "above the wanted") {
		t.Error(short.Warnings)
	}
}

func TestBudgetsAreKept(t *testing.T) {
	g := signedTable(t, 5, 1)
	for _, p := range []int64{4, 5, 7, 126, 127, 128, 129, 1000} {
		e := estimate(t, g, Budget{Permutations: p}, 1)
		if e.Permutations > p || e.Permutations < p-127 || e.Permutations < 4 {
			t.Errorf("budget %d: walked %d", p, e.Permutations)
		}
		for i := range e.Value {
			sum, want := 0.0, floats(e.Value)[i]
			for _, b := range e.Batches {
				sum += b[i]
			}
			if math.Abs(sum-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("budget %d: batches of player %d sum to %v, want %v", p, i, sum, want)
			}
		}
	}
	for _, b := range []Budget{{Permutations: 3}, {Permutations: -1}, {Epsilon: -1}, {Epsilon: math.NaN()}, {Workers: -1}, {Permutations: 1 << 40}} {
		if _, err := (Permutations{}).Estimate(ctx, g, b, [32]byte{}); err == nil {
			t.Error("accepted", b)
		}
	}
}

type failing struct{ Game }

var errFails = errors.New("cannot value this")

func (failing) Value(context.Context, []Bitset) ([]int64, error) { return nil, errFails }

func TestErrorsAndCancellation(t *testing.T) {
	g := games(t, testScores(12, 20, 5))["log1p"]
	for _, est := range []Estimator{Exact{}, Permutations{}} {
		if _, err := est.Estimate(ctx, failing{g}, Budget{}, [32]byte{}); !errors.Is(err, errFails) {
			t.Error(est.Name(), err)
		}
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := est.Estimate(stopped, g, Budget{}, [32]byte{}); !errors.Is(err, context.Canceled) {
			t.Error(est.Name(), err)
		}
	}
}

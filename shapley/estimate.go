package shapley

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"attrib/kernels"
)

// Estimate is the Shapley value of every player with its Monte-Carlo error. Values are in the game's integer unit.
type Estimate struct {
	Value     []*big.Rat // Σ Value = v(N) − v(∅) exactly, also when estimated
	StdErr    []float64  // standard error per player, in the game's unit; zeros when exact
	Low, High []float64  // simultaneous 95 % intervals (Bonferroni, Student t); equal to Value when exact

	// ExpectedMisallocation is the expected ½ Σ|share error| of the positive parts that the Monte-Carlo error alone
	// causes, as a part of the pool; 0 when exact.
	ExpectedMisallocation float64

	Form         string // "additive shortcut", "coverage closed form", "enumeration", "permutations"
	Exact        bool
	Permutations int64  // permutations walked, both halves of a pair counted
	Evaluations  int64  // coalition values that took
	Stopped      string // why sampling ended: "exact", "budget" or "epsilon"

	// PerOutput is each player's Shapley value in each output's own game (players × outputs, before ω), for the
	// bootstrap over outputs; nil when the game is not Separable.
	PerOutput [][]float64
	// Batches are independent parts of the estimate (batches × players) that sum to Value; nil when exact.
	Batches [][]float64

	Warnings []error
}

// Certain says that the Monte-Carlo error is zero: the values are exact, or every player's marginals agreed in every
// pair, as in a game without overlap. Standard errors come from integers, so a zero is one.
func (e *Estimate) Certain() bool {
	for _, s := range e.StdErr {
		if s != 0 {
			return false
		}
	}
	return true
}

// Budget bounds an estimate.
type Budget struct {
	Permutations int64   // permutations to walk at most, both halves of a pair counted. Default 16384
	Epsilon      float64 // stop at a checkpoint where ExpectedMisallocation is at most this. Default 0: use the budget
	Workers      int     // goroutines; never changes a bit of the result. Default GOMAXPROCS

	// Walker walks the orders of games that it knows (Walkable), so many pairs at a time; neither changes a bit of the
	// result. Its error ends the estimate: nothing else takes its place. Default: the CPU, and what 64 MiB hold.
	Walker    kernels.PermutationWalker
	WalkPairs int
}

// Validate reports all violations.
func (b Budget) Validate() error {
	var bad []error
	if b.Permutations != 0 && (b.Permutations < 4 || b.Permutations > 1<<31) {
		bad = append(bad, fmt.Errorf("budget: %d permutations, want 4 to 2^31", b.Permutations))
	}
	if !(b.Epsilon >= 0 && b.Epsilon < 1) {
		bad = append(bad, fmt.Errorf("budget: epsilon %v, want 0 ≤ epsilon < 1", b.Epsilon))
	}
	if b.Workers < 0 {
		bad = append(bad, fmt.Errorf("budget: %d workers", b.Workers))
	}
	if b.WalkPairs < 0 {
		bad = append(bad, fmt.Errorf("budget: %d pairs walked at a time", b.WalkPairs))
	}
	return errors.Join(bad...)
}

// Estimator estimates Shapley values. The result is a function of game, budget (but not its Workers and Walker) and seed.
type Estimator interface {
	Name() string
	Estimate(ctx context.Context, g Game, b Budget, seed [32]byte) (*Estimate, error)
}

// EstimatorNames lists what EstimatorNamed knows.
var EstimatorNames = []string{"auto", "exact", "permutations"}

// EstimatorNamed returns an estimator: "exact" (closed form or enumeration), "permutations" (antithetic pairs), or
// "auto" (exact where that is possible, otherwise permutations).
func EstimatorNamed(name string) (Estimator, error) {
	switch name {
	case "exact":
		return Exact{}, nil
	case "permutations":
		return Permutations{}, nil
	case "auto":
		return auto{}, nil
	}
	return nil, fmt.Errorf("estimator %q is not known; known are %q", name, EstimatorNames)
}

type auto struct{}

func (auto) Name() string { return "auto" }

func (auto) Estimate(ctx context.Context, g Game, b Budget, seed [32]byte) (*Estimate, error) {
	e, err := Exact{}.Estimate(ctx, g, b, seed)
	if errors.Is(err, ErrNoExactForm) {
		return Permutations{}.Estimate(ctx, g, b, seed)
	}
	return e, err
}

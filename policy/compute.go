package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"attrib/kernels"
	"attrib/shapley"
)

// ErrNothingToPay says that no data contributor's total is positive, so the data's part has no basis.
var ErrNothingToPay = errors.New("nothing to pay the data contributors for: every contributor's total is zero or negative")

// Inputs is everything that shares and weights follow from, but the seed.
type Inputs struct {
	Scores       *shapley.Scores
	Outputs      *Outputs
	Policy       *Policy
	Clusters     *Clusters
	Contributors *Contributors
	Recipe       *Recipe
}

// Result is what follows.
type Result struct {
	Shares  *Shares
	Weights *Weights
}

// Validate reports all violations of all inputs, and where they do not fit each other.
func (in Inputs) Validate() error {
	if in.Scores == nil || in.Outputs == nil || in.Policy == nil || in.Clusters == nil || in.Contributors == nil || in.Recipe == nil {
		return errors.New("policy: an input is missing")
	}
	err := errors.Join(in.Scores.Validate(), in.Outputs.Validate(), in.Policy.Validate(), in.Clusters.Validate(),
		in.Contributors.Validate(), in.Recipe.Validate())
	if err != nil {
		return err
	}
	return errors.Join(in.Outputs.matches(in.Scores), in.checkRoles())
}

// Compute values the game of the scores, divides the data's part by it and the rest by role. It is a pure function:
// the same inputs and seed give the same bits on every machine and for any number of workers (0: GOMAXPROCS). The
// order of players, outputs and contributors in the inputs does not matter to any contributor's figures.
func Compute(ctx context.Context, in Inputs, seed [32]byte, workers int) (*Result, error) {
	return ComputeOn(ctx, in, seed, Machine{Workers: workers})
}

// Machine is what computes. It never changes a bit of a result.
type Machine struct {
	Workers int                       // goroutines. Default GOMAXPROCS
	Walker  kernels.PermutationWalker // walks orders of players. Default: the CPU
}

// ComputeOn is Compute on a machine. An error of its walker ends the computation.
func ComputeOn(ctx context.Context, in Inputs, seed [32]byte, m Machine) (*Result, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c := &computation{in: in, seed: seed, machine: m}
	if err := c.value(ctx); err != nil {
		return nil, err
	}
	shares, err := c.shares()
	if err != nil {
		return nil, err
	}
	weights, err := c.weights(shares)
	if err != nil {
		return nil, err
	}
	return &Result{shares, weights}, nil
}

// computation is what Compute's steps hand on.
type computation struct {
	in       Inputs
	seed     [32]byte
	machine  Machine
	scores   *shapley.Scores // one column per unit, rows and columns by id
	game     *shapley.OutputGame
	estimate *shapley.Estimate
	exact    *shapley.Estimate // beside an estimate; nil where it cannot be had
	owners   *ownership
	data     *division // of the data's part
}

// value merges players into units, builds the game and values it.
func (c *computation) value(ctx context.Context) (err error) {
	if c.owners, err = newOwnership(c.in); err != nil {
		return err
	}
	merged, err := c.in.Scores.Merge(c.in.Clusters.merges())
	if err != nil {
		return err
	}
	c.scores = sorted(merged)
	if c.game, err = c.in.Policy.Game.Build(c.scores); err != nil {
		return err
	}
	r := c.in.Recipe
	estimator, err := shapley.EstimatorNamed(r.Estimator)
	if err != nil {
		return err
	}
	if c.estimate, err = estimator.Estimate(ctx, c.game, c.budget(), c.seed); err != nil {
		return err
	}
	if c.estimate.Exact || r.Exact == "never" {
		return nil
	}
	c.exact, err = shapley.Exact{}.Estimate(ctx, c.game, c.budget(), c.seed)
	if errors.Is(err, shapley.ErrNoExactForm) {
		c.exact, err = nil, nil
	}
	return err
}

func (c *computation) budget() shapley.Budget {
	b := c.in.Recipe.budget(c.machine.Workers)
	b.Walker = c.machine.Walker
	return b
}

// merges is the units as shapley knows them.
func (c *Clusters) merges() []shapley.Unit {
	var units []shapley.Unit
	for _, u := range c.Units {
		units = append(units, shapley.Unit{ID: u.ID, Players: u.Players})
	}
	return units
}

// sorted brings columns and rows into the order of ids, so that no result depends on how a file was ordered.
func sorted(s *shapley.Scores) *shapley.Scores {
	columns, rows := counting(len(s.Players)), counting(len(s.Outputs))
	slices.SortFunc(columns, func(a, b int) int { return cmp.Compare(s.Players[a], s.Players[b]) })
	slices.SortFunc(rows, func(a, b int) int {
		x, y := s.Outputs[a], s.Outputs[b]
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Run, y.Run))
	})
	t := &shapley.Scores{Scale: s.Scale, Meta: s.Meta}
	for _, i := range columns {
		t.Players = append(t.Players, s.Players[i])
	}
	for _, q := range rows {
		t.Outputs = append(t.Outputs, s.Outputs[q])
		for _, i := range columns {
			t.Value = append(t.Value, s.Row(q)[i])
		}
	}
	return t
}

func counting(n int) []int {
	c := make([]int, n)
	for i := range c {
		c[i] = i
	}
	return c
}

// checkRoles checks that outputs name contributors with the right role, and parts too.
func (in Inputs) checkRoles() error {
	role := make(map[string]Role, len(in.Contributors.Contributors))
	for _, c := range in.Contributors.Contributors {
		role[c.ID] = c.Role
	}
	var bad []error
	want := func(where, id string, r Role) {
		if got, ok := role[id]; !ok {
			bad = append(bad, fmt.Errorf("%s: contributor %q is not known", where, id))
		} else if got != r {
			bad = append(bad, fmt.Errorf("%s: contributor %q has the role %q, not %q", where, id, got, r))
		}
	}
	for _, o := range in.Outputs.Outputs {
		if o.PromptBy != "" {
			want(fmt.Sprintf("output %q: promptBy", o.ID), o.PromptBy, Prompt)
		}
		for _, id := range o.ReviewedBy {
			want(fmt.Sprintf("output %q: reviewedBy", o.ID), id, Review)
		}
	}
	for _, r := range []Role{Model, Tuning} {
		for _, id := range sortedKeys(in.Policy.Parts[r]) {
			want(fmt.Sprintf("policy: parts.%s", r), id, r)
		}
	}
	return errors.Join(bad...)
}

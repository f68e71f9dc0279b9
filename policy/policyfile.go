package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

// PolicySchema is the schema of policy.json.
const PolicySchema = "attrib.policy/1"

// Policy is policy.json: what the contributors agreed on.
type Policy struct {
	Schema string `json:"schema"`
	// Roles gives each role its part of the pool in basis points; they sum to 10000. A role that is left out has 0.
	Roles map[Role]int `json:"roles"`
	// Parts divides the part of model or tuning by stated numbers, by contributor id. Default: equal parts.
	Parts map[Role]map[string]uint32 `json:"parts,omitempty"`
	// Game divides the data's part.
	Game GameSpec `json:"game"`
	// Rule turns signed values into shares. "pool", the default and only one: each contributor's total over all
	// outputs is clipped at zero; what is negative is reported as harm and never paid.
	Rule string `json:"rule"`
	// MinimumPayout is the smallest amount paid out, in base units of the currency; less is carried to the next epoch.
	MinimumPayout string `json:"minimumPayout"`
	// Noise says what happens when the shares are too uncertain. Default: nothing.
	Noise *Noise `json:"noise,omitempty"`
}

// GameSpec names a game.
type GameSpec struct {
	Name     string          `json:"name"`               // "additive", "coverage" or "saturating"
	Function string          `json:"function,omitempty"` // of saturating: "log1p" (default), "sqrt" or "table"
	Unit     int64           `json:"unit,omitempty"`     // of log1p and table, in quanta. Default shapley.DefaultUnit
	Table    []shapley.Point `json:"table,omitempty"`    // of table
}

// Noise is the pay-by-noise rule: when the measured misallocation of the data's part exceeds Bound, a part of that size is
// divided by a fixed rule instead. Measured is the expected misallocation of estimator and sampling together, plus
// the method's error where one is given; their sum bounds what both can misallocate.
type Noise struct {
	Bound    int    `json:"bound"`    // basis points of the data's part
	Fallback string `json:"fallback"` // "samples" (by number of training samples) or "equal"
}

// Default is the policy of the demo: most to the data, a saturating game.
func Default() *Policy {
	return &Policy{
		Schema: PolicySchema,
		Roles:  map[Role]int{Data: 7000, Model: 1000, Prompt: 1000, Review: 1000, Tuning: 0},
		Game:   GameSpec{Name: "saturating", Function: "log1p"}, Rule: "pool", MinimumPayout: "0",
	}
}

// Validate reports all violations, naming fields.
func (p *Policy) Validate() error {
	bad := []error{strictjson.CheckSchema(p.Schema, PolicySchema), p.validateRoles(), p.validateParts(), p.Game.validate()}
	if p.Rule != "pool" {
		bad = append(bad, fmt.Errorf("rule %q is not known; known is \"pool\"", p.Rule))
	}
	if _, err := shapley.ParseWhole(p.MinimumPayout); err != nil {
		bad = append(bad, fmt.Errorf("minimumPayout: %w", err))
	}
	if n := p.Noise; n != nil {
		if n.Bound < 0 || n.Bound > Whole {
			bad = append(bad, fmt.Errorf("noise.bound is %d basis points, want 0 to %d", n.Bound, Whole))
		}
		if n.Fallback != "samples" && n.Fallback != "equal" {
			bad = append(bad, fmt.Errorf("noise.fallback %q is not known; known are \"samples\" and \"equal\"", n.Fallback))
		}
	}
	return errors.Join(bad...)
}

func (p *Policy) validateRoles() error {
	var bad []error
	sum := 0
	for _, r := range slices.Sorted(maps.Keys(p.Roles)) {
		if !slices.Contains(Roles, r) {
			bad = append(bad, fmt.Errorf("roles: %q is not a role; known are %q", r, Roles))
		}
		if p.Roles[r] < 0 || p.Roles[r] > Whole {
			bad = append(bad, fmt.Errorf("roles.%s is %d basis points, want 0 to %d", r, p.Roles[r], Whole))
			continue
		}
		sum += p.Roles[r]
	}
	if sum != Whole {
		bad = append(bad, fmt.Errorf("roles sum to %d basis points, must sum to %d", sum, Whole))
	}
	return errors.Join(bad...)
}

func (p *Policy) validateParts() error {
	var bad []error
	for _, r := range slices.Sorted(maps.Keys(p.Parts)) {
		if r != Model && r != Tuning {
			bad = append(bad, fmt.Errorf("parts.%s: only model and tuning take stated parts", r))
		}
	}
	return errors.Join(bad...)
}

func (g GameSpec) validate() error {
	switch {
	case !slices.Contains([]string{"additive", "coverage", "saturating"}, g.Name):
		return fmt.Errorf("game.name %q is not known; known are \"additive\", \"coverage\" and \"saturating\"", g.Name)
	case g.Name != "saturating" && (g.Function != "" || g.Unit != 0 || g.Table != nil):
		return fmt.Errorf("game: function, unit and table belong to the saturating game, not to %q", g.Name)
	case g.Function == "sqrt" && g.Unit != 0:
		return errors.New("game.unit: sqrt takes none")
	case g.Table != nil && g.Function != "table", g.Function == "table" && len(g.Table) == 0:
		return errors.New("game.table: needed by function \"table\" and by no other")
	case g.Unit < 0 || g.Unit > 1<<31:
		return fmt.Errorf("game.unit is %d quanta, want 1 to 2^31, or 0 for the default", g.Unit)
	}
	return nil
}

// Build makes the game of these scores.
func (g GameSpec) Build(s *shapley.Scores) (*shapley.OutputGame, error) {
	switch g.Name {
	case "additive":
		return shapley.NewAdditive(s)
	case "coverage":
		return shapley.NewCoverage(s)
	case "saturating":
		curve, err := g.curve(s)
		if err != nil {
			return nil, err
		}
		return shapley.NewSaturating(s, curve)
	}
	return nil, g.validate()
}

func (g GameSpec) curve(s *shapley.Scores) (*shapley.Curve, error) {
	unit := g.Unit
	if unit == 0 {
		unit = shapley.DefaultUnit(s)
	}
	switch g.Function {
	case "", "log1p":
		return shapley.Log1p(unit)
	case "sqrt":
		return shapley.Sqrt(), nil
	case "table":
		return shapley.Table(unit, g.Table)
	}
	return nil, fmt.Errorf("game.function %q is not known; known are \"log1p\", \"sqrt\" and \"table\"", g.Function)
}

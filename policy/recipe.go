package policy

import (
	"errors"
	"fmt"
	"slices"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

// Schemas of the recipe and of a method's measured error.
const (
	RecipeSchema      = "attrib.recipe/1"
	MethodErrorSchema = "attrib.method-error/1"
)

// Recipe is recipe.json: how the policy's game is computed. What the game is, is the policy's to say.
type Recipe struct {
	Schema       string  `json:"schema"`
	Estimator    string  `json:"estimator"`    // "auto", "exact" or "permutations"
	Permutations int64   `json:"permutations"` // budget. 0 means shapley.DefaultPermutations
	Epsilon      float64 `json:"epsilon"`      // stop when the expected misallocation is at most this. 0: use the budget
	Bootstrap    int     `json:"bootstrap"`    // replicates for the intervals. 0 means 1000
	// Exact says whether exact values are computed beside estimated ones, where there are at most 20 players or a
	// closed form: "auto" does, "never" does not.
	Exact string `json:"exact"`
	// MethodError is how far these scores are from retraining, as measured by bench; absent means not measured.
	MethodError *MethodError `json:"methodError,omitempty"`
}

// MethodError is a measured misallocation of a method against retraining, as a part of the pool.
type MethodError struct {
	Schema string  `json:"schema"`
	Method string  `json:"method"` // what was measured, such as "influence, tanh MLP 64-32-10"
	Value  float64 `json:"value"`
	Low    float64 `json:"low"` // 95 % interval
	High   float64 `json:"high"`
	Source string  `json:"source,omitempty"` // SHA-256 of the report it comes from
}

// DefaultRecipe estimates by permutations and shows exact values beside where it can.
func DefaultRecipe() *Recipe {
	return &Recipe{Schema: RecipeSchema, Estimator: "auto", Permutations: shapley.DefaultPermutations, Bootstrap: 1000, Exact: "auto"}
}

// Validate reports all violations, naming fields.
func (r *Recipe) Validate() error {
	bad := []error{strictjson.CheckSchema(r.Schema, RecipeSchema), r.budget(0).Validate()}
	if !slices.Contains(shapley.EstimatorNames, r.Estimator) {
		bad = append(bad, fmt.Errorf("estimator %q is not known; known are %q", r.Estimator, shapley.EstimatorNames))
	}
	if r.Bootstrap < 0 || r.Bootstrap > 1000000 || r.Bootstrap > 0 && r.Bootstrap < 100 {
		bad = append(bad, fmt.Errorf("bootstrap is %d, want 100 to 1000000, or 0 for the default", r.Bootstrap))
	}
	if r.Exact != "auto" && r.Exact != "never" {
		bad = append(bad, fmt.Errorf("exact %q is not known; known are \"auto\" and \"never\"", r.Exact))
	}
	if r.MethodError != nil {
		bad = append(bad, r.MethodError.Validate())
	}
	return errors.Join(bad...)
}

func (r *Recipe) budget(workers int) shapley.Budget {
	return shapley.Budget{Permutations: r.Permutations, Epsilon: r.Epsilon, Workers: workers}
}

func (r *Recipe) replicates() int {
	if r.Bootstrap == 0 {
		return 1000
	}
	return r.Bootstrap
}

// Validate reports all violations.
func (m *MethodError) Validate() error {
	bad := []error{strictjson.CheckSchema(m.Schema, MethodErrorSchema)}
	if !(0 <= m.Low && m.Low <= m.Value && m.Value <= m.High && m.High <= 1) {
		bad = append(bad, fmt.Errorf("method error: %v (%v to %v) must be parts of the pool, 0 ≤ low ≤ value ≤ high ≤ 1", m.Value, m.Low, m.High))
	}
	if m.Method == "" {
		bad = append(bad, errors.New("method error: field \"method\" is missing"))
	}
	return errors.Join(bad...)
}

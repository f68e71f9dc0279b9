package policy

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

// Schemas of the other input files.
const (
	ContributorsSchema = "attrib.payee-order/1"
	OutputsSchema      = "attrib.outputs/1"
	ClustersSchema     = "attrib.clusters/1"
)

// Contributors is contributors.json: everybody who may be paid, in the order of all lists that follow.
type Contributors struct {
	Schema       string        `json:"schema"`
	Contributors []Contributor `json:"contributors"`
}

// Contributor is one payee.
type Contributor struct {
	ID      string `json:"id"`
	Address string `json:"address,omitempty"` // as the corpus checked it; only copied here
	Role    Role   `json:"role"`
	// Unit is the credit unit that a data contributor is paid through. Default: the unit or player of its own id.
	Unit string `json:"unit,omitempty"`
	// Samples is how many training samples a data contributor brought, for the fallback "samples".
	Samples int64 `json:"samples,omitempty"`
}

// Outputs is outputs.json: what each output earned and who prompted and reviewed it.
type Outputs struct {
	Schema  string   `json:"schema"`
	Outputs []Output `json:"outputs"`
}

// Output is one output of the model.
type Output struct {
	ID         string   `json:"id"`
	Earned     string   `json:"earned"`               // whole number in decimal digits
	PromptBy   string   `json:"promptBy,omitempty"`   // a contributor with role prompt
	ReviewedBy []string `json:"reviewedBy,omitempty"` // contributors with role review who approved it
}

// Clusters is clusters.json: the credit units. Players in none are units of their own.
type Clusters struct {
	Schema string `json:"schema"`
	Units  []Unit `json:"units"`
}

// Unit is players that count as one, because their samples are near-duplicates or their owner is the same.
type Unit struct {
	ID      string   `json:"id"`
	Players []string `json:"players"`
	// Owners are the data contributors that the unit's credit goes to: one, such as the earliest anchored claim, or
	// several in the stated parts. Default: equal parts to the contributors whose field unit names this unit.
	Owners []Owner `json:"owners,omitempty"`
}

// Owner is a contributor's part of a unit.
type Owner struct {
	ID   string `json:"id"`
	Part uint32 `json:"part"` // in proportion to the other owners' parts
}

// Validate reports all violations, naming contributors.
func (c *Contributors) Validate() error {
	bad := []error{strictjson.CheckSchema(c.Schema, ContributorsSchema)}
	seen := make(map[string]bool, len(c.Contributors))
	for i, p := range c.Contributors {
		switch {
		case p.ID == "":
			bad = append(bad, fmt.Errorf("contributor %d has no id", i))
		case seen[p.ID]:
			bad = append(bad, fmt.Errorf("contributor %q is given twice", p.ID))
		case !slices.Contains(Roles, p.Role):
			bad = append(bad, fmt.Errorf("contributor %q: role %q is not known; known are %q", p.ID, p.Role, Roles))
		case p.Role != Data && (p.Unit != "" || p.Samples != 0):
			bad = append(bad, fmt.Errorf("contributor %q: unit and samples belong to the role data, not to %q", p.ID, p.Role))
		case p.Samples < 0:
			bad = append(bad, fmt.Errorf("contributor %q: samples is negative", p.ID))
		}
		seen[p.ID] = true
	}
	return errors.Join(bad...)
}

// Validate reports all violations, naming outputs.
func (o *Outputs) Validate() error {
	bad := []error{strictjson.CheckSchema(o.Schema, OutputsSchema)}
	seen := make(map[string]bool, len(o.Outputs))
	for i, p := range o.Outputs {
		if _, err := shapley.ParseWhole(p.Earned); err != nil {
			bad = append(bad, fmt.Errorf("output %q: field \"earned\": %w", p.ID, err))
		}
		if p.ID == "" || seen[p.ID] {
			bad = append(bad, fmt.Errorf("output %d: id %q is empty or given twice", i, p.ID))
		}
		seen[p.ID] = true
		reviewers := slices.Sorted(slices.Values(p.ReviewedBy))
		if len(slices.Compact(reviewers)) != len(p.ReviewedBy) {
			bad = append(bad, fmt.Errorf("output %q: a reviewer is given twice", p.ID))
		}
	}
	return errors.Join(bad...)
}

// Validate reports all violations, naming units. Whether the players and owners exist is checked by Compute.
func (c *Clusters) Validate() error {
	bad := []error{strictjson.CheckSchema(c.Schema, ClustersSchema)}
	seen := make(map[string]bool, len(c.Units))
	for i, u := range c.Units {
		if u.ID == "" || seen[u.ID] {
			bad = append(bad, fmt.Errorf("unit %d: id %q is empty or given twice", i, u.ID))
		}
		seen[u.ID] = true
		owners := make(map[string]bool)
		for _, o := range u.Owners {
			if o.Part == 0 || owners[o.ID] {
				bad = append(bad, fmt.Errorf("unit %q: owner %q has no part or is given twice", u.ID, o.ID))
			}
			owners[o.ID] = true
		}
	}
	return errors.Join(bad...)
}

// NoClusters is the clusters.json of a corpus without near-duplicates.
func NoClusters() *Clusters { return &Clusters{Schema: ClustersSchema, Units: []Unit{}} }

// earned returns each output's earnings by id; Outputs must be valid.
func (o *Outputs) earned() map[string]*big.Int {
	m := make(map[string]*big.Int, len(o.Outputs))
	for _, p := range o.Outputs {
		m[p.ID], _ = shapley.ParseWhole(p.Earned)
	}
	return m
}

// matches checks that the scores' outputs are these outputs with the same earnings.
func (o *Outputs) matches(s *shapley.Scores) error {
	var bad []error
	left := o.earned()
	known := maps.Clone(left)
	for _, q := range s.Outputs {
		delete(left, q.ID)
		if e, ok := known[q.ID]; !ok {
			bad = append(bad, fmt.Errorf("output %q is in the scores but not among the outputs", q.ID))
		} else if e.Cmp(q.Earned) != 0 {
			bad = append(bad, fmt.Errorf("output %q earned %s in the scores but %s among the outputs", q.ID, q.Earned, e))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		bad = append(bad, fmt.Errorf("output %q has no scores", id))
	}
	return errors.Join(bad...)
}

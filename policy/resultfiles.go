package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strconv"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

// Schemas of the results.
const (
	SharesSchema  = "attrib.shares/1"
	WeightsSchema = "attrib.weights/1"
)

// Errors are the three errors of shares, never mixed: each the expected misallocated part of the pool, ½ Σ |share
// error|, or nil where it is not known.
type Errors struct {
	Estimator *float64 `json:"estimator"` // Monte-Carlo error of the Shapley values; 0 where they are exact
	Sampling  *float64 `json:"sampling"`  // having only these outputs and training runs
	Method    *float64 `json:"method"`    // distance from retraining, from the recipe; nil: not measured
}

// Shares is shares.json: how the data's part of the pool divides, and how well that is known.
type Shares struct {
	Schema    string              `json:"schema"`
	Game      shapley.Description `json:"game"`
	Rule      string              `json:"rule"`
	Estimator EstimatorRecord     `json:"estimator"`
	// Units are the players of the game, by id.
	Units []UnitValue `json:"units"`
	// Contributors are the data contributors, in the order of contributors.json. Shares sum to 1.
	Contributors []Share `json:"contributors"`
	// Interval says what shareLow to shareHigh are.
	Interval Interval `json:"interval"`
	// Harm is the negative mass that was clipped and is never paid, as a part of the positive mass: of totals, or,
	// where the game clips per output, of scores weighted by earnings.
	Harm   float64 `json:"harm"`
	Errors Errors  `json:"errors"`
	// ExpectedMisallocation is that of estimator and sampling together, added in quadrature per contributor.
	ExpectedMisallocation float64 `json:"expectedMisallocation"`
	// LargestOverpayment is the largest share − shareLow.
	LargestOverpayment float64 `json:"largestOverpayment"`
	// MisallocationAgainstExact is the true ½ Σ |share error| of the estimate, where the exact value is known beside it.
	MisallocationAgainstExact *float64 `json:"misallocationAgainstExact"`
	// Fallback is set when the pay-by-noise rule took a part.
	Fallback *Fallback `json:"fallback"`
	Warnings []string  `json:"warnings"`
}

// EstimatorRecord says how the values were estimated.
type EstimatorRecord struct {
	Name         string  `json:"name"` // as the recipe names it
	Form         string  `json:"form"` // what it came to, such as "permutations" or "coverage closed form"
	Exact        bool    `json:"exact"`
	Budget       int64   `json:"budget"`       // permutations allowed; 0 when exact
	Permutations int64   `json:"permutations"` // walked
	Evaluations  int64   `json:"evaluations"`
	Epsilon      float64 `json:"epsilon"`
	Stopped      string  `json:"stopped"`
	Seed         string  `json:"seed"` // 64 hex digits
}

// UnitValue is a player's Shapley value in the game's integer unit, as a rational "numerator/denominator".
type UnitValue struct {
	ID     string  `json:"id"`
	Value  string  `json:"value"`
	Exact  string  `json:"exact,omitempty"` // beside an estimate, where it can be had
	StdErr float64 `json:"stdErr"`          // Monte-Carlo
	Low    float64 `json:"low"`             // simultaneous 95 % Monte-Carlo interval
	High   float64 `json:"high"`
}

// Share is what a data contributor gets of the data's part of the pool.
type Share struct {
	ID         string   `json:"id"`
	Value      string   `json:"value"` // rational, before clipping
	Exact      string   `json:"exact,omitempty"`
	Share      float64  `json:"share"`
	ShareLow   float64  `json:"shareLow"`  // the interval: estimator and sampling, in quadrature
	ShareHigh  float64  `json:"shareHigh"` //
	StdErr     float64  `json:"stdErr"`    // of the share: estimator and sampling, in quadrature
	ExactShare *float64 `json:"exactShare"`
	Harm       float64  `json:"harm"` // this contributor's part of the harm
}

// IntervalSimultaneous is the kind of intervals that hold all shares at once.
const IntervalSimultaneous = "simultaneous"

// Interval says how the intervals of shares are meant. They are Student-t with Outputs − 1 degrees of freedom for the
// sampling error (Bonferroni over contributors); how often such intervals really hold is in the documentation of
// package shapley.
type Interval struct {
	Level   float64 `json:"level"`   // stated coverage: 0.95
	Kind    string  `json:"kind"`    // IntervalSimultaneous
	Outputs float64 `json:"outputs"` // effective number of outputs, (Σ earned)²/Σ earned²
	Nominal bool    `json:"nominal"` // Outputs is at least 30; below, the true coverage is lower than Level
}

// Fallback is the part of the data's pool that the pay-by-noise rule divided.
type Fallback struct {
	Part     int     `json:"part"`     // basis points
	Rule     string  `json:"rule"`     // "samples" or "equal"
	Measured float64 `json:"measured"` // misallocation that was above the bound
}

// Validate checks the schema and that shares sum to 1.
func (s *Shares) Validate() error {
	bad := []error{strictjson.CheckSchema(s.Schema, SharesSchema)}
	sum := 0.0
	for _, c := range s.Contributors {
		sum += c.Share
		if _, ok := new(big.Rat).SetString(c.Value); !ok {
			bad = append(bad, fmt.Errorf("contributor %q: value %q is not a rational", c.ID, c.Value))
		}
	}
	if len(s.Contributors) > 0 && !(sum > 1-1e-9 && sum < 1+1e-9) {
		bad = append(bad, fmt.Errorf("shares sum to %v, not 1", sum))
	}
	return errors.Join(bad...)
}

// Total is what weights sum to: 2⁶³.
const Total = 1 << 63

// Weights is who gets which part of the pool: weight/2⁶³, exact. Lists are parallel, in the order of
// contributors.json.
type Weights struct {
	Schema  string
	ID      []string
	Role    []Role
	Address []string // empty where contributors.json has none
	Weight  []uint64 // sum to 2⁶³ exactly
	// Low and High are simultaneous 95 % intervals, as parts of the whole pool, from the estimator's and the sampling
	// error; equal to the part where a role is divided by known numbers.
	Low, High []float64
	// Err are the three errors as parts of the whole pool: those of the shares times the data's part.
	Err Errors
	// RoleParts is the part that every role really got, as a rational; a role without members passes its own on.
	RoleParts map[Role]string
	Warnings  []string
}

// weightsFile is weights.json.
type weightsFile struct {
	Schema   string          `json:"schema"`
	Roles    map[Role]string `json:"roles"`
	Weights  []weightLine    `json:"weights"`
	Errors   Errors          `json:"errors"`
	Warnings []string        `json:"warnings"`
}

type weightLine struct {
	ID      string  `json:"id"`
	Role    Role    `json:"role"`
	Address string  `json:"address,omitempty"`
	Weight  string  `json:"weight"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// MarshalJSON renders weights.json.
func (w *Weights) MarshalJSON() ([]byte, error) {
	f := weightsFile{Schema: w.Schema, Roles: w.RoleParts, Errors: w.Err, Weights: []weightLine{}, Warnings: w.Warnings}
	for i, id := range w.ID {
		f.Weights = append(f.Weights, weightLine{id, w.Role[i], w.Address[i], strconv.FormatUint(w.Weight[i], 10), w.Low[i], w.High[i]})
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads weights.json strictly.
func (w *Weights) UnmarshalJSON(data []byte) error {
	var f weightsFile
	if err := strictjson.Unmarshal(data, &f); err != nil {
		return err
	}
	*w = Weights{Schema: f.Schema, Err: f.Errors, RoleParts: f.Roles, Warnings: f.Warnings}
	var bad []error
	for _, l := range f.Weights {
		v, err := strconv.ParseUint(l.Weight, 10, 64)
		if err != nil || strconv.FormatUint(v, 10) != l.Weight {
			bad = append(bad, fmt.Errorf("contributor %q: weight %q is not a whole number in decimal digits", l.ID, l.Weight))
		}
		w.ID, w.Role, w.Address = append(w.ID, l.ID), append(w.Role, l.Role), append(w.Address, l.Address)
		w.Weight, w.Low, w.High = append(w.Weight, v), append(w.Low, l.Low), append(w.High, l.High)
	}
	return errors.Join(bad...)
}

// Validate checks that weights sum to 2⁶³ and ids are unique.
func (w *Weights) Validate() error {
	bad := []error{strictjson.CheckSchema(w.Schema, WeightsSchema)}
	n := len(w.ID)
	if len(w.Role) != n || len(w.Address) != n || len(w.Weight) != n || len(w.Low) != n || len(w.High) != n {
		bad = append(bad, errors.New("weights: lists of different lengths"))
	}
	var lo, hi, carry uint64
	for _, v := range w.Weight {
		lo, carry = bits.Add64(lo, v, 0)
		hi += carry
	}
	if hi != 0 || lo != Total {
		bad = append(bad, errors.New("weights do not sum to 2^63"))
	}
	if len(slices.Compact(slices.Sorted(slices.Values(w.ID)))) != len(w.ID) {
		bad = append(bad, errors.New("weights: a contributor is given twice"))
	}
	return errors.Join(bad...)
}

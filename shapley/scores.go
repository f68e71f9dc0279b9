package shapley

import (
	"errors"
	"fmt"
	"math/big"
)

// Scores is the money boundary: the quantised influence of every player on every output. From here on everything is
// integers and rationals, so every machine gets the same bits.
//
// A value v stands for v·2^Scale in the unit that Meta names. Sign: positive means that the player's samples helped
// the output (τ > 0), negative that they hurt it. Every output's Σ|value| is below 2³¹.
type Scores struct {
	Players []string // column names, unique
	Outputs []Output // row names; (ID, Run) unique
	Value   []int32  // len(Outputs) × len(Players), row-major
	Scale   int      // exponent of two
	Meta    Meta
}

// Output is one row: an output of the model, attributed by one training run.
type Output struct {
	ID     string
	Run    int      // training seed or run, from 0; every output has a row for every run
	Earned *big.Int // what the output earned, in any unit, not negative; the same in every run of an output
}

// Meta says what the scores are and what made them. It annotates: nothing is computed from it.
type Meta struct {
	Method      string            `json:"method"`           // such as "influence"
	Measurement string            `json:"measurement"`      // the goodness m, such as "log-probability of the label"
	Sign        string            `json:"sign"`             // such as "positive: the sample helped"
	Unit        string            `json:"unit"`             // "dm/dw" or "arbitrary"
	Hashes      map[string]string `json:"hashes,omitempty"` // SHA-256 in hex of model, corpus, store and so on, by name
}

// MaxRow bounds Σ|value| of every output.
const MaxRow = 1<<31 - 1

// Row is the values of one output, one per player; a view.
func (s *Scores) Row(q int) []int32 {
	n := len(s.Players)
	return s.Value[q*n : (q+1)*n : (q+1)*n]
}

// Validate reports every violation of what the fields promise, naming player or output.
func (s *Scores) Validate() error {
	var bad []error
	if len(s.Players) == 0 {
		bad = append(bad, errors.New("scores: no players"))
	}
	if len(s.Outputs) == 0 {
		bad = append(bad, errors.New("scores: no outputs"))
	}
	if len(s.Value) != len(s.Players)*len(s.Outputs) {
		bad = append(bad, fmt.Errorf("scores: %d values, want %d outputs × %d players", len(s.Value), len(s.Outputs), len(s.Players)))
		return errors.Join(bad...)
	}
	if s.Scale < -1100 || s.Scale > 1100 {
		bad = append(bad, fmt.Errorf("scores: scale 2^%d is outside of what a float can hold", s.Scale))
	}
	bad = append(bad, uniquePlayers(s.Players), balancedOutputs(s.Outputs))
	for q := range s.Outputs {
		if sum := absSum(s.Row(q)); sum > MaxRow {
			bad = append(bad, fmt.Errorf("scores: output %q run %d: sum of |value| is %d, must be below 2^31", s.Outputs[q].ID, s.Outputs[q].Run, sum))
		}
	}
	return errors.Join(bad...)
}

func absSum(row []int32) int64 {
	var sum int64
	for _, v := range row {
		sum += max(int64(v), -int64(v))
	}
	return sum
}

func uniquePlayers(ids []string) error {
	var bad []error
	seen := make(map[string]bool, len(ids))
	for i, id := range ids {
		switch {
		case id == "":
			bad = append(bad, fmt.Errorf("scores: player %d has no id", i))
		case seen[id]:
			bad = append(bad, fmt.Errorf("scores: player %q is given twice", id))
		}
		seen[id] = true
	}
	return errors.Join(bad...)
}

// balancedOutputs checks ids, runs and earnings: an output that lacked a run would weigh less than it earned.
func balancedOutputs(outputs []Output) error {
	type key struct {
		id  string
		run int
	}
	var bad []error
	seen := make(map[key]bool, len(outputs))
	first := make(map[string]*big.Int)
	runs := make(map[int]int)
	for i, o := range outputs {
		switch {
		case o.ID == "":
			bad = append(bad, fmt.Errorf("scores: output %d has no id", i))
		case o.Run < 0:
			bad = append(bad, fmt.Errorf("scores: output %q: run %d is negative", o.ID, o.Run))
		case o.Earned == nil || o.Earned.Sign() < 0:
			bad = append(bad, fmt.Errorf("scores: output %q: earned is missing or negative", o.ID))
		case seen[key{o.ID, o.Run}]:
			bad = append(bad, fmt.Errorf("scores: output %q run %d is given twice", o.ID, o.Run))
		case first[o.ID] != nil && first[o.ID].Cmp(o.Earned) != 0:
			bad = append(bad, fmt.Errorf("scores: output %q earned %s in run %d but %s in another run", o.ID, o.Earned, o.Run, first[o.ID]))
		}
		seen[key{o.ID, o.Run}] = true
		first[o.ID] = o.Earned
		runs[o.Run]++
	}
	for _, o := range outputs {
		if runs[o.Run] != len(first) {
			bad = append(bad, fmt.Errorf("scores: run %d has %d of %d outputs; every output needs every run", o.Run, runs[o.Run], len(first)))
			runs[o.Run] = len(first)
		}
	}
	return errors.Join(bad...)
}

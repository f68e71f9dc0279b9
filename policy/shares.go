package policy

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"

	"attrib/shapley"
)

// fewOutputs is the effective number of outputs below which simultaneous intervals hold less often than they state.
const fewOutputs = 30

// shares divides the data's part and describes it.
func (c *computation) shares() (*Shares, error) {
	var err error
	if c.data, err = c.divide(); err != nil {
		return nil, err
	}
	d := c.data
	s := &Shares{
		Schema: SharesSchema, Game: c.game.Describe(), Rule: c.in.Policy.Rule,
		Estimator: c.record(), Units: c.units(), Interval: c.interval(), Fallback: d.fallback,
		ExpectedMisallocation: d.both.Misallocation, Warnings: c.warnings(),
	}
	s.Errors.Estimator = &d.estimator.Misallocation
	if d.sampling != nil {
		s.Errors.Sampling = &d.sampling.Misallocation
	}
	if m := c.in.Recipe.MethodError; m != nil {
		s.Errors.Method = &m.Value
	}
	c.contributors(s)
	return s, nil
}

func (c *computation) record() EstimatorRecord {
	e, r := c.estimate, c.in.Recipe
	record := EstimatorRecord{
		Name: r.Estimator, Form: e.Form, Exact: e.Exact, Permutations: e.Permutations, Evaluations: e.Evaluations,
		Epsilon: r.Epsilon, Stopped: e.Stopped, Seed: hex.EncodeToString(c.seed[:]),
	}
	if !e.Exact {
		record.Budget = r.Permutations
		if record.Budget == 0 {
			record.Budget = shapley.DefaultPermutations
		}
	}
	return record
}

func (c *computation) interval() Interval {
	n := shapley.OutputSpread(c.game.OutputWeights(), c.scores.Outputs).Effective
	return Interval{Level: 0.95, Kind: IntervalSimultaneous, Outputs: n, Nominal: n >= fewOutputs}
}

func (c *computation) units() []UnitValue {
	var units []UnitValue
	for u, id := range c.scores.Players {
		e := c.estimate
		v := UnitValue{ID: id, Value: e.Value[u].RatString(), StdErr: e.StdErr[u], Low: e.Low[u], High: e.High[u]}
		if c.exact != nil {
			v.Exact = c.exact.Value[u].RatString()
		}
		units = append(units, v)
	}
	return units
}

// contributors fills in the list, in the order of contributors.json, and what is summed over it.
func (c *computation) contributors(s *Shares) {
	d := c.data
	exact, exactShare := c.exactShares()
	if exactShare != nil && d.fallback == nil {
		s.MisallocationAgainstExact = new(float64)
	}
	for _, p := range c.in.Contributors.Contributors {
		i, ok := slices.BinarySearch(c.owners.id, p.ID)
		if !ok || p.Role != Data {
			continue
		}
		x := Share{ID: p.ID, Value: d.value[i].RatString(), Share: float(d.share[i]), ShareLow: d.low[i], ShareHigh: d.high[i], StdErr: d.stdErr[i], Harm: float(d.harm[i])}
		x.ShareLow, x.ShareHigh = min(x.ShareLow, x.Share), max(x.ShareHigh, x.Share)
		if exact != nil {
			x.Exact = exact[i].RatString()
		}
		if s.MisallocationAgainstExact != nil {
			f := float(exactShare[i])
			x.ExactShare = &f
		}
		s.LargestOverpayment = max(s.LargestOverpayment, x.Share-x.ShareLow)
		s.Contributors = append(s.Contributors, x)
	}
	s.Harm = float(sum(d.harm))
	if s.MisallocationAgainstExact != nil {
		*s.MisallocationAgainstExact = distance(d.share, exactShare)
	}
}

func (c *computation) exactShares() (value, share []*big.Rat) {
	if c.exact == nil {
		return nil, nil
	}
	value = c.owners.values(c.exact.Value)
	share, _ = clip(value) // nil where the exact values leave nothing to pay
	return value, share
}

// distance is ½ Σ |a − b|.
func distance(a, b []*big.Rat) float64 {
	total := new(big.Rat)
	for i := range a {
		d := new(big.Rat).Sub(a[i], b[i])
		total.Add(total, d.Abs(d))
	}
	return float(total.Quo(total, big.NewRat(2, 1)))
}

// warnings says what a reader of the shares must know.
func (c *computation) warnings() []string {
	w := []string{}
	for _, err := range c.estimate.Warnings {
		w = append(w, err.Error())
	}
	runs := make(map[int]bool)
	for _, o := range c.scores.Outputs {
		runs[o.Run] = true
	}
	if len(runs) == 1 {
		w = append(w, "the scores come from one training run: the sampling error leaves out how training seeds differ")
	}
	if x := c.interval(); !x.Nominal {
		w = append(w, fmt.Sprintf("the earnings come from the equivalent of %.1f outputs: the sampling error is rough, and the intervals shareLow to shareHigh hold less often than the %d %% they state", x.Outputs, 95))
	}
	if c.data.fallback != nil {
		w = append(w, fmt.Sprintf("pay-by-noise: %d basis points of the data's part are divided by %q", c.data.fallback.Part, c.data.fallback.Rule))
	}
	return w
}

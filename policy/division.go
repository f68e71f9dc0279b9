package policy

import (
	"fmt"
	"math"
	"math/big"

	"attrib/shapley"
)

// division is how the data's part divides among the data contributors (sorted by id).
type division struct {
	value  []*big.Rat // before clipping
	share  []*big.Rat // sum to 1
	harm   []*big.Rat // what was clipped, as a part of the positive mass
	low    []float64
	high   []float64
	stdErr []float64

	estimator, sampling, both *shapley.ShareError // sampling may be nil
	fallback                  *Fallback
}

// clip is the rule "pool": shares are the positive parts of totals.
func clip(value []*big.Rat) ([]*big.Rat, error) {
	plus := positive(value)
	total := sum(plus)
	if total.Sign() == 0 {
		return nil, ErrNothingToPay
	}
	for _, p := range plus {
		p.Quo(p, total)
	}
	return plus, nil
}

func positive(value []*big.Rat) []*big.Rat {
	plus := make([]*big.Rat, len(value))
	for i, v := range value {
		plus[i] = new(big.Rat)
		if v.Sign() > 0 {
			plus[i].Set(v)
		}
	}
	return plus
}

func sum(value []*big.Rat) *big.Rat {
	s := new(big.Rat)
	for _, v := range value {
		s.Add(s, v)
	}
	return s
}

// harm is what clipping took from every contributor, over the positive mass of all: negative totals over positive
// totals; or, where the game clips scores per output, negative scores over positive scores, weighted by earnings.
func (c *computation) harm(value []*big.Rat) []*big.Rat {
	harm, plus := make([]*big.Rat, len(value)), sum(positive(value))
	for i, v := range value {
		harm[i] = new(big.Rat).Neg(v)
	}
	if c.game.Describe().Clip == shapley.ClipOutputs {
		harm, plus = c.clippedScores()
	}
	harm = positive(harm)
	for _, h := range harm {
		h.Quo(h, plus)
	}
	return harm
}

// clippedScores is Σ_q ω_q x⁻ by contributor and Σ_q ω_q x⁺ of all; both stay below 2⁶¹, like values of games.
func (c *computation) clippedScores() (minus []*big.Rat, plus *big.Rat) {
	negative, total := make([]int64, len(c.scores.Players)), int64(0)
	for q, omega := range c.game.OutputWeights() {
		for u, x := range c.scores.Row(q) {
			negative[u] -= omega * int64(min(x, 0))
			total += omega * int64(max(x, 0))
		}
	}
	unit := make([]*big.Rat, len(negative))
	for u, v := range negative {
		unit[u] = new(big.Rat).SetInt64(v)
	}
	return c.owners.values(unit), new(big.Rat).SetInt64(total)
}

// divide maps values to contributors, clips them, and finds the errors of their shares.
func (c *computation) divide() (*division, error) {
	d := &division{value: c.owners.values(c.estimate.Value)}
	var err error
	if d.share, err = clip(d.value); err != nil {
		return nil, err
	}
	d.harm = c.harm(d.value)
	d.estimator = c.estimatorError()
	d.sampling = shapley.SamplingErrors(c.rows(), c.game.OutputWeights(), c.scores.Outputs, c.seed, c.in.Recipe.replicates())
	d.both = shapley.Combine(d.estimator, d.sampling)
	mid := make([]float64, len(d.share))
	for i, s := range d.share {
		mid[i] = float(s)
	}
	d.low, d.high = d.both.Interval(mid)
	d.stdErr = d.both.StdErr
	return d, c.fallBack(d)
}

// estimatorError resamples the batches of the estimate; values without Monte-Carlo error have none.
func (c *computation) estimatorError() *shapley.ShareError {
	if c.estimate.Certain() {
		return shapley.NoError(len(c.owners.id))
	}
	var batches [][]float64
	for _, b := range c.estimate.Batches {
		batches = append(batches, c.owners.floats(b))
	}
	return shapley.BatchErrors(batches, c.seed, c.in.Recipe.replicates())
}

// rows is what every row of the scores adds to every contributor's value.
func (c *computation) rows() [][]float64 {
	rows := make([][]float64, len(c.scores.Outputs))
	unit := make([]float64, len(c.scores.Players))
	for q, omega := range c.game.OutputWeights() {
		for u := range unit {
			unit[u] = float64(omega) * c.estimate.PerOutput[u][q]
		}
		rows[q] = c.owners.floats(unit)
	}
	return rows
}

// fallBack applies the pay-by-noise rule.
func (c *computation) fallBack(d *division) error {
	rule := c.in.Policy.Noise
	if rule == nil {
		return nil
	}
	measured := d.both.Misallocation
	if m := c.in.Recipe.MethodError; m != nil {
		measured += m.Value
	}
	part := int(min(Whole, math.Ceil(float64(measured*Whole))))
	if part <= rule.Bound {
		return nil
	}
	fixed, err := c.fixedShares(rule.Fallback)
	if err != nil {
		return err
	}
	d.fallback = &Fallback{Part: part, Rule: rule.Fallback, Measured: measured}
	f, keep := big.NewRat(int64(part), Whole), big.NewRat(int64(Whole-part), Whole)
	for i := range d.share {
		add := new(big.Rat).Mul(f, fixed[i])
		d.share[i] = new(big.Rat).Add(add, new(big.Rat).Mul(keep, d.share[i]))
		k, a := float(keep), float(add)
		d.low[i], d.high[i] = float64(k*d.low[i])+a, float64(k*d.high[i])+a
		d.stdErr[i] *= k
	}
	return nil
}

// fixedShares divides by a rule that attribution has no part in.
func (c *computation) fixedShares(rule string) ([]*big.Rat, error) {
	samples := make(map[string]int64)
	for _, p := range c.in.Contributors.Contributors {
		samples[p.ID] = p.Samples
	}
	value := make([]*big.Rat, len(c.owners.id))
	for i, id := range c.owners.id {
		value[i] = big.NewRat(1, 1)
		if rule == "samples" {
			value[i].SetInt64(samples[id])
		}
	}
	share, err := clip(value)
	if err != nil {
		return nil, fmt.Errorf("noise.fallback \"samples\": no data contributor has the field \"samples\"")
	}
	return share, nil
}

func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

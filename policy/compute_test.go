package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

func bytesOf(t testing.TB, r *Result) string {
	t.Helper()
	a, err := strictjson.Marshal(r.Shares)
	if err != nil {
		t.Fatal(err)
	}
	b, err := strictjson.Marshal(r.Weights)
	if err != nil {
		t.Fatal(err)
	}
	return string(a) + string(b)
}

func TestComputeIsTheSameForAnyWorkers(t *testing.T) {
	for _, name := range []string{"additive", "coverage", "saturating"} {
		in := testInputs(7, 20, 2, 1)
		in.Policy.Game = GameSpec{Name: name}
		want := bytesOf(t, compute(t, in, 1))
		for _, workers := range []int{0, 2, 7} {
			if got := bytesOf(t, compute(t, in, workers)); got != want {
				t.Errorf("%s: %d workers change the result", name, workers)
			}
		}
	}
}

// TestComputeIsPinned holds every bit of a result, float annotations included, to what it was on the machine that
// made it. A change here is a change of what verifiers recompute: old evidence no longer verifies.
func TestComputeIsPinned(t *testing.T) {
	for name, want := range map[string]string{
		"additive":   "2afba2403df870cb",
		"coverage":   "8135beabafd789a2",
		"saturating": "c453283782856db1",
	} {
		in := testInputs(7, 20, 2, 1)
		in.Policy.Game = GameSpec{Name: name}
		sum := sha256.Sum256([]byte(bytesOf(t, compute(t, in, 0))))
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestOrderOfInputsDoesNotMatter(t *testing.T) {
	in := testInputs(8, 15, 2, 2)
	a, b := compute(t, in, 0), compute(t, shuffled(in), 0)
	for _, c := range a.Shares.Contributors {
		if got := b.Shares.of(t, c.ID); !reflect.DeepEqual(got, c) {
			t.Errorf("share of %s:\n%+v\n%+v", c.ID, got, c)
		}
	}
	for i, id := range a.Weights.ID {
		if got := b.Weights.of(t, id); got != a.Weights.Weight[i] {
			t.Errorf("weight of %s: %d, want %d", id, got, a.Weights.Weight[i])
		}
	}
	if !reflect.DeepEqual(a.Shares.Errors, b.Shares.Errors) || !reflect.DeepEqual(a.Shares.Units, b.Shares.Units) {
		t.Error("errors or units differ")
	}
}

func TestScalingEarningsDoesNotMatter(t *testing.T) {
	in := testInputs(5, 10, 1, 3)
	want := bytesOf(t, compute(t, in, 0))
	for i := range in.Outputs.Outputs {
		in.Outputs.Outputs[i].Earned += "000000000000000000"
	}
	for i := range in.Scores.Outputs {
		e, _ := shapley.ParseWhole(in.Scores.Outputs[i].Earned.String() + "000000000000000000")
		in.Scores.Outputs[i].Earned = e
	}
	if got := bytesOf(t, compute(t, in, 0)); got != want {
		t.Error("the currency's unit changes the result")
	}
}

func TestSharesAreThoseOfTheEstimator(t *testing.T) {
	in := testInputs(6, 12, 1, 4)
	in.Recipe.Estimator = "exact"
	r := compute(t, in, 0)
	g, err := in.Policy.Game.Build(in.Scores)
	if err != nil {
		t.Fatal(err)
	}
	want, err := shapley.Reference(ctx, g)
	if err != nil {
		t.Fatal(err)
	}
	sum, total := new(big.Rat), 0.0
	for _, v := range want {
		sum.Add(sum, v)
	}
	for i, c := range r.Shares.Contributors {
		if c.Value != want[i].RatString() {
			t.Errorf("%s: value %s, want %s", c.ID, c.Value, want[i])
		}
		if f, _ := new(big.Rat).Quo(want[i], sum).Float64(); c.Share != f {
			t.Errorf("%s: share %v, want %v", c.ID, c.Share, f)
		}
		w := new(big.Rat).Quo(want[i], sum)
		w.Mul(w, big.NewRat(7, 10))
		w.Mul(w, new(big.Rat).SetInt(new(big.Int).SetUint64(Total)))
		if floor := new(big.Int).Quo(w.Num(), w.Denom()).Uint64(); r.Weights.of(t, c.ID)-floor > 1 {
			t.Errorf("%s: weight %d, want %d or one more", c.ID, r.Weights.of(t, c.ID), floor)
		}
		total += c.Share
	}
	if math.Abs(total-1) > 1e-12 || *r.Shares.Errors.Estimator != 0 || r.Shares.MisallocationAgainstExact != nil {
		t.Error(total, *r.Shares.Errors.Estimator, r.Shares.MisallocationAgainstExact)
	}
}

func TestExactValuesStandBesideEstimates(t *testing.T) {
	in := testInputs(8, 12, 1, 5)
	r := compute(t, in, 0).Shares
	in.Recipe.Estimator = "exact"
	e := compute(t, in, 0).Shares
	mis := 0.0
	for i, c := range r.Contributors {
		if c.Exact != e.Contributors[i].Value || *c.ExactShare != e.Contributors[i].Share {
			t.Errorf("%s: exact %s, want %s", c.ID, c.Exact, e.Contributors[i].Value)
		}
		mis += math.Abs(c.Share-*c.ExactShare) / 2
	}
	for i, u := range r.Units {
		if u.Exact != e.Units[i].Value {
			t.Error("unit", u.ID)
		}
	}
	if math.Abs(mis-*r.MisallocationAgainstExact) > 1e-12 || mis == 0 || *r.Errors.Estimator < mis/4 || *r.Errors.Estimator > mis*4 {
		t.Errorf("misallocation %v, said %v, stated %v", mis, *r.MisallocationAgainstExact, *r.Errors.Estimator)
	}
	in.Recipe.Estimator, in.Recipe.Exact = "permutations", "never"
	if n := compute(t, in, 0).Shares; n.Contributors[0].Exact != "" || n.MisallocationAgainstExact != nil {
		t.Error("exact values where none were asked for")
	}
}

// TestClipping: with the additive game harm is negative mass, it is not paid, and the rest sums to 1.
func TestClipping(t *testing.T) {
	in := testInputs(3, 2, 1, 1)
	in.Policy.Game = GameSpec{Name: "additive"}
	for i := range in.Scores.Outputs {
		in.Scores.Outputs[i].Earned = big.NewInt(5)
		in.Outputs.Outputs[i].Earned = "5"
	}
	in.Scores.Value = []int32{60, -50, 10, 0, 30, 10} // totals 60, −20, 20
	s := compute(t, in, 0).Shares
	for i, want := range []Share{{Share: 0.75}, {Share: 0, Harm: 0.25}, {Share: 0.25}} {
		if c := s.Contributors[i]; c.Share != want.Share || c.Harm != want.Harm {
			t.Errorf("%s: share %v, harm %v, want %+v", c.ID, c.Share, c.Harm, want)
		}
	}
	if s.Harm != 0.25 || s.Estimator.Form != "permutations" || s.Game.Clip != "totals" {
		t.Error(s.Harm, s.Estimator.Form, s.Game)
	}
	in.Scores.Value = []int32{-60, -50, 10, 0, 30, -10}
	if _, err := Compute(ctx, in, seed, 0); !errors.Is(err, ErrNothingToPay) {
		t.Error(err)
	}
	in.Policy.Game = GameSpec{Name: "coverage"}
	in.Scores.Value = []int32{60, -50, 10, 0, 30, -10}
	s = compute(t, in, 0).Shares
	for i, want := range []float64{0, 0.5, 0.1} {
		if c := s.Contributors[i]; c.Harm != want {
			t.Errorf("%s: clipped scores %v, want %v", c.ID, c.Harm, want)
		}
	}
	if s.Game.Clip != "per output" || s.Harm != 0.6 {
		t.Error(s.Harm, s.Game)
	}
	in.Scores.Value = []int32{-60, -50, -10, -1, -30, -10}
	if _, err := Compute(ctx, in, seed, 0); !errors.Is(err, ErrNothingToPay) {
		t.Error(err)
	}
}

func TestCreditUnits(t *testing.T) {
	in := testInputs(4, 6, 1, 6)
	in.Recipe.Estimator = "exact"
	alone := compute(t, in, 0)
	// d00 and d01 are one unit with stated parts; d02's samples belong to d03, who keeps his own too.
	in.Clusters.Units = []Unit{
		{ID: "pair", Players: []string{"d00", "d01"}, Owners: []Owner{{"d00", 3}, {"d01", 1}}},
		{ID: "claimed", Players: []string{"d02"}, Owners: []Owner{{"d03", 1}}},
	}
	in.Contributors.Contributors[2].Unit = "pair" // d02 has nothing else to be paid through
	in.Clusters.Units[0].Owners = append(in.Clusters.Units[0].Owners, Owner{"d02", 4})
	r := compute(t, in, 0).Shares
	value := func(id string) *big.Rat {
		v, _ := new(big.Rat).SetString(r.of(t, id).Value)
		return v
	}
	if len(r.Units) != 3 || r.Units[0].ID != "claimed" || r.Units[2].ID != "pair" {
		t.Fatal(r.Units)
	}
	unit := func(k int) *big.Rat {
		v, _ := new(big.Rat).SetString(r.Units[k].Value)
		return v
	}
	if want := new(big.Rat).Mul(unit(2), big.NewRat(3, 8)); value("d00").Cmp(want) != 0 {
		t.Error("d00", value("d00"), want)
	}
	if want := new(big.Rat).Mul(unit(2), big.NewRat(1, 2)); value("d02").Cmp(want) != 0 {
		t.Error("d02", value("d02"), want)
	}
	if want := new(big.Rat).Add(unit(0), unit(1)); value("d03").Cmp(want) != 0 {
		t.Error("d03", value("d03"), want)
	}
	if alone.Shares.of(t, "d00").Value == r.of(t, "d00").Value {
		t.Error("merging changed nothing")
	}
	// Without stated owners, those paid through the unit share equally.
	in = testInputs(4, 6, 1, 6)
	in.Clusters.Units = []Unit{{ID: "pair", Players: []string{"d00", "d01"}}}
	in.Contributors.Contributors[0].Unit, in.Contributors.Contributors[1].Unit = "pair", "pair"
	r = compute(t, in, 0).Shares
	if r.of(t, "d00").Value != r.of(t, "d01").Value || r.of(t, "d00").Share == 0 {
		t.Error("unequal parts", r.of(t, "d00"), r.of(t, "d01"))
	}
}

// TestCopyGainsNothingThroughAUnit: copying another's samples doubles the pair's claim on a game that sees two
// players, but not when both are one unit.
func TestCopyGainsNothingThroughAUnit(t *testing.T) {
	in := testInputs(3, 10, 1, 7)
	in.Policy.Game = GameSpec{Name: "coverage"}
	for q := range in.Scores.Outputs {
		in.Scores.Row(q)[2] = in.Scores.Row(q)[1]
	}
	loose := compute(t, in, 0).Shares
	if loose.of(t, "d01").Value == "0" || math.Abs(loose.of(t, "d01").Share-loose.of(t, "d02").Share) > 0.02 {
		t.Error("copies must be treated alike", loose.Contributors)
	}
	in.Clusters.Units = []Unit{{ID: "d01", Players: []string{"d01", "d02"}, Owners: []Owner{{"d01", 1}}}}
	in.Contributors.Contributors[2].Unit = "d01"
	if _, err := Compute(ctx, in, seed, 0); err != nil {
		t.Error(err)
	}
	r := compute(t, in, 0).Shares
	if r.of(t, "d02").Share != 0 || r.of(t, "d01").Share <= loose.of(t, "d01").Share {
		t.Error("the copy is still paid", r.Contributors)
	}
}

func TestThreeErrorsAreApart(t *testing.T) {
	in := testInputs(6, 30, 3, 8)
	s := compute(t, in, 0).Shares
	if s.Errors.Method != nil || s.Errors.Sampling == nil || *s.Errors.Sampling <= *s.Errors.Estimator || *s.Errors.Estimator <= 0 {
		t.Error(s.Errors)
	}
	if s.ExpectedMisallocation < *s.Errors.Sampling || s.ExpectedMisallocation > *s.Errors.Sampling+*s.Errors.Estimator {
		t.Error("combined", s.ExpectedMisallocation, *s.Errors.Sampling, *s.Errors.Estimator)
	}
	for _, c := range s.Contributors {
		if !(0 <= c.ShareLow && c.ShareLow <= c.Share && c.Share <= c.ShareHigh && c.ShareHigh <= 1 && c.ShareLow < c.ShareHigh) {
			t.Errorf("%+v", c)
		}
		if s.LargestOverpayment < c.Share-c.ShareLow {
			t.Error(s.LargestOverpayment)
		}
	}
	in.Recipe.MethodError = &MethodError{Schema: MethodErrorSchema, Method: "test", Value: 0.15, Low: 0.1, High: 0.2}
	r := compute(t, in, 0)
	if *r.Shares.Errors.Method != 0.15 || *r.Shares.Errors.Sampling != *s.Errors.Sampling || r.Shares.ExpectedMisallocation != s.ExpectedMisallocation {
		t.Error("the method's error must not mix with the others", r.Shares.Errors)
	}
	if got := *r.Weights.Err.Method; math.Abs(got-0.7*0.15) > 1e-15 {
		t.Error("errors of weights are parts of the whole pool", got)
	}
	// One output, one run: nothing can be said about sampling.
	one := testInputs(3, 1, 1, 1)
	o := compute(t, one, 0).Shares
	if o.Errors.Sampling != nil || len(o.Warnings) != 2 {
		t.Error(o.Errors, o.Warnings)
	}
}

// TestNoOverlapNoEstimatorError: in the additive game every order gives the same marginals, so the estimate is exact
// though it was sampled, and says so by an error of 0.
func TestNoOverlapNoEstimatorError(t *testing.T) {
	in := testInputs(7, 20, 1, 1)
	in.Policy.Game = GameSpec{Name: "additive"}
	s := compute(t, in, 0).Shares
	if *s.Errors.Estimator != 0 || s.Estimator.Form != "permutations" || s.ExpectedMisallocation != *s.Errors.Sampling || *s.MisallocationAgainstExact != 0 {
		t.Error(*s.Errors.Estimator, s.Estimator.Form, s.ExpectedMisallocation, *s.Errors.Sampling)
	}
}

// TestIntervalSaysWhatItIs: half-widths are t quantiles of the effective outputs, and few of those are warned of.
func TestIntervalSaysWhatItIs(t *testing.T) {
	for outputs, nominal := range map[int]bool{12: false, 40: true} {
		in := testInputs(5, outputs, 1, 2)
		in.Policy.Game = GameSpec{Name: "additive"} // no estimator error beside
		for q := range in.Outputs.Outputs {
			in.Outputs.Outputs[q].Earned, in.Scores.Outputs[q].Earned = "7", big.NewInt(7)
		}
		s := compute(t, in, 0).Shares
		x := s.Interval
		if x.Level != 0.95 || x.Kind != IntervalSimultaneous || math.Abs(x.Outputs-float64(outputs)) > 1e-6 || x.Nominal != nominal {
			t.Errorf("%+v", x)
		}
		for _, c := range s.Contributors {
			half := shapley.SimultaneousT(5, float64(outputs-1)) * c.StdErr
			if high := min(1, c.Share+half+half*half/(4*c.Share)); half > 4*c.Share || c.StdErr == 0 || math.Abs(c.ShareHigh-high) > 1e-6 {
				t.Errorf("%d outputs, %s: high %v, want %v", outputs, c.ID, c.ShareHigh, high)
			}
		}
		if warned := strings.Contains(strings.Join(s.Warnings, "\n"), "hold less often than the 95 %"); warned == nominal {
			t.Error(outputs, s.Warnings)
		}
	}
}

func TestPayByNoise(t *testing.T) {
	in := testInputs(4, 10, 1, 9)
	before := compute(t, in, 0).Shares
	in.Recipe.MethodError = &MethodError{Schema: MethodErrorSchema, Method: "test", Value: 0.15, Low: 0.1, High: 0.2}
	in.Policy.Noise = &Noise{Bound: 9000, Fallback: "samples"}
	if s := compute(t, in, 0).Shares; s.Fallback != nil {
		t.Error("below the bound", s.Fallback)
	}
	in.Policy.Noise.Bound = 100
	for rule, want := range map[string][]float64{"samples": {10. / 46, 11. / 46, 12. / 46, 13. / 46}, "equal": {.25, .25, .25, .25}} {
		in.Policy.Noise.Fallback = rule
		s := compute(t, in, 0).Shares
		f := s.Fallback
		if f == nil || f.Rule != rule || math.Abs(f.Measured-before.ExpectedMisallocation-0.15) > 1e-12 || f.Part != int(math.Ceil(f.Measured*Whole)) {
			t.Fatalf("%+v", f)
		}
		p := float64(f.Part) / Whole
		for i, c := range s.Contributors {
			if e := (1-p)*before.Contributors[i].Share + p*want[i]; math.Abs(c.Share-e) > 1e-12 {
				t.Errorf("%s: %s gets %v, want %v", rule, c.ID, c.Share, e)
			}
		}
		if !strings.Contains(strings.Join(s.Warnings, "\n"), "pay-by-noise") {
			t.Error(s.Warnings)
		}
	}
	for i := range in.Contributors.Contributors {
		in.Contributors.Contributors[i].Samples = 0
	}
	in.Policy.Noise.Fallback = "samples"
	if _, err := Compute(ctx, in, seed, 0); err == nil || !strings.Contains(err.Error(), "samples") {
		t.Error(err)
	}
}

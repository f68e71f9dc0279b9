package policy

import (
	"errors"
	"math"
	"math/bits"
	"strings"
	"testing"
)

func checkTotal(t *testing.T, w *Weights) {
	t.Helper()
	var sum uint64
	for _, v := range w.Weight {
		var carry uint64
		if sum, carry = bits.Add64(sum, v, 0); carry != 0 {
			t.Fatal("weights overflow")
		}
	}
	if sum != 1<<63 {
		t.Fatalf("weights sum to %d, want 2^63", sum)
	}
}

func TestRolesDivideThePool(t *testing.T) {
	in := testInputs(3, 4, 1, 1)
	in.Policy.Roles = map[Role]int{Data: 5000, Model: 2000, Prompt: 1500, Review: 1000, Tuning: 500}
	in.Policy.Parts = map[Role]map[string]uint32{Tuning: {"tuning0": 1, "tuning1": 3}}
	for q, e := range []string{"10", "20", "30", "40"} {
		in.Outputs.Outputs[q].Earned = e
		in.Scores.Outputs[q].Earned.SetString(e, 10)
	}
	// prompt0: q0, q2 = 40 of 100; prompt1: 60. review0 alone: q0, q2; half of q1, q3: 40 + 30 = 70 of 100.
	w := compute(t, in, 0).Weights
	checkTotal(t, w)
	for id, want := range map[string]uint64{
		"model0": part(10, 100), "model1": part(10, 100), "prompt0": part(6, 100), "prompt1": part(9, 100),
		"review0": part(7, 100), "review1": part(3, 100), "tuning0": part(125, 10000), "tuning1": part(375, 10000),
	} {
		if got := w.of(t, id); !near(got, want) {
			t.Errorf("%s: %d, want %d", id, got, want)
		}
	}
	for i, id := range w.ID {
		p := float64(w.Weight[i]) / Total
		if w.Low[i] > p+1e-15 || w.High[i] < p-1e-15 || (w.Role[i] != Data) != (w.Low[i] == w.High[i]) {
			t.Errorf("%s: %v in %v to %v", id, p, w.Low[i], w.High[i])
		}
	}
	if w.RoleParts[Prompt] != "3/20" || len(w.RoleParts) != 5 {
		t.Error(w.RoleParts)
	}
}

func TestRolesWithoutMembersPassTheirPartOn(t *testing.T) {
	in := testInputs(3, 4, 1, 1)
	in.Policy.Roles = map[Role]int{Data: 6000, Model: 2000, Prompt: 1000, Tuning: 1000}
	kept := in.Contributors.Contributors[:0]
	for _, c := range in.Contributors.Contributors {
		if c.Role != Tuning {
			kept = append(kept, c)
		}
	}
	in.Contributors.Contributors = kept
	for q := range in.Outputs.Outputs {
		in.Outputs.Outputs[q].PromptBy = "" // prompt writers there are, but no prompted output
	}
	w := compute(t, in, 0).Weights
	checkTotal(t, w)
	if !near(w.of(t, "model0"), part(1, 8)) || w.of(t, "prompt0") != 0 || w.of(t, "review0") != 0 {
		t.Error(w.ID, w.Weight)
	}
	all := strings.Join(w.Warnings, "\n")
	if !strings.Contains(all, `role "prompt" has 1000 basis points but nobody`) || !strings.Contains(all, `role "tuning" has 1000`) || strings.Contains(all, `"review"`) {
		t.Error(all)
	}
	in.Policy.Roles = map[Role]int{Tuning: 10000}
	if _, err := Compute(ctx, in, seed, 0); !errors.Is(err, ErrNoRole) {
		t.Error(err)
	}
}

func TestTiesGoByID(t *testing.T) {
	in := testInputs(1, 2, 1, 1)
	in.Policy.Roles = map[Role]int{Model: 10000}
	in.Contributors.Contributors = []Contributor{{ID: "d00", Role: Data}, {ID: "z", Role: Model}, {ID: "b", Role: Model}, {ID: "a", Role: Model}}
	for q := range in.Outputs.Outputs {
		in.Outputs.Outputs[q].PromptBy, in.Outputs.Outputs[q].ReviewedBy = "", nil
	}
	w := compute(t, in, 0).Weights
	checkTotal(t, w)
	// 2⁶³ = 3·3074457345618258602 + 2: a and b get the units left over.
	const third = 3074457345618258602
	if w.of(t, "a") != third+1 || w.of(t, "b") != third+1 || w.of(t, "z") != third {
		t.Error(w.ID, w.Weight)
	}
}

func TestWeightsFollowSharesForManySizes(t *testing.T) {
	for n := 1; n <= 24; n += 5 {
		in := testInputs(n, 9, 1, uint64(n))
		r := compute(t, in, 0)
		checkTotal(t, r.Weights)
		for _, c := range r.Shares.Contributors {
			if got := float64(r.Weights.of(t, c.ID)) / Total; math.Abs(got-0.7777777777777778*c.Share) > 1e-12 && math.Abs(got-0.7*c.Share) > 1e-12 {
				t.Errorf("%d players: %s has weight %v and share %v", n, c.ID, got, c.Share)
			}
		}
	}
}

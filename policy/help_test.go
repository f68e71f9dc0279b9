package policy

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"attrib/internal/philox"
	"attrib/shapley"
)

var (
	ctx  = context.Background()
	seed = [32]byte{1, 2, 3}
)

// testInputs: data contributors d0…, two of each other role, uneven earnings, signed scores.
func testInputs(players, outputs, runs int, number uint64) Inputs {
	draw := philox.New([32]byte{8}, number)
	in := Inputs{
		Scores:       &shapley.Scores{Scale: -10, Meta: shapley.Meta{Method: "test", Sign: "positive: the sample helped", Unit: "arbitrary"}},
		Outputs:      &Outputs{Schema: OutputsSchema},
		Policy:       Default(),
		Clusters:     NoClusters(),
		Contributors: &Contributors{Schema: ContributorsSchema},
		Recipe:       DefaultRecipe(),
	}
	in.Recipe.Estimator, in.Recipe.Permutations, in.Recipe.Bootstrap = "permutations", 512, 200
	worth := make([]int, players)
	for i := range players {
		id := fmt.Sprintf("d%02d", i)
		worth[i] = draw.Intn(500) + 100*i
		in.Scores.Players = append(in.Scores.Players, id)
		in.Contributors.Contributors = append(in.Contributors.Contributors, Contributor{ID: id, Role: Data, Address: fmt.Sprintf("0x%040d", i), Samples: int64(10 + i)})
	}
	for _, r := range []Role{Model, Prompt, Review, Tuning} {
		for k := range 2 {
			in.Contributors.Contributors = append(in.Contributors.Contributors, Contributor{ID: fmt.Sprintf("%s%d", r, k), Role: r})
		}
	}
	for q := range outputs {
		o := Output{ID: fmt.Sprintf("q%03d", q), Earned: fmt.Sprint(1 + draw.Intn(1000)), PromptBy: fmt.Sprintf("prompt%d", q%2), ReviewedBy: []string{"review0", "review1"}[:1+q%2]}
		in.Outputs.Outputs = append(in.Outputs.Outputs, o)
		earned, _ := shapley.ParseWhole(o.Earned)
		for run := range runs {
			in.Scores.Outputs = append(in.Scores.Outputs, shapley.Output{ID: o.ID, Run: run, Earned: earned})
			for i := range players {
				in.Scores.Value = append(in.Scores.Value, int32(worth[i]+draw.Intn(2000)-800))
			}
		}
	}
	return in
}

func compute(t testing.TB, in Inputs, workers int) *Result {
	t.Helper()
	r, err := Compute(ctx, in, seed, workers)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shuffled is the same inputs with every list in another order.
func shuffled(in Inputs) Inputs {
	r := rand.New(philox.New([32]byte{4}, 4))
	out := in
	s := *in.Scores
	columns, rows := r.Perm(len(s.Players)), r.Perm(len(s.Outputs))
	s.Players, s.Outputs, s.Value = nil, nil, nil
	for _, i := range columns {
		s.Players = append(s.Players, in.Scores.Players[i])
	}
	for _, q := range rows {
		s.Outputs = append(s.Outputs, in.Scores.Outputs[q])
		for _, i := range columns {
			s.Value = append(s.Value, in.Scores.Row(q)[i])
		}
	}
	out.Scores = &s
	out.Outputs = &Outputs{Schema: OutputsSchema}
	for _, q := range r.Perm(len(in.Outputs.Outputs)) {
		out.Outputs.Outputs = append(out.Outputs.Outputs, in.Outputs.Outputs[q])
	}
	out.Contributors = &Contributors{Schema: ContributorsSchema}
	for _, i := range r.Perm(len(in.Contributors.Contributors)) {
		out.Contributors.Contributors = append(out.Contributors.Contributors, in.Contributors.Contributors[i])
	}
	return out
}

func (s *Shares) of(t testing.TB, id string) Share {
	t.Helper()
	for _, c := range s.Contributors {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no share of %q", id)
	return Share{}
}

func (w *Weights) of(t testing.TB, id string) uint64 {
	t.Helper()
	for i := range w.ID {
		if w.ID[i] == id {
			return w.Weight[i]
		}
	}
	t.Fatalf("no weight of %q", id)
	return 0
}

// part is num/den of 2⁶³, rounded down.
func part(num, den int64) uint64 {
	v := new(big.Int).Mul(big.NewInt(num), new(big.Int).SetUint64(Total))
	return v.Div(v, big.NewInt(den)).Uint64()
}

// near says that a weight is the rounded value of an exact part.
func near(got, want uint64) bool { return got-want <= 1 || want-got <= 1 }

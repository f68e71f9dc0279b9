package bench

import (
	"math"
	"testing"

	"attrib/bench/truth"
)

// Our own training, from the anchor's starts and subsets, makes the truth that PyTorch made: every margin to 1e-4, and
// so the same LDS.
func TestMakeAgreesWithPyTorchOnAnchorB(t *testing.T) {
	a, err := AnchorB()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := a.Truth()
	if err != nil {
		t.Fatal(err)
	}
	ours := *theirs
	ours.Source, ours.Parts = truth.SourceAttrib, nil
	for _, p := range theirs.Parts {
		p.Values, p.Seeds = nil, []int64{7, 20, 21}
		ours.Parts = append(ours.Parts, p)
	}
	if err := truth.Make(t.Context(), &ours, a.Data, a.Queries, truth.MakeOptions{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	for i, p := range ours.Parts {
		for s, seed := range p.Seeds {
			worst := 0.0
			for k, v := range p.Values[s] {
				worst = max(worst, math.Abs(float64(v-theirs.Parts[i].Values[s][k])))
			}
			t.Logf("part %s, seed %d: largest difference %.1e", p.Name, seed, worst)
			if !(worst <= 1e-4) {
				t.Errorf("part %s, seed %d: largest difference %.1e, want at most 1e-4", p.Name, seed, worst)
			}
		}
	}
	r := accuracyOf(t, AccuracyOptions{Truth: &ours, Data: a.Data, Queries: a.Queries, Methods: []string{"rbf"}})
	for i, want := range []float64{.354, .377, .584} {
		if got := r.Rows[2*i]; math.Abs(got.LDS-want) > .002 || got.Target != SameRun {
			t.Errorf("%s, part %s: LDS %.4f, on PyTorch's truth %.3f", got.Target, got.Part, got.LDS, want)
		}
	}
}

package train

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func randomWeights(runs, n int) [][]float32 {
	out := make([][]float32, runs)
	for r := range out {
		out[r] = make([]float32, n)
		for i := range out[r] {
			if (i*7+r*3)%5 != 0 {
				out[r][i] = 1
			}
		}
	}
	return out
}

func TestManyDoesNotDependOnWorkers(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	weights := randomWeights(9, 60)
	var want []Params
	for r := range weights {
		p, _ := train(t, m, d, Options{Weights: weights[r]})
		want = append(want, p)
	}
	for _, workers := range []int{1, 2, 5, 0} {
		calls := 0
		got, err := Many(t.Context(), m, d, weights, ManyOptions{Workers: workers, Progress: func(done int) {
			if calls++; done != calls {
				t.Errorf("progress %d at call %d", done, calls)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		for r := range weights {
			if got[r].Hash() != want[r].Hash() {
				t.Errorf("%d workers: retraining %d differs from a run of its own", workers, r)
			}
		}
		if calls != len(weights) {
			t.Errorf("%d calls of progress", calls)
		}
	}
	if want[0].Hash() == want[1].Hash() {
		t.Error("weights do not matter")
	}
}

// A sample of weight 0 leaves no trace of its content.
func TestWeightZeroRemovesTheSample(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	weights := randomWeights(1, 60)
	changed := blobs(60, 5, 3, 1)
	for i, w := range weights[0] {
		if w == 0 {
			changed.Y[i] = (changed.Y[i] + 1) % 3
			changed.row(i)[0] += 5
		}
	}
	a, _ := train(t, m, d, Options{Weights: weights[0]})
	b, _ := train(t, m, changed, Options{Weights: weights[0]})
	if a.Hash() != b.Hash() {
		t.Error("a removed sample changes the result")
	}
}

func TestManyStops(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Many(ctx, m, d, randomWeights(200, 60), ManyOptions{Workers: 2, Progress: func(done int) {
		if done == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	weights := randomWeights(3, 60)
	weights[1] = weights[1][:59]
	if _, err := Many(t.Context(), m, d, weights, ManyOptions{}); err == nil || !strings.Contains(err.Error(), "retraining 1: 59 weights") {
		t.Errorf("error %v", err)
	}
	weights = randomWeights(3, 60)
	weights[2][4] = -1
	if _, err := Many(t.Context(), m, d, weights, ManyOptions{}); err == nil || !strings.Contains(err.Error(), "retraining 2: row 4: weight -1") {
		t.Errorf("error %v", err)
	}
}

func TestManyHandsOutParameters(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	weights := randomWeights(4, 60)
	want, err := Many(t.Context(), m, d, weights, ManyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]string{}
	got, err := Many(t.Context(), m, d, weights, ManyOptions{Visit: func(r int, p Params) error {
		seen[r] = p.Hash()
		return nil
	}})
	if err != nil || got != nil {
		t.Fatalf("%v, %v", got, err)
	}
	for r := range want {
		if seen[r] != want[r].Hash() {
			t.Errorf("retraining %d differs", r)
		}
	}
}

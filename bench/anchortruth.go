package bench

import (
	"fmt"

	"attrib/bench/truth"
)

// anchorRun is the training seed of anchor B's same run; the expected model is the mean of the seeds 20 to 29.
const anchorRun = 7

// Truth is anchor B as a truth: margins of models that PyTorch retrained from the anchor's own initial parameters and
// batch orders, with 1, 5 and 50 % of the samples removed. Samples and outputs are named by their row in the digits.
func (a *Anchor) Truth() (*truth.Truth, error) {
	t := truth.New(a.Model, a.Data, a.Queries, rowNames(0, a.Data.Len()), rowNames(anchorTrain, a.Queries.Len()), truth.Margin)
	t.Source, t.Arithmetic = "PyTorch 2.15", "PyTorch, float32, CPU"
	t.Starts = map[int64]truth.Start{}
	seeds := []int64{anchorRun, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29}
	for _, seed := range seeds {
		initial, err := a.Initial(int(seed))
		if err != nil {
			return nil, err
		}
		order, err := a.Order(int(seed))
		if err != nil {
			return nil, err
		}
		t.Starts[seed] = truth.Start{Initial: initial, Order: order}
	}
	for _, part := range []struct {
		name    string
		removed float64
	}{{"0.01", .01}, {"0.05", .05}, {"0.5", .5}} {
		keep, err := values[uint8](a, "keep."+part.name)
		if err != nil {
			return nil, err
		}
		p := truth.Part{Name: part.name, Removed: part.removed, Keep: keep, Seeds: seeds}
		for _, seed := range seeds {
			margins, err := a.Margins(part.name, int(seed))
			if err != nil {
				return nil, err
			}
			p.Values = append(p.Values, margins)
		}
		t.Parts = append(t.Parts, p)
	}
	return t, t.Validate()
}

func rowNames(first, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("digit-%d", first+i)
	}
	return names
}

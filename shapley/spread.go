package shapley

import "math"

// Spread says how evenly a total is spread over the groups that are resampled.
type Spread struct {
	Effective float64 // (Σω)²/Σω²: how many groups of equal weight would tell as much
	Grow      float64 // what the spread of resampled totals is multiplied by, to make up for a small sample
}

// maxGrow bounds Grow: a single group with nearly all the weight hides nearly all of its error from resampling, and no
// factor brings that back.
const maxGrow = 3

// EqualSpread is that of groups of equal weight: Grow is √(k/(k−1)), which makes the variance of a mean unbiased.
func EqualSpread(groups int) Spread {
	weight := make([]int64, groups)
	for i := range weight {
		weight[i] = 1
	}
	return newSpread(weight)
}

// OutputSpread is that of outputs by what they earned, all runs of one together; omega is the weight of every row.
func OutputSpread(omega []int64, outputs []Output) Spread {
	return spreadOf(omega, outputs, outputID)
}

func spreadOf(omega []int64, outputs []Output, key func(Output) any) Spread {
	at := make(map[any]int)
	var weight []int64
	for q, o := range outputs {
		k, ok := at[key(o)]
		if !ok {
			k = len(weight)
			at[key(o)] = k
			weight = append(weight, 0)
		}
		weight[k] += omega[q]
	}
	return newSpread(weight)
}

// newSpread: with weights w that sum to 1, a mean of independent values of equal variance σ² has the variance σ²Σw²,
// but the squares Σw²(x − mean)² that resampling sees expect σ²Σw²·(1 − 2Σw³/Σw² + Σw²), since a heavy group draws the
// mean to itself. Grow² is the inverse of the bracket: k/(k−1) for k equal groups, and more than n/(n−1), n being
// Effective, for any others.
func newSpread(weight []int64) Spread {
	sum, squares, cubes := 0.0, 0.0, 0.0
	for _, w := range weight {
		sum += float64(w)
	}
	for _, v := range weight {
		w := float64(v) / sum
		squares += float64(w * w)
		cubes += float64(float64(w*w) * w)
	}
	seen := 1 - float64(2*cubes)/squares + squares
	return Spread{1 / squares, 1 / math.Sqrt(max(seen, 1.0/(maxGrow*maxGrow)))}
}

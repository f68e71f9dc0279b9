package shapley

import (
	"math"

	"attrib/internal/philox"
)

// ShareError is the error of shares, player by player, and as a part of the pool.
type ShareError struct {
	StdErr        []float64 // standard deviation of each share
	MeanAbs       []float64 // E|share error|
	Misallocation float64   // ½ Σ MeanAbs: the expected part of the pool that goes to the wrong player
}

// Shares are the positive parts of values, divided by their sum; all 0 where nothing is positive.
func Shares(value []float64) []float64 {
	share := make([]float64, len(value))
	sharesInto(share, value)
	return share
}

func sharesInto(share, value []float64) {
	sum := 0.0
	for _, v := range value {
		sum += max(v, 0)
	}
	for i, v := range value {
		share[i] = 0
		if v > 0 {
			share[i] = v / sum
		}
	}
}

// Resample bootstraps the shares of Σ_k groups[k] (groups × players): groups are drawn with replacement, values are
// clipped and shared anew, and the spread about the shares as they stand is scaled by √(K/(K−1)), which makes the
// variance of a mean of K groups unbiased. The groups must be independent, such as outputs, runs or batches of
// permutations. With one group nothing can be said: nil.
func Resample(groups [][]float64, replicates int, stream *philox.Stream) *ShareError {
	k := len(groups)
	if k < 2 || replicates < 1 {
		return nil
	}
	n := len(groups[0])
	share, again, total := make([]float64, n), make([]float64, n), make([]float64, n)
	count := make([]int, k)
	for i := range count {
		count[i] = 1
	}
	addGroups(total, groups, count)
	sharesInto(share, total)
	e := &ShareError{StdErr: make([]float64, n), MeanAbs: make([]float64, n)}
	for range replicates {
		clear(count)
		for range k {
			count[stream.Intn(k)]++
		}
		addGroups(total, groups, count)
		sharesInto(again, total)
		for i := range n {
			d := math.Abs(again[i] - share[i])
			e.MeanAbs[i] += d
			e.StdErr[i] += float64(d * d)
		}
	}
	grow := math.Sqrt(float64(k) / float64(k-1))
	for i := range n {
		e.MeanAbs[i] = float64(grow * e.MeanAbs[i] / float64(replicates))
		e.StdErr[i] = float64(grow * math.Sqrt(e.StdErr[i]/float64(replicates)))
	}
	e.sum()
	return e
}

// addGroups is Σ_k count[k]·groups[k]; the conversion keeps the compiler from fusing.
func addGroups(total []float64, groups [][]float64, count []int) {
	clear(total)
	for k, c := range count {
		if c == 0 {
			continue
		}
		times := float64(c)
		for i, v := range groups[k] {
			total[i] += float64(times * v)
		}
	}
}

func (e *ShareError) sum() {
	sum := 0.0
	for _, d := range e.MeanAbs {
		sum += d
	}
	e.Misallocation = sum / 2
}

// Combine adds independent errors in quadrature, player by player; nil errors count as none. It is nil when all are.
func Combine(errors ...*ShareError) *ShareError {
	var sum *ShareError
	for _, e := range errors {
		switch {
		case e == nil:
		case sum == nil:
			sum = &ShareError{StdErr: append([]float64(nil), e.StdErr...), MeanAbs: append([]float64(nil), e.MeanAbs...)}
		default:
			for i := range e.StdErr {
				sum.StdErr[i] = hypot(sum.StdErr[i], e.StdErr[i])
				sum.MeanAbs[i] = hypot(sum.MeanAbs[i], e.MeanAbs[i])
			}
		}
	}
	if sum != nil {
		sum.sum()
	}
	return sum
}

// hypot without the assembly that some machines have for math.Hypot.
func hypot(a, b float64) float64 { return math.Sqrt(float64(a*a) + float64(b*b)) }

// BatchErrors is the estimator's error: the batches of an Estimate, or any linear image of them, resampled.
func BatchErrors(batches [][]float64, seed [32]byte, replicates int) *ShareError {
	if e := Resample(batches, replicates, philox.New(seed, streamEstimator)); e != nil {
		return e
	}
	return &ShareError{}
}

// SamplingErrors is the error of having only these outputs and training runs. groups is rows × players, the share of
// every row of the scores in the total. Outputs (all runs of one together) and runs (all outputs of one together) are
// resampled apart and combined. One output alone, or one run alone, leaves its part out; nil when both do.
func SamplingErrors(rows [][]float64, outputs []Output, seed [32]byte, replicates int) *ShareError {
	byOutput := gather(rows, outputs, func(o Output) any { return o.ID })
	byRun := gather(rows, outputs, func(o Output) any { return o.Run })
	return Combine(
		Resample(byOutput, replicates, philox.New(seed, streamOutputs)),
		Resample(byRun, replicates, philox.New(seed, streamRuns)))
}

// gather adds the rows with the same key, in order of first appearance.
func gather(rows [][]float64, outputs []Output, key func(Output) any) [][]float64 {
	at := make(map[any]int)
	var sum [][]float64
	for q, o := range outputs {
		k, ok := at[key(o)]
		if !ok {
			k = len(sum)
			at[key(o)] = k
			sum = append(sum, make([]float64, len(rows[q])))
		}
		for i, v := range rows[q] {
			sum[k][i] += v
		}
	}
	return sum
}

package shapley

import (
	"math"

	"attrib/internal/philox"
)

// ShareError is the error of shares, player by player, and as a part of the pool.
type ShareError struct {
	StdErr        []float64 // standard deviation of each share
	MeanAbs       []float64 // E|share error|
	Freedom       []float64 // degrees of freedom of each standard deviation, which is itself estimated
	Misallocation float64   // ½ Σ MeanAbs, at most 1: the expected part of the pool that goes to the wrong player
}

// NoError is that of exactly known shares.
func NoError(players int) *ShareError {
	zeros := make([]float64, players)
	return &ShareError{StdErr: zeros, MeanAbs: zeros, Freedom: zeros}
}

// Interval is each share's interval, of simultaneous 95 % intervals. With h = [SimultaneousT] · StdErr it is symmetric
// on the scale of square roots, √share ± h/(2·√share), because a share that was seen too small has a standard error
// that was seen too small as well: share ± h + h²/(4·share), cut to 0 and 1. The upper end is at most share + 2h, since a
// share that clipping brought to zero has no such scale.
func (e *ShareError) Interval(share []float64) (low, high []float64) {
	for i, s := range share {
		if e.StdErr[i] == 0 {
			low, high = append(low, s), append(high, s)
			continue
		}
		h := float64(SimultaneousT(len(share), e.Freedom[i]) * e.StdErr[i])
		bend := h
		if h < 4*s {
			bend = float64(h*h) / (4 * s)
		}
		below := 0.0
		if h < 2*s {
			below = s - h + bend
		}
		low, high = append(low, max(0, below)), append(high, min(1, s+h+bend))
	}
	return low, high
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
// clipped and shared anew, and the spread about the shares as they stand is scaled by [Spread].Grow. The groups must be
// independent, such as outputs, runs or batches of permutations. With one group nothing can be said: nil.
func Resample(groups [][]float64, spread Spread, replicates int, stream *philox.Stream) *ShareError {
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
	e := &ShareError{StdErr: make([]float64, n), MeanAbs: make([]float64, n), Freedom: make([]float64, n)}
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
	for i := range n {
		e.MeanAbs[i] = float64(spread.Grow * e.MeanAbs[i] / float64(replicates))
		e.StdErr[i] = float64(spread.Grow * math.Sqrt(e.StdErr[i]/float64(replicates)))
		e.Freedom[i] = spread.Effective - 1
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
	e.Misallocation = min(1, sum/2)
}

// Combine adds independent errors in quadrature, player by player, with the degrees of freedom of Welch and
// Satterthwaite, (Σσ²)²/Σ(σ⁴/f); nil errors count as none. It is nil when all are.
func Combine(errors ...*ShareError) *ShareError {
	var sum *ShareError
	for _, e := range errors {
		switch {
		case e == nil:
		case sum == nil:
			sum = &ShareError{StdErr: append([]float64(nil), e.StdErr...), MeanAbs: append([]float64(nil), e.MeanAbs...), Freedom: append([]float64(nil), e.Freedom...)}
		default:
			for i := range e.StdErr {
				sum.Freedom[i] = welch(sum.StdErr[i], sum.Freedom[i], e.StdErr[i], e.Freedom[i])
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

// welch is the degrees of freedom of √(a² + b²), in parts of the larger one so that no square underflows.
func welch(a, ofA, b, ofB float64) float64 {
	switch {
	case a == 0:
		return ofB
	case b == 0:
		return ofA
	case a < b:
		a, ofA, b, ofB = b, ofB, a, ofA
	}
	part := float64(b/a) * float64(b/a)
	whole := 1 + float64(part)
	return float64(whole*whole) / (1/ofA + float64(part*part)/ofB)
}

// BatchErrors is the estimator's error: the batches of an Estimate, or any linear image of them, resampled.
func BatchErrors(batches [][]float64, seed [32]byte, replicates int) *ShareError {
	if e := Resample(batches, EqualSpread(len(batches)), replicates, philox.New(seed, streamEstimator)); e != nil {
		return e
	}
	return NoError(len(batches[0]))
}

// SamplingErrors is the error of having only these outputs and training runs. rows is rows × players, the part of
// every row of the scores in the total; omega is the rows' weights, [OutputWeights]. Outputs (all runs of one together)
// and runs (all outputs of one together) are resampled apart and combined. One output alone, or one run alone, leaves
// its part out; nil when both do.
func SamplingErrors(rows [][]float64, omega []int64, outputs []Output, seed [32]byte, replicates int) *ShareError {
	byOutput := gather(rows, outputs, outputID)
	byRun := gather(rows, outputs, outputRun)
	return Combine(
		Resample(byOutput, OutputSpread(omega, outputs), replicates, philox.New(seed, streamOutputs)),
		Resample(byRun, spreadOf(omega, outputs, outputRun), replicates, philox.New(seed, streamRuns)))
}

func outputID(o Output) any  { return o.ID }
func outputRun(o Output) any { return o.Run }

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

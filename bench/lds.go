package bench

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"attrib/internal/philox"
)

// LDS is the linear datamodeling score (Park, Georgiev, Ilyas, Leclerc and Madry, "TRAK", ICML 2023): for every output,
// Spearman's correlation over subsets between the outputs that the scores predict and those that retrained models
// gave; then the mean over outputs.
//
// predicted and retrained are subsets × outputs, row-major, at least 3 subsets. Equal values share their mean rank. An
// output whose retrained values or predictions are all equal has no correlation and counts 0 (Constant says which). A
// value that is not finite is an error that names subset and output.
func LDS(predicted, retrained []float64, outputs int) ([]float64, error) {
	if outputs < 1 || len(predicted) != len(retrained) || len(predicted)%outputs != 0 {
		return nil, fmt.Errorf("LDS of %d predictions and %d retrained values for %d outputs", len(predicted), len(retrained), outputs)
	}
	subsets := len(predicted) / outputs
	if subsets < 3 {
		return nil, fmt.Errorf("LDS of %d subsets, want at least 3", subsets)
	}
	if err := errors.Join(allFinite("prediction", predicted, outputs), allFinite("retrained value", retrained, outputs)); err != nil {
		return nil, err
	}
	per := make([]float64, outputs)
	p, r := make([]float64, subsets), make([]float64, subsets)
	for z := range outputs {
		for s := range subsets {
			p[s], r[s] = predicted[s*outputs+z], retrained[s*outputs+z]
		}
		per[z] = Spearman(p, r)
	}
	return per, nil
}

func allFinite(what string, v []float64, outputs int) error {
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("LDS: %s of subset %d, output %d is %v", what, i/outputs, i%outputs, x)
		}
	}
	return nil
}

// Constant lists the outputs whose values (subsets × outputs) are the same for every subset: they have no rank
// correlation and count 0 in the LDS.
func Constant(v []float64, outputs int) (out []int) {
	for z := range outputs {
		same := true
		for i := z; i < len(v); i += outputs {
			same = same && v[i] == v[z]
		}
		if same {
			out = append(out, z)
		}
	}
	return out
}

// Spearman is the correlation of ranks, ties sharing their mean rank; 0 when a side is constant, NaN when a value is.
func Spearman(a, b []float64) float64 {
	for i := range a {
		if math.IsNaN(a[i]) || math.IsNaN(b[i]) {
			return math.NaN()
		}
	}
	return correlation(meanRanks(a), meanRanks(b))
}

func meanRanks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

func correlation(a, b []float64) float64 {
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Bootstrap is the 95 % percentile interval of the mean over outputs, from resampled outputs.
func Bootstrap(per []float64, replicates int) (low, high float64) {
	means := make([]float64, replicates)
	s := philox.New([32]byte{'b', 'o', 'o', 't'}, uint64(len(per)))
	for r := range means {
		sum := 0.0
		for range per {
			sum += per[s.Intn(len(per))]
		}
		means[r] = sum / float64(len(per))
	}
	slices.Sort(means)
	return means[replicates*25/1000], means[replicates*975/1000]
}

// maxHalvings is how many ways to halve the seeds are averaged; with more there are, as many are drawn.
const maxHalvings = 100

// Ceiling is the score that no method can pass on the mean of several training seeds: the root of the reliability of the
// truth, from halves of the seeds correlated per output and stepped up to all seeds by Spearman and Brown (for an odd
// number, by the same model with halves of unequal length). seeds, 2 to 62, holds subsets × outputs for every seed. All
// halvings are averaged, or 100 that are drawn.
func Ceiling(seeds [][]float64, outputs int) (float64, error) {
	n := len(seeds)
	if n < 2 || n > 62 {
		return 0, fmt.Errorf("the noise ceiling takes 2 to 62 training seeds, got %d", n)
	}
	sum, halves := 0.0, halvings(n)
	for _, half := range halves {
		per, err := LDS(meanOf(seeds, half), meanOf(seeds, 1<<n-1-half), outputs)
		if err != nil {
			return 0, err
		}
		sum += mean(per)
	}
	return math.Sqrt(reliability(sum/float64(len(halves)), n)), nil
}

// reliability of the mean of n seeds, when means of n/2 and of the rest correlate by r. With s the ratio of signal to
// noise of one seed, a mean of a seeds has the reliability as/(as+1), and two means correlate by the root of theirs'
// product: r² = ab·s² / ((as+1)(bs+1)), solved for s. For a = b this is 2r/(1+r).
func reliability(r float64, n int) float64 {
	if r <= 0 {
		return 0
	}
	if r >= 1 {
		return 1
	}
	a, r2 := n/2, r*r
	ab, all := float64(a*(n-a)), float64(n)
	s := (r2*all + math.Sqrt(r2*r2*all*all+4*(1-r2)*ab*r2)) / (2 * (1 - r2) * ab)
	return all * s / (all*s + 1)
}

// halvings are sets of n/2 of n seeds: all of them (of even n, one of each pair of halves), or as many as are drawn.
func halvings(n int) (out []int) {
	if n <= 12 {
		for half := range 1 << n {
			if popcount(half) == n/2 && (half&1 == 1 || n%2 == 1) {
				out = append(out, half)
			}
		}
		return out
	}
	p := make([]int, n)
	for h := range maxHalvings {
		philox.New([32]byte{'h', 'a', 'l', 'v', 'e', 's'}, uint64(n)<<32|uint64(h)).Perm(p)
		half := 0
		for _, s := range p[:n/2] {
			half |= 1 << s
		}
		out = append(out, half)
	}
	return out
}

func popcount(v int) int { return bits.OnesCount(uint(v)) }

// meanOf averages the seeds in the bit set.
func meanOf(seeds [][]float64, set int) []float64 {
	out := make([]float64, len(seeds[0]))
	n := float64(popcount(set))
	for s, v := range seeds {
		if set>>s&1 == 1 {
			for i, x := range v {
				out[i] += x / n
			}
		}
	}
	return out
}

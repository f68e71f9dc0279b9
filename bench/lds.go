package bench

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"attrib/internal/philox"
)

// LDS is the linear datamodeling score (Park, Georgiev, Ilyas, Leclerc and Madry, "TRAK", ICML 2023): for every output,
// Spearman's correlation over subsets between the outputs that the scores predict and those that retrained models
// gave; then the mean over outputs.
//
// predicted and retrained are subsets × outputs, row-major. An output whose retrained values or predictions are all
// equal has no correlation and counts 0.
func LDS(predicted, retrained []float64, outputs int) ([]float64, error) {
	if outputs < 1 || len(predicted) != len(retrained) || len(predicted)%outputs != 0 {
		return nil, fmt.Errorf("LDS of %d predictions and %d retrained values for %d outputs", len(predicted), len(retrained), outputs)
	}
	subsets := len(predicted) / outputs
	if subsets < 3 {
		return nil, fmt.Errorf("LDS of %d subsets, want at least 3", subsets)
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

// Spearman is the correlation of ranks, ties sharing their mean rank; 0 when a side is constant.
func Spearman(a, b []float64) float64 { return correlation(meanRanks(a), meanRanks(b)) }

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

// Ceiling is the score that no method can pass on the mean of several training seeds: the root of the split-half
// reliability of the truth, halves of seeds correlated per output and stepped up by Spearman and Brown. seeds holds
// subsets × outputs for every seed; all halvings of up to 12 seeds into equal parts are averaged.
func Ceiling(seeds [][]float64, outputs int) (float64, error) {
	n := len(seeds)
	if n < 2 || n > 12 {
		return 0, errors.New("the noise ceiling takes 2 to 12 training seeds")
	}
	sum, count := 0.0, 0
	for half := range 1 << n {
		if half&1 == 0 || popcount(half) != n/2 {
			continue
		}
		per, err := LDS(meanOf(seeds, half), meanOf(seeds, 1<<n-1-half), outputs)
		if err != nil {
			return 0, err
		}
		sum, count = sum+mean(per), count+1
	}
	r := sum / float64(count)
	return math.Sqrt(max(2*r/(1+r), 0)), nil
}

func popcount(v int) (n int) {
	for ; v != 0; v &= v - 1 {
		n++
	}
	return n
}

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

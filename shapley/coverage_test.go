package shapley

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"attrib/internal/philox"
)

// drawWorld earns outputs by a Pareto law (index 0: all equal) and credits players with mean·x, x of mean 1: even (uniform
// from 0 to 2) or skewed (exponential), independent of the earnings.
func drawWorld(draw *philox.Stream, mean []float64, outputs int, index float64, skewed bool) (omega []int64, list []Output, rows [][]float64) {
	for q := range outputs {
		earned := 1.0
		if index > 0 {
			earned = math.Pow(1-draw.Float64(), -1/index)
		}
		list = append(list, Output{ID: fmt.Sprint(q), Earned: big.NewInt(int64(1e6 * earned))})
	}
	omega, err := OutputWeights(list)
	if err != nil {
		panic(err)
	}
	for _, w := range omega {
		row := make([]float64, len(mean))
		for i, m := range mean {
			x := 2 * draw.Float64()
			if skewed {
				x = -math.Log(1 - draw.Float64())
			}
			row[i] = float64(w) * m * x
		}
		rows = append(rows, row)
	}
	return omega, list, rows
}

// TestIntervalCoverage is where the figures in doc.go come from: how often simultaneous intervals of twelve shares hold
// all true ones, and the stated misallocation over the real one.
func TestIntervalCoverage(t *testing.T) {
	mean := []float64{5, 4, 3, 3, 2, 2, 2, 1, 1, 0.5, 0.5, 0.2}
	for _, skewed := range []bool{false, true} {
		for _, index := range []float64{0, 2, 1} {
			for _, outputs := range []int{10, 30, 100} {
				coverage(t, mean, index, outputs, skewed)
			}
		}
	}
}

func coverage(t *testing.T, mean []float64, index float64, outputs int, skewed bool) {
	const worlds, replicates = 300, 200
	truth := Shares(mean)
	held, normal, stated, real, effective, width := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for seed := range uint64(worlds) {
		omega, list, rows := drawWorld(philox.New([32]byte{7}, seed), mean, outputs, index, skewed)
		e := SamplingErrors(rows, omega, list, [32]byte{byte(seed), byte(seed >> 8)}, replicates)
		total := make([]float64, len(mean))
		addGroups(total, rows, ones(len(rows)))
		share := Shares(total)
		low, high := e.Interval(share)
		all, z := 1.0, 1.0
		for i := range share {
			d := math.Abs(share[i] - truth[i])
			if truth[i] < low[i] || truth[i] > high[i] {
				all = 0
			}
			if d > SimultaneousT(len(share), math.Inf(1))*e.StdErr[i] {
				z = 0
			}
			width += (high[i] - low[i]) / float64(len(share)) / worlds
		}
		held, normal = held+all/worlds, normal+z/worlds
		stated, real = stated+e.Misallocation/worlds, real+misallocation(share, truth)/worlds
		effective += OutputSpread(omega, list).Effective / worlds
	}
	t.Logf("index %v, %d outputs (effectively %.1f), skewed %v: held %.2f (by the normal %.2f), mean width %.3f; misallocation stated %.4f, real %.4f, ratio %.2f",
		index, outputs, effective, skewed, held, normal, width, stated, real, stated/real)
	least := 0.93
	if skewed {
		least = 0.85
	}
	if held < least || stated/real < 0.9 || stated/real > 1.13 {
		t.Errorf("index %v, %d outputs, skewed %v: held %.2f, stated misallocation %.2f times the real one", index, outputs, skewed, held, stated/real)
	}
}

func ones(n int) []int {
	count := make([]int, n)
	for i := range count {
		count[i] = 1
	}
	return count
}

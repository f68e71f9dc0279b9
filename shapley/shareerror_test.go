package shapley

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"testing"

	"attrib/internal/philox"
)

func TestShares(t *testing.T) {
	if got := Shares([]float64{3, -5, 1, 0}); !reflect.DeepEqual(got, []float64{0.75, 0, 0.25, 0}) {
		t.Error(got)
	}
	if got := Shares([]float64{-1, 0}); !reflect.DeepEqual(got, []float64{0, 0}) {
		t.Error(got)
	}
}

func TestResampleByHand(t *testing.T) {
	// Two groups: each draw is (a,a), (a,b) or (b,b), shares 1, 1/2, 0, with odds 1:2:1 about 1/2.
	e := Resample([][]float64{{1, 0}, {0, 1}}, EqualSpread(2), 40000, philox.New([32]byte{}, 1))
	grow := math.Sqrt2
	for i := range 2 {
		if math.Abs(e.StdErr[i]-grow*math.Sqrt(0.125)) > 0.01 || math.Abs(e.MeanAbs[i]-grow*0.25) > 0.01 {
			t.Error(i, e)
		}
	}
	if math.Abs(e.Misallocation-grow*0.25) > 0.01 {
		t.Error(e.Misallocation)
	}
	if Resample([][]float64{{1, 2}}, EqualSpread(1), 100, philox.New([32]byte{}, 1)) != nil {
		t.Error("one group has no spread to see")
	}
	same := Resample([][]float64{{1, 2}, {1, 2}, {1, 2}}, EqualSpread(3), 100, philox.New([32]byte{}, 1))
	if same.Misallocation > 1e-15 {
		t.Error("equal groups differ", same)
	}
}

func TestCombine(t *testing.T) {
	a := &ShareError{StdErr: []float64{3, 0}, MeanAbs: []float64{0.3, 0.1}, Freedom: []float64{9, 5}}
	b := &ShareError{StdErr: []float64{4, 1}, MeanAbs: []float64{0.4, 0}, Freedom: []float64{16, 7}}
	c := Combine(nil, a, b)
	if c.StdErr[0] != 5 || c.StdErr[1] != 1 || math.Abs(c.Misallocation-0.3) > 1e-15 || a.StdErr[0] != 3 {
		t.Error(c)
	}
	if want := 25. * 25 / (81./9 + 256./16); math.Abs(c.Freedom[0]-want) > 1e-12 || c.Freedom[1] != 7 || a.Freedom[0] != 9 {
		t.Error(c.Freedom, want)
	}
	if low, high := NoError(2).Interval([]float64{0.4, 0.6}); low[0] != 0.4 || high[1] != 0.6 {
		t.Error(low, high)
	}
	if Combine(nil, nil) != nil {
		t.Error("nothing combined to something")
	}
}

// TestIntervalOnTheScaleOfRoots: the ends are squares of √share ± h/(2√share), or cut.
func TestIntervalOnTheScaleOfRoots(t *testing.T) {
	e := &ShareError{StdErr: []float64{0.01, 0.01, 0.01, 0.2, 0}, Freedom: []float64{20, 20, 20, 20, 20}}
	share := []float64{0.3, 0.02, 0, 0.5, 0.18}
	low, high := e.Interval(share)
	t20 := SimultaneousT(5, 20)
	for i, want := range [][2]float64{
		{math.Pow(math.Sqrt(0.3)-t20*0.005/math.Sqrt(0.3), 2), math.Pow(math.Sqrt(0.3)+t20*0.005/math.Sqrt(0.3), 2)},
		{math.Pow(math.Sqrt(0.02)-t20*0.005/math.Sqrt(0.02), 2), math.Pow(math.Sqrt(0.02)+t20*0.005/math.Sqrt(0.02), 2)},
		{0, t20 * 0.02}, {math.Pow(math.Sqrt(0.5)-t20*0.1/math.Sqrt(0.5), 2), 1}, {0.18, 0.18},
	} {
		if math.Abs(low[i]-want[0]) > 1e-12 || math.Abs(high[i]-want[1]) > 1e-12 {
			t.Errorf("share %v: %v to %v, want %v", share[i], low[i], high[i], want)
		}
	}
}

func equalOmega(n int) []int64 {
	omega := make([]int64, n)
	for i := range omega {
		omega[i] = 1
	}
	return omega
}

// world draws what players add to outputs and runs: a fixed mean, an output's own part, a run's own part.
func world(draw *philox.Stream, outputs, runs int, outputSpread, runSpread float64) ([]Output, [][]float64) {
	mean := []float64{5, 3, 1, 0.05, -0.5}
	noise := func(spread float64) []float64 {
		v := make([]float64, len(mean))
		for i := range v {
			for range 12 {
				v[i] += spread * (draw.Float64() - 0.5)
			}
		}
		return v
	}
	byRun := make([][]float64, runs)
	for r := range byRun {
		byRun[r] = noise(runSpread)
	}
	var list []Output
	var rows [][]float64
	for q := range outputs {
		own := noise(outputSpread)
		for r := range runs {
			row := make([]float64, len(mean))
			for i := range row {
				row[i] = mean[i] + own[i] + byRun[r][i]
			}
			list = append(list, Output{ID: fmt.Sprint(q), Run: r, Earned: big.NewInt(1)})
			rows = append(rows, row)
		}
	}
	return list, rows
}

// TestSamplingErrorIsTrue draws outputs and runs from a known world and holds the stated error to the real one.
func TestSamplingErrorIsTrue(t *testing.T) {
	truth := Shares([]float64{5, 3, 1, 0.05, -0.5})
	for _, c := range []struct {
		name                    string
		outputs, runs           int
		outputSpread, runSpread float64
	}{{"outputs only", 40, 1, 3, 0}, {"runs too", 40, 6, 2, 0.5}, {"mostly runs", 60, 8, 0.5, 0.6}} {
		stated, real := 0.0, 0.0
		const worlds = 150
		for seed := range uint64(worlds) {
			outputs, rows := world(philox.New([32]byte{3}, seed), c.outputs, c.runs, c.outputSpread, c.runSpread)
			e := SamplingErrors(rows, equalOmega(len(rows)), outputs, [32]byte{byte(seed)}, 200)
			total := make([]float64, 5)
			for _, row := range rows {
				for i, v := range row {
					total[i] += v
				}
			}
			stated += e.Misallocation / worlds
			real += misallocation(Shares(total), truth) / worlds
		}
		t.Logf("%s: stated %.4f, real %.4f, ratio %.3f", c.name, stated, real, stated/real)
		if stated/real < 0.85 || stated/real > 1.2 {
			t.Errorf("%s: stated sampling error is %.2f times the real one", c.name, stated/real)
		}
	}
}

func TestWideSums(t *testing.T) {
	draw := philox.New([32]byte{}, 9)
	var sum int128
	var sq squares
	want, wantSq := new(big.Int), new(big.Int)
	for range 3000 {
		v := int64(draw.Uint64()) >> draw.Intn(60)
		if v == math.MinInt64 {
			continue
		}
		sum.add(v)
		sq.add(v)
		want.Add(want, big.NewInt(v))
		wantSq.Add(wantSq, new(big.Int).Mul(big.NewInt(v), big.NewInt(v)))
	}
	if sum.big().Cmp(want) != 0 || sq.big().Cmp(wantSq) != 0 {
		t.Error(sum.big(), want, sq.big(), wantSq)
	}
}

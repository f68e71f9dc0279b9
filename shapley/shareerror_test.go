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
	e := Resample([][]float64{{1, 0}, {0, 1}}, 40000, philox.New([32]byte{}, 1))
	grow := math.Sqrt2
	for i := range 2 {
		if math.Abs(e.StdErr[i]-grow*math.Sqrt(0.125)) > 0.01 || math.Abs(e.MeanAbs[i]-grow*0.25) > 0.01 {
			t.Error(i, e)
		}
	}
	if math.Abs(e.Misallocation-grow*0.25) > 0.01 {
		t.Error(e.Misallocation)
	}
	if Resample([][]float64{{1, 2}}, 100, philox.New([32]byte{}, 1)) != nil {
		t.Error("one group has no spread to see")
	}
	same := Resample([][]float64{{1, 2}, {1, 2}, {1, 2}}, 100, philox.New([32]byte{}, 1))
	if same.Misallocation > 1e-15 {
		t.Error("equal groups differ", same)
	}
}

func TestCombine(t *testing.T) {
	a := &ShareError{StdErr: []float64{3, 0}, MeanAbs: []float64{0.3, 0.1}}
	b := &ShareError{StdErr: []float64{4, 1}, MeanAbs: []float64{0.4, 0}}
	c := Combine(nil, a, b)
	if c.StdErr[0] != 5 || c.StdErr[1] != 1 || math.Abs(c.Misallocation-0.3) > 1e-15 || a.StdErr[0] != 3 {
		t.Error(c)
	}
	if Combine(nil, nil) != nil {
		t.Error("nothing combined to something")
	}
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
			e := SamplingErrors(rows, outputs, [32]byte{byte(seed)}, 200)
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

func TestSimultaneousZ(t *testing.T) {
	for n, want := range map[int]float64{0: 1.96, 1: 1.96, 2: 2.2414, 3: 2.4977, 12: 2.9552, 16: 2.9552, 17: 3.1628, 1 << 30: 5.4597} {
		if got := SimultaneousZ(n); math.Abs(got-want) > 1e-3 {
			t.Errorf("%d players: %v, want %v", n, got, want)
		}
	}
	for k, z := range normalQuantile {
		if p := math.Erfc(z/math.Sqrt2) / 2; math.Abs(p*math.Ldexp(40, k)-1) > 1e-5 {
			t.Errorf("quantile %d: tail %v", k, p)
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

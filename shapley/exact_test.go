package shapley

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"attrib/internal/philox"
)

// define is v(S) of a game from its definition in docs, in floats for log1p and sqrt.
func define(s *Scores, name string, coalition Bitset) float64 {
	omega, _ := OutputWeights(s.Outputs)
	v := 0.0
	for q := range s.Outputs {
		sum, plus, best := 0.0, 0.0, 0.0
		for i, x := range s.Row(q) {
			if coalition.Has(i) {
				sum += float64(x)
				plus += max(float64(x), 0)
				best = max(best, float64(x))
			}
		}
		credit := map[string]float64{"additive": sum, "coverage": best, "sqrt": math.Sqrt(plus), "log1p": math.Log1p(plus / float64(DefaultUnit(s)))}[name]
		v += float64(omega[q]) * credit
	}
	return v
}

func TestGamesAreWhatTheySay(t *testing.T) {
	s := testScores(9, 7, 1)
	all := games(t, s)
	draw := philox.New([32]byte{}, 4)
	for name, scale := range map[string]float64{"additive": 1, "coverage": 1, "sqrt": 1 << 15, "log1p": math.Ldexp(1, -all["log1p"].curve.Scale)} {
		for range 50 {
			c := Bitset{uint64(draw.Intn(1 << 9))}
			v, err := all[name].Value(ctx, []Bitset{c})
			if err != nil {
				t.Fatal(err)
			}
			if want := scale * define(s, name, c); math.Abs(float64(v[0])-want) > 1e-6*math.Abs(want)+2*OutputTotal {
				t.Fatalf("%s: v(%b) = %d, want %.0f", name, c[0], v[0], want)
			}
		}
	}
	if d := all["log1p"].Describe(); d.Clip != "per output" || d.Function != "log1p" || d.Unit != DefaultUnit(s) {
		t.Error(d)
	}
	if d := all["additive"].Describe(); d.Clip != "totals" || d.Scale != s.Scale-30 {
		t.Error(d)
	}
}

func TestWalkAndEnumerateAgreeWithValue(t *testing.T) {
	s := testScores(8, 6, 2)
	for name, g := range games(t, s) {
		v, err := allValues(ctx, g)
		if err != nil {
			t.Fatal(err)
		}
		sum, one := make([]int64, 1<<8), make([]int64, 1<<8)
		for q, omega := range g.OutputWeights() {
			g.Enumerate(q, one)
			for c := range one {
				sum[c] += omega * one[c]
			}
		}
		walk, order := g.WalkOutputs(), make([]int, 8)
		for c := range v {
			if sum[c] != v[c] {
				t.Fatalf("%s: Enumerate gives %d for %b, Value %d", name, sum[c], c, v[c])
			}
		}
		for seed := range uint64(20) {
			philox.New([32]byte{}, seed).Perm(order)
			walk.Reset()
			c := 0
			for _, i := range order {
				outputs := make([]int64, 6)
				gain := walk.AddOutputs(i, outputs)
				weighted := int64(0)
				for q, omega := range g.OutputWeights() {
					weighted += omega * outputs[q]
				}
				if gain != v[c|1<<i]-v[c] || gain != weighted {
					t.Fatalf("%s: adding %d to %b gives %d, outputs %d, want %d", name, i, c, gain, weighted, v[c|1<<i]-v[c])
				}
				c |= 1 << i
			}
		}
	}
}

func TestExactFormsAgreeWithTheDefinition(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for name, g := range games(t, testScores(n, 5, uint64(n))) {
			want, err := Reference(ctx, g)
			if err != nil {
				t.Fatal(err)
			}
			for form, game := range map[string]Game{"exact": g, "black box": black{g}} {
				e, err := Exact{}.Estimate(ctx, game, Budget{}, [32]byte{})
				if err != nil {
					t.Fatal(err)
				}
				sameRats(t, name+" "+form+" "+e.Form, e.Value, want)
			}
			e, err := Enumerate(ctx, g, 2)
			if err != nil {
				t.Fatal(err)
			}
			sameRats(t, name+" enumerated by outputs", e.Value, want)
			checkEfficient(t, g, e.Value)
		}
	}
}

func TestClosedFormsAgreeWithEnumeration(t *testing.T) {
	s := testScores(12, 10, 3)
	for q := range s.Outputs { // ties must not matter
		s.Row(q)[3], s.Row(q)[7] = s.Row(q)[1], s.Row(q)[1]
	}
	for _, name := range []string{"additive", "coverage"} {
		g := games(t, s)[name]
		closed, err := g.Closed(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Enumerate(ctx, g, 0)
		if err != nil {
			t.Fatal(err)
		}
		sameRats(t, name, closed.Value, all.Value)
		for i := range all.PerOutput {
			for q, want := range all.PerOutput[i] {
				if got := closed.PerOutput[i][q]; math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
					t.Fatalf("%s: player %d, output %d: %v, want %v", name, i, q, got, want)
				}
			}
		}
		if closed.Value[3].Cmp(closed.Value[1]) != 0 || closed.Value[7].Cmp(closed.Value[1]) != 0 {
			t.Error(name, "symmetric players differ")
		}
	}
}

// TestPerOutputSumsToValue ties the floats for the bootstrap to the exact values.
func TestPerOutputSumsToValue(t *testing.T) {
	for name, g := range games(t, testScores(6, 9, 5)) {
		for _, est := range []Estimator{Exact{}, Permutations{}} {
			e, err := est.Estimate(ctx, g, Budget{Permutations: 200}, [32]byte{1})
			if err != nil {
				t.Fatal(err)
			}
			for i, per := range e.PerOutput {
				sum, want := 0.0, floats(e.Value)[i]
				for q, omega := range g.OutputWeights() {
					sum += float64(omega) * per[q]
				}
				if math.Abs(sum-want) > 1e-9*math.Abs(want)+1e-3 {
					t.Fatalf("%s %s: player %d: outputs sum to %v, value %v", name, est.Name(), i, sum, want)
				}
			}
		}
	}
}

func TestNoOverflowAtTheExtremes(t *testing.T) {
	const n = 8
	s := &Scores{Scale: 0}
	for i := range n {
		s.Players = append(s.Players, string(rune('a'+i)))
	}
	for q := range 3 {
		s.Outputs = append(s.Outputs, output(string(rune('x'+q)), 0, 1))
		for i := range n {
			v := int32(MaxRow / n)
			if q == 0 { // everything with one player
				v = [2]int32{MaxRow, 0}[min(i, 1)]
			}
			s.Value = append(s.Value, v)
		}
	}
	for name, g := range games(t, s) {
		all := Bitset{1<<n - 1}
		v, err := g.Value(ctx, []Bitset{all})
		if err != nil || v[0] <= 0 || v[0] > maxValue {
			t.Fatalf("%s: v(N) = %d, %v", name, v, err)
		}
		want := new(big.Int)
		for q, omega := range g.OutputWeights() {
			total := new(big.Int)
			for _, x := range s.Row(q) {
				if name == "coverage" {
					total.SetInt64(max(total.Int64(), int64(x)))
				} else {
					total.Add(total, big.NewInt(int64(x)))
				}
			}
			want.Add(want, total.Mul(big.NewInt(g.credit(total.Int64())), big.NewInt(omega)))
		}
		if want.Cmp(big.NewInt(v[0])) != 0 {
			t.Errorf("%s: v(N) = %d, want %s", name, v[0], want)
		}
		exact, err := Exact{}.Estimate(ctx, g, Budget{}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		checkEfficient(t, g, exact.Value)
		sampled, err := Permutations{}.Estimate(ctx, g, Budget{Permutations: 4096}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		checkEfficient(t, g, sampled.Value)
		for i := range n {
			if d := math.Abs(floats(sampled.Value)[i] - floats(exact.Value)[i]); d > 6*sampled.StdErr[i]+1 {
				t.Errorf("%s: player %d is off by %v standard errors", name, i, d/sampled.StdErr[i])
			}
		}
	}
}

func TestAxioms(t *testing.T) {
	s := testScores(7, 8, 6)
	for q := range s.Outputs {
		s.Row(q)[2] = 0           // null
		s.Row(q)[5] = s.Row(q)[0] // symmetric
	}
	order := []int{4, 2, 6, 0, 5, 1, 3}
	moved := &Scores{Outputs: s.Outputs, Value: make([]int32, len(s.Value))}
	for k, i := range order {
		moved.Players = append(moved.Players, s.Players[i])
		for q := range s.Outputs {
			moved.Value[q*7+k] = s.Row(q)[i]
		}
	}
	after := games(t, moved)
	for name, g := range games(t, s) {
		e, _ := Exact{}.Estimate(ctx, g, Budget{}, [32]byte{})
		f, err := Exact{}.Estimate(ctx, after[name], Budget{}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if e.Value[2].Sign() != 0 {
			t.Errorf("%s: a null player gets %s", name, e.Value[2])
		}
		if e.Value[5].Cmp(e.Value[0]) != 0 {
			t.Errorf("%s: symmetric players get %s and %s", name, e.Value[0], e.Value[5])
		}
		var want []*big.Rat
		for _, i := range order {
			want = append(want, e.Value[i])
		}
		sameRats(t, name+" in another order", f.Value, want)
	}
}

func TestExactRefusesWhatItCannot(t *testing.T) {
	big21 := testScores(21, 2, 1)
	g := games(t, big21)
	if _, err := (Exact{}).Estimate(ctx, g["log1p"], Budget{}, [32]byte{}); !errors.Is(err, ErrNoExactForm) {
		t.Error(err)
	}
	if e, err := (Exact{}).Estimate(ctx, g["coverage"], Budget{}, [32]byte{}); err != nil || e.Form != "coverage closed form" {
		t.Error(err)
	}
	if e, err := (Exact{}).Estimate(ctx, g["additive"], Budget{}, [32]byte{}); err != nil || e.Form != "additive shortcut" {
		t.Error(err)
	}
	a, _ := EstimatorNamed("auto")
	if e, err := a.Estimate(ctx, g["log1p"], Budget{Permutations: 64}, [32]byte{}); err != nil || e.Form != "permutations" {
		t.Error(err)
	}
	if _, err := EstimatorNamed("guess"); err == nil {
		t.Error("unknown estimator accepted")
	}
	if _, err := Reference(ctx, g["additive"]); err == nil {
		t.Error("21! orders accepted")
	}
	for _, v := range [][]int64{make([]int64, 3), {0, 1 << 62}, nil} {
		if _, err := NewTableGame(1, v); err == nil {
			t.Error("accepted", v)
		}
	}
}

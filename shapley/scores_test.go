package shapley

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"attrib/internal/philox"
)

func output(id string, run int, earned int64) Output { return Output{id, run, big.NewInt(earned)} }

func TestValidateNamesEveryViolation(t *testing.T) {
	s := &Scores{
		Players: []string{"a", "a", ""},
		Outputs: []Output{output("x", 0, 1), output("x", 0, 1), output("x", 1, 2), output("y", 0, -1), {ID: "z"}, output("", 0, 1), output("w", -1, 1)},
		Value:   make([]int32, 21), Scale: 5000,
	}
	s.Value[0], s.Value[1] = math.MinInt32, 1
	err := s.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`player "a" is given twice`, "player 2 has no id", `output "x" run 0 is given twice`, `"x" earned 2 in run 1 but 1`,
		`output "y": earned is missing or negative`, `output "z": earned is missing`, "output 5 has no id", "run -1 is negative",
		"every output needs every run", "scale 2^5000", `output "x" run 0: sum of |value| is 2147483649`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	if err := (&Scores{}).Validate(); err == nil || !strings.Contains(err.Error(), "no players") || !strings.Contains(err.Error(), "no outputs") {
		t.Error(err)
	}
}

func TestShiftRoundIsHalfToEven(t *testing.T) {
	for _, c := range []struct{ v, shift, want int64 }{
		{5, 1, 2}, {7, 1, 4}, {-5, 1, -2}, {-7, 1, -4}, {6, 2, 2}, {10, 2, 2}, {11, 2, 3}, {-6, 2, -2}, {-10, 2, -2}, {1 << 62, 62, 1}, {-(1 << 62), 63, 0}, {1 << 62, 64, 0}, {9, 0, 9},
	} {
		if got := shiftRound(c.v, int(c.shift)); got != c.want {
			t.Errorf("%d / 2^%d: %d, want %d", c.v, c.shift, got, c.want)
		}
	}
	draw := philox.New([32]byte{}, 1)
	for range 2000 {
		v, shift := int64(draw.Uint64())>>12, 1+draw.Intn(40)
		want := int64(math.RoundToEven(float64(v) / float64(int64(1)<<shift))) // |v| < 2⁵²: exact
		if got := shiftRound(v, shift); got != want {
			t.Fatalf("%d / 2^%d: %d, want %d", v, shift, got, want)
		}
	}
}

func TestQuantiseTakesTheSmallestScale(t *testing.T) {
	draw := philox.New([32]byte{}, 2)
	players := []string{"a", "b", "c"}
	outputs := []Output{output("x", 0, 1), output("y", 0, 1)}
	for range 200 {
		width := 1 + draw.Intn(62)
		sum := make([]int64, 6)
		for k := range sum {
			sum[k] = int64(draw.Uint64()>>(64-width)) * int64(1-2*draw.Intn(2))
		}
		sum[0] = 1 << (width - 1)
		s, err := Quantise(sum, -40, players, outputs, Meta{})
		if err != nil {
			t.Fatal(err)
		}
		shift := s.Scale + 40
		fits := func(shift int) bool {
			for q := range outputs {
				total := new(big.Int)
				for _, v := range sum[q*3 : q*3+3] {
					total.Add(total, new(big.Int).Abs(big.NewInt(shiftRound(v, shift))))
				}
				if total.Cmp(big.NewInt(MaxRow)) > 0 {
					return false
				}
			}
			return true
		}
		if shift < 0 || !fits(shift) || shift > 0 && fits(shift-1) {
			t.Fatalf("%d bits: shift %d is not the smallest that fits", width, shift)
		}
		for k, v := range sum {
			if int64(s.Value[k]) != shiftRound(v, shift) {
				t.Fatalf("value %d", k)
			}
		}
	}
}

func TestQuantiseExtremes(t *testing.T) {
	players, outputs := []string{"a", "b"}, []Output{output("x", 0, 1)}
	s, err := Quantise([]int64{MaxRow - 1, -1}, 7, players, outputs, Meta{})
	if err != nil || s.Scale != 7 || s.Value[0] != MaxRow-1 || s.Value[1] != -1 {
		t.Error("what fits exactly must stay as it is", s, err)
	}
	s, err = Quantise([]int64{maxSum, -maxSum}, 0, players, outputs, Meta{})
	if err != nil || s.Scale != 33 || s.Value[0] != 1<<29 || s.Value[1] != -(1<<29) {
		t.Error("2^62 must fit", s, err)
	}
	if _, err := Quantise([]int64{0, 0}, 0, players, outputs, Meta{}); !errors.Is(err, ErrAllZero) {
		t.Error(err)
	}
	for _, v := range []int64{maxSum + 1, math.MinInt64, math.MaxInt64} {
		if _, err := Quantise([]int64{0, v}, 0, players, outputs, Meta{}); err == nil || !strings.Contains(err.Error(), `output "x", player "b"`) {
			t.Error(v, err)
		}
	}
	if _, err := Quantise([]int64{1}, 0, players, outputs, Meta{}); err == nil {
		t.Error("a missing sum was accepted")
	}
}

func TestOutputWeights(t *testing.T) {
	outputs := []Output{output("a", 0, 1), output("b", 0, 1), output("c", 0, 1), output("d", 0, 0)}
	w, err := OutputWeights(outputs)
	if err != nil || w[0] != 357913942 || w[1] != 357913941 || w[2] != 357913941 || w[3] != 0 {
		t.Fatal(w, err)
	}
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for i := range outputs {
		outputs[i].Earned = new(big.Int).Mul(outputs[i].Earned, huge)
	}
	scaled, err := OutputWeights(outputs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range w {
		if scaled[i] != w[i] {
			t.Error("weights changed when all earnings were scaled", scaled, w)
		}
	}
	if _, err := OutputWeights([]Output{output("a", 0, 0)}); !errors.Is(err, ErrNothingEarned) {
		t.Error(err)
	}
}

func TestMerge(t *testing.T) {
	s := testScores(4, 3, 1)
	m, err := s.Merge([]Unit{{"u", []string{"p02", "p00"}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(m.Players, " ") != "u p01 p03" {
		t.Fatal(m.Players)
	}
	for q := range 3 {
		a, b := s.Row(q), m.Row(q)
		if b[0] != a[0]+a[2] || b[1] != a[1] || b[2] != a[3] {
			t.Fatal(q, a, b)
		}
	}
	for _, bad := range [][]Unit{{{"u", nil}}, {{"u", []string{"nobody"}}}, {{"u", []string{"p00"}}, {"w", []string{"p00"}}}, {{"p01", []string{"p00"}}}} {
		if _, err := s.Merge(bad); err == nil {
			t.Error("accepted", bad)
		}
	}
}

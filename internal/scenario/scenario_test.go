package scenario

import (
	"bytes"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"attrib/corpus"
	"attrib/internal/digits"
	"attrib/internal/philox"
	"attrib/internal/strictjson"
	"attrib/policy"
)

func build(t *testing.T, o Options) (corpus.Folder, map[string][]corpus.Sample) {
	t.Helper()
	f, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]corpus.Sample{}
	for _, s := range f.Samples {
		by[s.Contributor] = append(by[s.Contributor], s)
	}
	return f, by
}

func TestOpenTakesTheScenario(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := corpus.Check(dir, corpus.ClaimRules{Now: time.Unix(1.8e9, 0), ChainID: 1337, Require: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Warnings) > 0 || r.Width != 64 || r.Classes != 10 || r.Queries != 100 || r.Samples-r.Train != 377 || len(r.Contributors) != 16 {
		t.Errorf("report is %+v", r)
	}
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if names := c.Players(corpus.RoleData).Names; len(names) != 12 {
		t.Errorf("players %v, want 12", names)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b, c := t.TempDir(), t.TempDir(), t.TempDir()
	for dir, seed := range map[string]byte{a: 1, b: 1, c: 2} {
		if err := Write(dir, Options{Seed: [32]byte{seed}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"corpus.jsonl", "contributors.jsonl", "queries.jsonl", "approvals.jsonl", "policy.json"} {
		x, y, z := contentOf(t, a, name), contentOf(t, b, name), contentOf(t, c, name)
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs between two runs with one seed", name)
		}
		if bytes.Equal(x, z) && name != "approvals.jsonl" && name != "policy.json" {
			t.Errorf("%s is the same for two seeds", name)
		}
	}
}

func contentOf(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every training row has exactly one honest owner.
func TestHonestOwnersPartitionTheTrainingRows(t *testing.T) {
	owners := map[[32]byte]int{}
	_, by := build(t, Options{})
	n := 0
	for id, samples := range by {
		if id == "" || id == "copier" || id == "wrong-labels" {
			continue
		}
		if len(samples) < leastDealt/2 {
			t.Errorf("%s has %d samples", id, len(samples))
		}
		for _, s := range samples {
			owners[s.Content.SHA256()]++
			n++
		}
	}
	images := digits.Images()
	for row := range digits.Train {
		if got := owners[pixels(images, row).SHA256()]; got != 1 {
			t.Errorf("row %d has %d honest owners", row, got)
		}
	}
	if n != digits.Train {
		t.Errorf("%d samples, want %d", n, digits.Train)
	}
}

func TestCopierCopies(t *testing.T) {
	_, by := build(t, Options{})
	victims := map[[32]byte]int32{}
	for _, s := range append(slices.Clone(by["honest-1"]), by["honest-2"]...) {
		victims[s.Content.SHA256()] = *s.Label
	}
	for _, s := range by["copier"] {
		if label, ok := victims[s.Content.SHA256()]; !ok || label != *s.Label {
			t.Errorf("%s is no copy", s.ID)
		}
	}
	if want := len(by["honest-1"])/2 + len(by["honest-2"])/2; len(by["copier"]) != want {
		t.Errorf("copier has %d samples, want %d", len(by["copier"]), want)
	}
}

func TestWrongLabelsAreWrong(t *testing.T) {
	truth := map[[32]byte]int32{}
	images, labels := digits.Images(), digits.Labels()
	for row := range images {
		truth[pixels(images, row).SHA256()] = int32(labels[row])
	}
	f, by := build(t, Options{})
	for _, s := range f.Samples {
		if right := truth[s.Content.SHA256()] == *s.Label; right == (s.Contributor == "wrong-labels") {
			t.Errorf("%s: label is right: %v", s.ID, right)
		}
	}
	if len(by["wrong-labels"]) != wrongRows {
		t.Errorf("%d wrong labels, want %d", len(by["wrong-labels"]), wrongRows)
	}
}

func TestEarningsAreHeavyTailed(t *testing.T) {
	f, _ := build(t, Options{})
	sum, top, distinct := new(big.Int), new(big.Int), map[string]bool{}
	for _, q := range f.Queries {
		w := q.Weight.Big()
		if w.Cmp(big.NewInt(1e12)) < 0 {
			t.Errorf("%s earned %s", q.ID, w)
		}
		distinct[w.String()] = true
		if sum.Add(sum, w); w.Cmp(top) > 0 {
			top = w
		}
	}
	if len(distinct) < 95 {
		t.Errorf("%d different earnings among 100", len(distinct))
	}
	if top.Mul(top, big.NewInt(25)).Cmp(sum) < 0 {
		t.Errorf("the best output earned %s / 25 of %s, less than four times the mean: not a heavy tail", top, sum)
	}
}

// Skew is the chance that two samples of a contributor have one label: 0.1 without skew, about 0.3 for α = 0.5.
func TestSkew(t *testing.T) {
	skew := func(alpha float64) float64 {
		sum := 0.0
		for _, rows := range deal([32]byte{7}, alpha) {
			var count [10]float64
			for _, it := range trueItems(rows) {
				count[it.label]++
			}
			for _, c := range count {
				sum += c * c / float64(len(rows)*len(rows)) / dataSets
			}
		}
		return sum
	}
	even, demo := skew(1000), skew(0.5)
	if even > 0.11 || demo < 0.2 || demo > 0.5 {
		t.Errorf("skew is %.3f for α = 1000 and %.3f for α = 0.5", even, demo)
	}
}

// Mean and variance of gamma draws are both the shape, and a quarter-shape draw is below 0.1 as often as the law says.
func TestGamma(t *testing.T) {
	for _, shape := range []float64{0.25, 0.5, 1, 3.5} {
		s := philox.New([32]byte{3}, uint64(shape*100))
		const n = 60_000
		sum, squares, low := 0.0, 0.0, 0
		for range n {
			x := gamma(s, shape)
			sum, squares = sum+x, squares+x*x
			if x < shape/10 {
				low++
			}
		}
		mean := sum / n
		variance := squares/n - mean*mean
		if math.Abs(mean-shape) > 5*math.Sqrt(shape/n) || math.Abs(variance/shape-1) > 0.05 {
			t.Errorf("shape %v: mean %.4f, variance %.4f", shape, mean, variance)
		}
		want := lowerGamma(shape, shape/10)
		if got := float64(low) / n; math.Abs(got-want) > 5*math.Sqrt(want/n) {
			t.Errorf("shape %v: P(x < shape/10) is %.4f, want %.4f", shape, got, want)
		}
	}
}

// lowerGamma is the regularised lower incomplete gamma function, by its power series.
func lowerGamma(a, x float64) float64 {
	term := 1 / a
	sum := term
	for k := 1.0; k < 50; k++ {
		term *= x / (a + k)
		sum += term
	}
	return sum * math.Exp(-x+a*math.Log(x)) / math.Gamma(a)
}

func TestCut(t *testing.T) {
	if got := cut(10, []float64{0.25, 0.25, 0.5}); !slices.Equal(got, []int{2, 3, 5}) {
		t.Errorf("cut gives %v", got)
	}
	if got := cut(7, []float64{0, 0.99999, 0}); !slices.Equal(got, []int{0, 6, 1}) {
		t.Errorf("cut gives %v", got)
	}
}

func TestPolicyIsValid(t *testing.T) {
	for _, o := range []Options{{}, {DataOnly: true}} {
		dir := t.TempDir()
		if err := Write(dir, o); err != nil {
			t.Fatal(err)
		}
		var p policy.Policy
		if err := strictjson.ReadFile(filepath.Join(dir, "policy.json"), &p); err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		if got := p.Roles[policy.Data] == policy.Whole; got != o.DataOnly {
			t.Errorf("data gets %d of %d with %+v", p.Roles[policy.Data], policy.Whole, o)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, alpha := range []float64{-1, 0.01, math.NaN(), math.Inf(1)} {
		if _, err := Build(Options{Alpha: alpha}); err == nil {
			t.Errorf("alpha %v is accepted", alpha)
		}
	}
	f, _ := build(t, Options{DataOnly: true})
	if len(f.Contributors) != 12 || len(f.Approvals) != 0 || f.Queries[0].PromptBy != "" {
		t.Error("DataOnly leaves other roles in")
	}
}

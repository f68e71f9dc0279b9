package bench

import (
	"context"
	"math"
	"testing"

	"attrib/kernels/cpu"
)

// The figures are those that other programs reached on the same ground truth (gradient dot and pixel RBF × label sign,
// one model), to ± .02.
func TestAccuracyOfAnchorBIsThatOfOtherPrograms(t *testing.T) {
	device := cpu.New(cpu.Options{})
	defer device.Close()
	rows, err := Accuracy(context.Background(), AccuracyOptions{Methods: []string{"dot", "rbf", "same-class"}, Device: device})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{ // 1 % same, expected; 5 %; 50 %
		"dot":        {.224, .230, .300, .267, .303, .319},
		"rbf":        {.354, .415, .377, .413, .584, .618},
		"same-class": {.317, .386, .275, .313, .481, .519},
	}
	seen := map[string]int{}
	for _, r := range rows {
		w := want[r.Method][seen[r.Method]]
		seen[r.Method]++
		t.Logf("%-10s %-8s %4.0f %% removed: LDS %.3f (%.3f to %.3f), ceiling %.3f, other programs %.3f", r.Method, r.Target, 100*r.Removed, r.LDS, r.Low, r.High, r.Ceiling, w)
		if math.Abs(r.LDS-w) > .02 {
			t.Errorf("%s, %s, %.2f removed: LDS %.3f, want %.3f ± .02", r.Method, r.Target, r.Removed, r.LDS, w)
		}
		if !(r.Low < r.LDS && r.LDS < r.High) {
			t.Errorf("%s: %v lies outside its interval %v to %v", r.Method, r.LDS, r.Low, r.High)
		}
		if r.Target == ExpectedModel && !(r.Ceiling > .96 && r.Ceiling < 1) {
			t.Errorf("ceiling %.3f, want about .98", r.Ceiling)
		}
	}
	if len(rows) != 18 {
		t.Errorf("%d rows, want 3 methods × 2 targets × 3 parts", len(rows))
	}
}

func TestSpearmanWithTies(t *testing.T) {
	// ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4: Σxy = 4.5 over √(4.5 · 5)
	got := Spearman([]float64{1, 2, 2, 9}, []float64{10, 30, 20, 40})
	if want := 4.5 / math.Sqrt(4.5*5); math.Abs(got-want) > 1e-12 {
		t.Errorf("Spearman %v, want %v", got, want)
	}
	if Spearman([]float64{1, 1, 1}, []float64{1, 2, 3}) != 0 {
		t.Error("a constant side has a correlation")
	}
}

func TestLDSOfTruthIsOneAndOfItsNegativeMinusOne(t *testing.T) {
	truth := []float64{1, 9, 2, 7, 3, 8, 5, 1}
	negative := make([]float64, len(truth))
	for i, v := range truth {
		negative[i] = -v
	}
	for _, c := range []struct {
		p    []float64
		want float64
	}{{truth, 1}, {negative, -1}} {
		per, err := LDS(c.p, truth, 2)
		if err != nil || mean(per) != c.want {
			t.Errorf("LDS %v (%v), want %v", per, err, c.want)
		}
	}
	if _, err := LDS(truth[:3], truth[:4], 2); err == nil {
		t.Error("lengths that do not fit were accepted")
	}
}

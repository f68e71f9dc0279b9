package bench

import (
	"context"
	"math"
	"testing"

	"attrib/train"
)

// retrained trains one model per row of weights from the anchor's own start and orders, models × queries.
func retrained(t *testing.T, a *Anchor, seed int, weights [][]float32, margin bool) [][]float64 {
	t.Helper()
	initial, err := a.Initial(seed)
	if err != nil {
		t.Fatal(err)
	}
	order, err := a.Order(seed)
	if err != nil {
		t.Fatal(err)
	}
	params, err := train.Many(context.Background(), a.Model, a.Data, weights, train.ManyOptions{Initial: initial, Order: order})
	if err != nil {
		t.Fatal(err)
	}
	net, err := train.NewNetwork(a.Model)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]float64, len(params))
	for i, p := range params {
		if out[i], err = a.Outputs(net, p, margin); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// agree holds outputs against PyTorch's, in rows of the file, and prints the largest difference and the lowest rank
// correlation of a query over the models.
func agree(t *testing.T, name string, got [][]float64, rows []int, want []float32, tolerance float64) {
	t.Helper()
	queries := len(got[0])
	largest, lowest := 0.0, 1.0
	for q := range queries {
		var a, b []float64
		for i, r := range rows {
			a, b = append(a, got[i][q]), append(b, float64(want[r*queries+q]))
			largest = max(largest, math.Abs(a[i]-b[i]))
		}
		lowest = min(lowest, Spearman(a, b))
	}
	t.Logf("%s: %d models × %d queries, largest difference %.1e, lowest rank correlation of a query %.4f", name, len(rows), queries, largest, lowest)
	if !(largest <= tolerance) {
		t.Errorf("%s: largest difference %.2e, want at most %.0e", name, largest, tolerance)
	}
	if !(lowest > .98) {
		t.Errorf("%s: a query's rank correlation over models is %.3f", name, lowest)
	}
}

func TestTrainingAgreesWithPyTorchOnAnchorB(t *testing.T) {
	a, err := AnchorB()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		part string
		seed int
	}{{"0.01", 7}, {"0.05", 20}, {"0.5", 7}, {"0.5", 29}} {
		kept, err := a.Kept(c.part)
		if err != nil {
			t.Fatal(err)
		}
		want, err := a.Margins(c.part, c.seed)
		if err != nil {
			t.Fatal(err)
		}
		rows := []int{0, 13, 26, 39, 52, 65, 78, 99}
		var weights [][]float32
		for _, r := range rows {
			weights = append(weights, kept[r])
		}
		agree(t, "anchor B, removed "+c.part, retrained(t, a, c.seed, weights, true), rows, want, 1e-4)
	}
}

func TestTrainingAgreesWithPyTorchOnAnchorC(t *testing.T) {
	a, err := AnchorC()
	if err != nil {
		t.Fatal(err)
	}
	want, err := a.LogProbs(2)
	if err != nil {
		t.Fatal(err)
	}
	rows := []int{0, 1, 2, 256, 512, 513, 341, 682, 1023}
	var weights [][]float32
	for _, bits := range rows {
		weights = append(weights, a.Coalition(bits))
	}
	agree(t, "anchor C", retrained(t, a, 2, weights, false), rows, want, 1e-4)
}

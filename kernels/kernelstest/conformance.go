package kernelstest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/ref"
)

// Tolerance bounds the error of a float32 score, relative to ‖q‖‖g‖ (inner product), 1 (cosine) or (‖q‖+‖g‖)² (L2).
const Tolerance = 1e-5

// MeanSquared bounds the normalised mean squared error over all scores of a scan: Σ(s − s̃)² / Σs².
const MeanSquared = 1e-10

var metrics = []kernels.Metric{kernels.InnerProduct, kernels.Cosine, kernels.L2}

// Conformance runs the suite. open is called once per subtest and may give the same device again.
func Conformance(t *testing.T, open func(t *testing.T) kernels.Device) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, kernels.Device)
	}{
		{"random", random}, {"whole", whole}, {"lists", lists}, {"sums", sums}, {"zero-norm", zeroNorm},
		{"near-duplicates", nearDuplicates}, {"exclude", exclude}, {"permutation", permutation}, {"layout", layout},
		{"factored", factored}, {"concurrent", concurrent}, {"repeat", repeat}, {"gram", gram}, {"multiply", multiply},
		{"bad-scan", badScan}, {"bad-rows", badRows}, {"bad-tiles", badTiles}, {"overflow", overflow}, {"cancel", cancel}, {"info", info},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open(t)) })
	}
}

// shapes are q, n, w around the block sizes that devices have: 1, 3, 4, 6, 8, 16, 48, 64, 96, 128, 256.
var shapes = [][3]int{
	{1, 1, 1}, {1, 2, 3}, {2, 1, 5}, {3, 3, 1}, {3, 6, 8}, {4, 5, 7}, {5, 7, 16}, {6, 97, 31}, {7, 95, 64}, {1, 193, 65},
	{49, 13, 17}, {47, 96, 33}, {64, 64, 64}, {65, 129, 63}, {2, 300, 255}, {3, 11, 256}, {4, 10, 257}, {5, 9, 511}, {2, 7, 1000},
	{97, 101, 2}, {8, 1025, 4}, {70, 40, 513}, {3, 100, 1025}, {66, 5, 4097}, {1, 35, 20_000},
}

func eachShape(t *testing.T, run func(t *testing.T, q, n, w int, metric kernels.Metric)) {
	for _, s := range shapes {
		for _, metric := range metrics {
			t.Run(fmt.Sprintf("%dx%dx%d/%v", s[0], s[1], s[2], metric), func(t *testing.T) { run(t, s[0], s[1], s[2], metric) })
		}
	}
}

func mustScan(t *testing.T, d kernels.Device, s kernels.Source, scan kernels.Scan) *kernels.Result {
	t.Helper()
	r, err := d.Scan(context.Background(), s, scan)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// random compares every score with the oracle.
func random(t *testing.T, d kernels.Device) {
	eachShape(t, func(t *testing.T, q, n, w int, metric kernels.Metric) {
		queries, rows := Random(q, w, 1), Random(n, w, 2)
		r := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: metric, K: n})
		want, err := oracle(fmt.Sprint("random ", q, n, w, metric), func() ([]float64, error) {
			return ref.Scores(context.Background(), kernels.MatrixSource(rows), queries, metric)
		})
		if err != nil {
			t.Fatal(err)
		}
		checkScores(t, r, n, want, scales(queries, rows, metric))
		if r.Ops <= 0 || r.Bytes < int64(4*n*w) {
			t.Errorf("%d operations and %d bytes are stated", r.Ops, r.Bytes)
		}
	})
}

// scales are q×n: what the error of each score is relative to.
func scales(queries, rows kernels.Matrix, metric kernels.Metric) []float64 {
	var out []float64
	each := norms(rows)
	for _, a := range norms(queries) {
		for _, b := range each {
			switch metric {
			case kernels.InnerProduct:
				out = append(out, a*b)
			case kernels.L2:
				out = append(out, (a+b)*(a+b))
			default:
				out = append(out, 1)
			}
		}
	}
	return out
}

// checkScores judges a scan with K = n: each row once, every score near the oracle's.
func checkScores(t *testing.T, r *kernels.Result, n int, want, scale []float64) {
	t.Helper()
	seen := make([]bool, len(want))
	var wrong, total float64
	if len(r.ID) != len(want) {
		t.Fatalf("%d rows are listed, want %d", len(r.ID), len(want))
	}
	for i, id := range r.ID {
		at := i/n*n + int(id)
		if id < 0 || seen[at] {
			t.Fatalf("query %d: row %d is listed twice or does not exist", i/n, id)
		}
		seen[at] = true
		off := float64(r.Score[i]) - want[at]
		if math.Abs(off) > Tolerance*scale[at] {
			t.Errorf("query %d, row %d: score %g, oracle %g", i/n, id, r.Score[i], want[at])
		}
		wrong, total = wrong+off*off, total+want[at]*want[at]
	}
	if wrong > MeanSquared*total {
		t.Errorf("normalised mean squared error is %g", wrong/total)
	}
}

// whole compares with the oracle bit for bit, ties and sums included.
func whole(t *testing.T, d kernels.Device) {
	eachShape(t, func(t *testing.T, q, n, w int, metric kernels.Metric) {
		if metric == kernels.Cosine {
			return // its scores are not whole
		}
		queries, rows := Whole(q, w, 3), Whole(n, w, 4)
		for _, k := range []int{min(n, 3), n} {
			scan := everything(queries, rows, metric, k, 3)
			want, err := oracle(fmt.Sprint("whole ", q, n, w, metric, k), func() (*kernels.Result, error) {
				return ref.New().Scan(context.Background(), kernels.MatrixSource(rows), scan)
			})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, mustScan(t, d, kernels.MatrixSource(rows), scan), want)
		}
	})
}

// equal compares results bit for bit.
func equal(t *testing.T, got, want *kernels.Result) {
	t.Helper()
	if !slices.Equal(got.ID, want.ID) || !slices.Equal(got.WorstID, want.WorstID) {
		t.Errorf("rows differ:\n%v %v\nwant\n%v %v", got.ID, got.WorstID, want.ID, want.WorstID)
	}
	if !slices.Equal(got.Score, want.Score) || !slices.Equal(got.WorstScore, want.WorstScore) {
		t.Errorf("scores differ:\n%v %v\nwant\n%v %v", got.Score, got.WorstScore, want.Score, want.WorstScore)
	}
	if !slices.EqualFunc(got.Sum, want.Sum, slices.Equal[[]int64]) || got.Unit != want.Unit || got.SquareUnit != want.SquareUnit {
		t.Errorf("sums differ:\n%v (units %d, %d)\nwant\n%v (units %d, %d)", got.Sum, got.Unit, got.SquareUnit, want.Sum, want.Unit, want.SquareUnit)
	}
}

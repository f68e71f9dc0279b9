package ref_test

import (
	"context"
	"testing"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
	"attrib/kernels/ref"
)

func TestConformance(t *testing.T) {
	kernelstest.Conformance(t, func(*testing.T) kernels.Device { return ref.New() })
}

// TestByHand holds the oracle itself against numbers worked out by hand.
func TestByHand(t *testing.T) {
	q := kernels.F32(1, 2, []float32{3, 4})
	rows := kernels.MatrixSource(kernels.F32(3, 2, []float32{4, 3, -3, -4, 0, 0}))
	for metric, want := range map[kernels.Metric][3]float64{
		kernels.InnerProduct: {24, -25, 0}, kernels.Cosine: {0.96, -1, 0}, kernels.L2: {-2, -100, -25},
	} {
		got, err := ref.Scores(context.Background(), rows, q, metric)
		if err != nil || [3]float64(got) != want {
			t.Errorf("%v: %v, want %v (error %v)", metric, got, want, err)
		}
	}
	r, err := ref.New().Scan(context.Background(), rows, kernels.Scan{
		Queries: q, K: 2, Worst: 1, Group: []int32{1, 1, -1}, Groups: 2, Unit: -1,
		Reduce: []kernels.Reduce{kernels.Sum, kernels.PositiveSum, kernels.Max, kernels.SumOfSquares},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.ID[0] != 0 || r.ID[1] != 2 || r.WorstID[0] != 1 || r.WorstScore[0] != -25 {
		t.Errorf("lists are %v and %v", r.ID, r.WorstID)
	}
	for i, want := range [][2]int64{{0, -2}, {0, 48}, {kernels.EmptyMax, 48}, {0, 0}} {
		if [2]int64(r.Sum[i]) != want {
			t.Errorf("reduction %d is %v, want %v in 2^−1", i, r.Sum[i], want)
		}
	}
	g, err := ref.New().Gram(context.Background(), rows)
	if err != nil || [4]float64(g.Data) != [4]float64{25, 24, 24, 25} {
		t.Errorf("Gram is %v, error %v", g, err)
	}
}

func TestConformanceFactored(t *testing.T) {
	kernelstest.ConformanceFactored(t, func(*testing.T) kernels.Device { return ref.New() })
}

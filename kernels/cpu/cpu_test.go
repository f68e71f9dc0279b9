package cpu_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
)

var options = []cpu.Options{{}, {Workers: 1, TileBytes: 1}, {Workers: 2, TileBytes: 700}, {Workers: 5, TileBytes: 1 << 20}}

func TestConformance(t *testing.T) {
	for _, o := range options {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			kernelstest.Conformance(t, func(*testing.T) kernels.Device { return cpu.New(o) })
		})
	}
}

// TestSameBits: workers and tiles do not change a bit of scores, sums or Gram.
func TestSameBits(t *testing.T) {
	rows, queries := kernelstest.Random(501, 270, 1), kernelstest.Random(10, 270, 2)
	scan := kernels.Scan{Queries: queries, K: 501, Group: make([]int32, 501), Groups: 1, Unit: kernels.UnitFor(1000, 501),
		Reduce: []kernels.Reduce{kernels.Sum, kernels.SumOfSquares}}
	for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine, kernels.L2} {
		scan.Metric = metric
		var first *kernels.Result
		var gram *kernels.Sym64
		for _, o := range options {
			r, err := cpu.New(o).Scan(context.Background(), kernels.MatrixSource(rows), scan)
			if err != nil {
				t.Fatal(err)
			}
			g, err := cpu.New(o).Gram(context.Background(), kernels.MatrixSource(rows))
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first, gram = r, g
			}
			if !slices.Equal(r.Score, first.Score) || !slices.Equal(r.ID, first.ID) || !slices.Equal(r.Sum[0], first.Sum[0]) || !slices.Equal(r.Sum[1], first.Sum[1]) {
				t.Errorf("%v: %+v gives other bits", metric, o)
			}
			if !slices.Equal(g.Data, gram.Data) {
				t.Errorf("Gram: %+v gives other bits", o)
			}
		}
	}
}

// TestOneQuery: a query alone and in a block of any size has the same bits.
func TestOneQuery(t *testing.T) {
	rows, queries := kernelstest.Random(50, 700, 3), kernelstest.Random(7, 700, 4)
	d := cpu.New(cpu.Options{})
	for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine, kernels.L2} {
		all, err := d.Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: metric, K: 50})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 7 {
			one, err := d.Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: queries.Slice(i, i+1), Metric: metric, K: 50})
			if err != nil || !slices.Equal(one.Score, all.Score[i*50:(i+1)*50]) {
				t.Errorf("%v: query %d alone gives other bits (error %v)", metric, i, err)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	err := cpu.Options{Workers: -1, TileBytes: -2}.Validate()
	if err == nil || !strings.Contains(err.Error(), "Workers is -1") || !strings.Contains(err.Error(), "TileBytes is -2") {
		t.Errorf("options: %v", err)
	}
	half := kernels.Matrix{Rows: 1, Cols: 2, Stride: 2, Type: kernels.TypeBF16, Data: make([]byte, 4)}
	_, err = cpu.New(cpu.Options{}).Scan(context.Background(), kernels.MatrixSource(half), kernels.Scan{Queries: kernelstest.Random(1, 2, 1), K: 1})
	if err == nil || !strings.Contains(err.Error(), "BF16") {
		t.Errorf("BF16 rows: %v", err)
	}
}

package cpu

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/simd"
)

var allMetrics = []kernels.Metric{kernels.InnerProduct, kernels.Cosine, kernels.L2}

// scoresOf gives the q×n scores of a scan that keeps all rows.
func scoresOf(t *testing.T, o Options, rows, queries kernels.Matrix, metric kernels.Metric) []float32 {
	t.Helper()
	r, err := New(o).Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: metric, K: rows.Rows})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, len(r.Score))
	for i, id := range r.ID {
		out[i/rows.Rows*rows.Rows+int(id)] = r.Score[i]
	}
	return out
}

// Every score has the bits of the model, whatever the number of queries, rows and columns, beside fences.
func TestModel(t *testing.T) {
	shapes := [][3]int{{70, 5, 512}, {3, 97, 513}, {33, 13, 511}, {17, 6, 1024}, {1, 200, 1025}, {2, 3, 4095}, {2, 3, 4096},
		{2, 3, 4097}, {1, 2, 20_000}, {5, 7, 255}, {65, 95, 256}, {4, 193, 257}, {130, 3, 40}}
	for w := 1; w <= 20; w++ {
		shapes = append(shapes, [3]int{1 + w*7%66, 1 + w*29%101, w})
	}
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for i, s := range shapes {
			rnd := stream(uint64(i))
			rows, queries := matrix(rnd, s[1], s[2], i%3), matrix(rnd, s[0], s[2], i%2)
			near := fencing(t, i%2 == 0)
			rows.Data = kernels.Bytes(near.floats(rows.Floats()[:(s[1]-1)*rows.Stride+s[2]]))
			for _, metric := range allMetrics {
				got := scoresOf(t, Options{Path: p, Workers: 2}, rows, queries, metric)
				var want []float32
				for q := range s[0] {
					for g := range s[1] {
						want = append(want, modelScore(queries.Row(q), rows.Row(g), metric))
					}
				}
				sameBits(t, fmt.Sprint(s, metric), got, want)
			}
		}
	})
}

// Rows of extreme length have the cosine that they have at a moderate one: a power of two changes no bit.
func TestExtremeNorms(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		rows, queries := matrix(stream(1), 100, 33, 0), matrix(stream(2), 5, 33, 0)
		want := scoresOf(t, Options{Path: p}, rows, queries, kernels.Cosine)
		for i := range rows.Rows {
			for k, x := range rows.Row(i) {
				rows.Row(i)[k] = float32(math.Ldexp(float64(x), []int{0, 100, -90, 124}[i%4]))
			}
		}
		sameBits(t, "scaled rows", scoresOf(t, Options{Path: p}, rows, queries, kernels.Cosine), want)
	})
}

// everything asks for lists and all reductions; some rows are in no group, some are left out.
func everything(queries kernels.Matrix, n, k int, metric kernels.Metric) kernels.Scan {
	scan := kernels.Scan{Queries: queries, Metric: metric, K: k, Worst: k + 1, Groups: 7, Unit: kernels.UnitFor(5000, int64(n)),
		Reduce: []kernels.Reduce{kernels.Max, kernels.Sum, kernels.SumOfSquares, kernels.PositiveSum}}
	rnd := stream(99)
	for range n {
		scan.Group = append(scan.Group, int32(rnd.Intn(8))-1)
	}
	for range queries.Rows {
		scan.Exclude = append(scan.Exclude, int64(rnd.Intn(n+1))-1)
	}
	return scan
}

// Lists and sums are those of the scores, on both sides of the number of rows from which integers are made in vectors;
// workers, tiles and vector paths do not change them.
func TestFold(t *testing.T) {
	for _, n := range []int{1, 95, 97, 1000, 1<<13 - 1, 1 << 13, 10_007} {
		for _, metric := range allMetrics {
			rows, queries := matrix(stream(5), n, 9, 1), matrix(stream(6), 1+n%70, 9, 0)
			scan := everything(queries, n, min(n-1, 13), metric)
			var want *kernels.Result
			for _, p := range simd.Available() {
				if units[p] == nil {
					continue
				}
				for _, o := range []Options{{Workers: 1}, {Workers: 3, TileBytes: 4000}, {}} {
					o.Path = p
					got, err := New(o).Scan(context.Background(), kernels.MatrixSource(rows), scan)
					if err != nil {
						t.Fatal(err)
					}
					if want == nil {
						want = modelFold(scan, scoresOf(t, o, rows, queries, metric), n)
					}
					if !slices.Equal(got.ID, want.ID) || !slices.Equal(got.WorstID, want.WorstID) {
						t.Fatalf("%v, %d rows, %+v: other rows", metric, n, o)
					}
					sameBits(t, "scores", got.Score, want.Score)
					sameBits(t, "worst scores", got.WorstScore, want.WorstScore)
					for k := range want.Sum {
						if !slices.Equal(got.Sum[k], want.Sum[k]) {
							t.Fatalf("%v, %d rows, %+v: other %v", metric, n, o, scan.Reduce[k])
						}
					}
				}
			}
		}
	}
}

// modelFold is plain Go's way with scores, one query after the other.
func modelFold(scan kernels.Scan, scores []float32, n int) *kernels.Result {
	p := newPartial(&scan, int64(n))
	for q := range scan.Queries.Rows {
		for lo := 0; lo < n; lo += panelRows {
			hi := min(lo+panelRows, n)
			if err := p.fold(q, int64(lo), scores[q*n+lo:q*n+hi]); err != nil {
				panic(err)
			}
		}
	}
	return (&plain{scan: &scan, workers: []*partial{p}}).result()
}

// The error is that of the lowest row, and of its lowest query; left-out pairs and rows without a group have none.
func TestErrors(t *testing.T) {
	const n, w = 300, 6
	rows, queries := matrix(stream(1), n, w, 0), matrix(stream(2), 70, w, 0)
	inf := float32(math.Inf(1))
	set := func(row int, x float32) func() {
		old := slices.Clone(rows.Row(row))
		for k := range w {
			rows.Row(row)[k] = x
		}
		return func() { copy(rows.Row(row), old) }
	}
	queries.Row(3)[1], queries.Row(66)[1] = 1e20, 1e20
	scan := everything(queries, n, 3, kernels.InnerProduct)
	scan.Exclude = nil
	scan.Group[100], scan.Group[102], scan.Group[120] = 0, -1, 0
	scan.Unit = kernels.UnitFor(1e22, n)
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for _, o := range []Options{{Path: p, Workers: 1}, {Path: p, Workers: 2, TileBytes: 1}, {Path: p, Workers: 2, TileBytes: 5000}} {
			fails := func(want error) {
				t.Helper()
				_, err := New(o).Scan(context.Background(), kernels.MatrixSource(rows), scan)
				if want == nil && err != nil || want != nil && (err == nil || err.Error() != want.Error()) {
					t.Errorf("%+v: error %v, want %v", o, err, want)
				}
			}
			fails(nil)
			undo := set(100, 1e25) // too large for float32 with queries 3 and 66, for the unit with all others
			var fit, first error
			for q := 69; q >= 0; q-- {
				s := modelScore(queries.Row(q), rows.Row(100), kernels.InnerProduct)
				if _, ok := kernels.NewRounder(scan.Unit, n).Linear(s); !ok {
					fit = kernels.UnitOverflow(q, 100, s, scan.Unit)
					if math.IsInf(float64(s), 0) {
						fit = kernels.ScoreOverflow(q, 100)
					}
					first = fit
				}
			}
			fails(first)
			again := set(101, inf)
			fails(first)
			undo()
			fails(kernels.NonFinite(101))
			again()
			undo = set(102, 1e16) // in no group: only float32 must hold the scores
			fails(nil)
			undo()
			undo = set(120, 1e30)
			scan.Exclude = make([]int64, 70)
			for q := range scan.Exclude {
				scan.Exclude[q] = 120
			}
			fails(nil)
			again = set(120, inf)
			fails(kernels.NonFinite(120))
			again()
			undo()
			scan.Exclude = nil
		}
	})
}

// Multiply hands out the scores of Scan and names what Scan names.
func TestMultiply(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		rows, queries := matrix(stream(1), 333, 21, 2), matrix(stream(2), 67, 21, 0)
		for _, o := range []Options{{Path: p, Workers: 1}, {Path: p, Workers: 2, TileBytes: 9000}} {
			d := New(o).(kernels.Multiplier)
			got := make([]float32, 67*333)
			err := d.Multiply(context.Background(), kernels.MatrixSource(rows), queries, kernels.Cosine, func(row0 int64, scores kernels.Matrix) error {
				for q := range 67 {
					copy(got[q*333+int(row0):], scores.Row(q))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			sameBits(t, o, got, scoresOf(t, o, rows, queries, kernels.Cosine))
		}
		rows.Row(200)[20] = float32(math.NaN())
		err := New(Options{Path: p}).(kernels.Multiplier).Multiply(context.Background(), kernels.MatrixSource(rows), queries, 0,
			func(int64, kernels.Matrix) error { return nil })
		var bad *kernels.RowError
		if !errors.As(err, &bad) || bad.Row != 200 {
			t.Errorf("error %v does not name row 200", err)
		}
	})
}

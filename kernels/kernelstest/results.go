package kernelstest

import (
	"context"
	"math"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/ref"
)

// lists checks order, ties and every K against the device's own complete list.
func lists(t *testing.T, d kernels.Device) {
	const q, n, w = 5, 130, 40
	for _, metric := range metrics {
		for _, rows := range []kernels.Matrix{Random(n, w, 5), faint(n, w), Whole(n, 2, 6), constant(n, 3)} {
			queries := Whole(q, rows.Cols, 7)
			src := kernels.MatrixSource(rows)
			all := mustScan(t, d, src, kernels.Scan{Queries: queries, Metric: metric, K: n, Worst: n})
			checkOrder(t, all, q, n)
			for _, k := range []int{0, 1, 2, 10, n - 1} {
				r := mustScan(t, d, src, kernels.Scan{Queries: queries, Metric: metric, K: k, Worst: n - k})
				for i := range q {
					prefix(t, r.ID, all.ID, r.Score, all.Score, i, k, n)
					prefix(t, r.WorstID, all.WorstID, r.WorstScore, all.WorstScore, i, n-k, n)
				}
			}
			checkRanks(t, all, src, queries, metric)
		}
	}
}

// faint rows score so close together that only exact comparisons keep them in order.
func faint(n, w int) kernels.Matrix {
	m := Random(n, w, 25)
	for i, x := range m.Floats() {
		m.Floats()[i] = x * 1e-6
	}
	return m
}

func constant(n, w int) kernels.Matrix {
	v := make([]float32, n*w)
	for i := range v {
		v[i] = 1
	}
	return kernels.F32(n, w, v)
}

func prefix(t *testing.T, id, allID []int64, score, allScore []float32, i, k, n int) {
	t.Helper()
	if len(id)%k1(k) != 0 || !slices.Equal(id[i*k:(i+1)*k], allID[i*n:i*n+k]) || !slices.Equal(score[i*k:(i+1)*k], allScore[i*n:i*n+k]) {
		t.Errorf("query %d: the list of %d is not the start of the list of %d", i, k, n)
	}
}

func k1(k int) int { return max(k, 1) }

func checkOrder(t *testing.T, r *kernels.Result, q, n int) {
	t.Helper()
	for i := range q {
		for j := i*n + 1; j < (i+1)*n; j++ {
			if r.Score[j] > r.Score[j-1] || (r.Score[j] == r.Score[j-1] && r.ID[j] < r.ID[j-1]) {
				t.Errorf("query %d: place %d (row %d, %g) is ahead of place %d", i, j-i*n, r.ID[j], r.Score[j], j-1-i*n)
			}
			if r.WorstScore[j] < r.WorstScore[j-1] || (r.WorstScore[j] == r.WorstScore[j-1] && r.WorstID[j] < r.WorstID[j-1]) {
				t.Errorf("query %d: worst place %d (row %d, %g) is ahead of place %d", i, j-i*n, r.WorstID[j], r.WorstScore[j], j-1-i*n)
			}
		}
	}
}

// checkRanks: the row at each rank scores, by the oracle, what the oracle's row at that rank scores.
func checkRanks(t *testing.T, r *kernels.Result, src kernels.Source, queries kernels.Matrix, metric kernels.Metric) {
	t.Helper()
	full, err := ref.Scores(context.Background(), src, queries, metric)
	if err != nil {
		t.Fatal(err)
	}
	n := int(src.Len())
	for i := range queries.Rows {
		mine := full[i*n : (i+1)*n]
		sorted := slices.Clone(mine)
		slices.Sort(sorted)
		for j := range n {
			if got, want := mine[r.ID[i*n+j]], sorted[n-1-j]; math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
				t.Errorf("query %d, rank %d: row %d scores %g, the oracle's row there %g", i, j, r.ID[i*n+j], got, want)
			}
		}
	}
}

// sums recomputes every reduction from the device's own scores, exactly.
func sums(t *testing.T, d kernels.Device) {
	const q, n, w, count = 4, 210, 19, 7
	for _, metric := range metrics {
		queries, rows := Random(q, w, 8), Random(n, w, 9)
		scan := everything(queries, rows, metric, n, count+1) // the last group stays empty
		for i, g := range scan.Group {
			scan.Group[i] = min(g, count-1)
		}
		r := mustScan(t, d, kernels.MatrixSource(rows), scan)
		want := make([][]int64, 4)
		for i := range want {
			want[i] = make([]int64, q*(count+1))
		}
		for i := range want[2] {
			want[2][i] = kernels.EmptyMax
		}
		for i, id := range r.ID {
			if g := scan.Group[id]; g >= 0 {
				at, s := i/n*(count+1)+int(g), float64(r.Score[i])
				v := int64(math.RoundToEven(math.Ldexp(s, -scan.Unit)))
				want[0][at] += int64(math.RoundToEven(math.Ldexp(s*s, -r.SquareUnit)))
				want[1][at] += v
				want[2][at] = max(want[2][at], v)
				want[3][at] += max(v, 0)
			}
		}
		for k := range want {
			if !slices.Equal(r.Sum[k], want[k]) {
				t.Errorf("%v: %v is %v, want %v", metric, scan.Reduce[k], r.Sum[k], want[k])
			}
			if k < 2 && slices.Max(want[k]) == slices.Min(want[k]) {
				t.Fatalf("%v: the test's sums are all the same", scan.Reduce[k])
			}
		}
	}
}

// zeroNorm: a cosine with a row or query of zeros is 0; lengths do not matter otherwise.
func zeroNorm(t *testing.T, d kernels.Device) {
	queries := kernels.F32(3, 3, []float32{0, 0, 0, 3e-20, 4e-20, 0, 3e18, 4e18, 0})
	rows := kernels.F32(3, 3, []float32{6e-25, 8e-25, 0, 0, 0, 0, -3, -4, 0})
	r := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: kernels.Cosine, K: 3})
	if want := []int64{0, 1, 2, 0, 1, 2, 0, 1, 2}; !slices.Equal(r.ID, want) {
		t.Errorf("rows %v, want %v", r.ID, want)
	}
	for i, want := range []float64{0, 0, 0, 1, 0, -1, 1, 0, -1} {
		if math.Abs(float64(r.Score[i])-want) > 1e-6 {
			t.Errorf("score %d is %g, want %g", i, r.Score[i], want)
		}
	}
}

// nearDuplicates: the distance of a row to itself is 0 and no distance is negative.
func nearDuplicates(t *testing.T, d kernels.Device) {
	rows := Random(20, 300, 10)
	r := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: rows, Metric: kernels.L2, K: 1})
	for i := range rows.Rows {
		if math.Abs(float64(r.Score[i])) > Tolerance*400 || r.ID[i] != int64(i) {
			t.Errorf("row %d is nearest to row %d at %g", i, r.ID[i], r.Score[i])
		}
	}
}

// exclude leaves one row per query out of lists and sums.
func exclude(t *testing.T, d kernels.Device) {
	rows := Whole(101, 9, 11)
	scan := everything(rows.Slice(0, 7), rows, kernels.InnerProduct, 101, 2)
	scan.Exclude = []int64{0, 1, -1, 100, 50, 95, 96}
	r := mustScan(t, d, kernels.MatrixSource(rows), scan)
	equal(t, r, mustScan(t, ref.New(), kernels.MatrixSource(rows), scan))
	for q, row := range scan.Exclude {
		list := r.ID[q*101 : (q+1)*101]
		if row >= 0 && (slices.Contains(list, row) || list[100] != -1) {
			t.Errorf("query %d: row %d is listed, or the list of 100 is not padded: %v", q, row, list)
		}
	}
}

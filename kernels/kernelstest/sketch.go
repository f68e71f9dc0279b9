package kernelstest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/ref"
)

// SketchDevice is a device that scans by way of a sketch.
type SketchDevice interface {
	kernels.Device
	kernels.SketchScanner
}

// Sketches runs the suite for scans by way of a sketch. open is called once per subtest and may give the same device
// again.
func Sketches(t *testing.T, open func(t *testing.T) SketchDevice) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, SketchDevice)
	}{
		{"scores", sketchScores}, {"oracle", sketchOracle}, {"recall", sketchRecall}, {"ties", sketchTies}, {"exclude", sketchExclude},
		{"reads", sketchReads}, {"types", sketchTypes}, {"bad-scan", sketchBadScan}, {"bad-rows", sketchBadRows}, {"cancel", sketchCancel},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open(t)) })
	}
}

// encoded is the sketch of rows, with other numbers between Cols and Stride.
func encoded(t *testing.T, rows kernels.Matrix) kernels.Matrix {
	t.Helper()
	m, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		t.Fatal(err)
	}
	gap := m.Cols % 3
	out := kernels.Matrix{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols + gap, Type: m.Type, Scale: m.Scale}
	for i := range m.Rows {
		out.Data = append(out.Data, m.Data[i*m.Stride:i*m.Stride+m.Cols]...)
		for range gap {
			out.Data = append(out.Data, 0x7f)
		}
	}
	return out
}

func mustSketch(t *testing.T, d kernels.SketchScanner, rows kernels.Matrix, scan kernels.Scan, candidates int) *kernels.Result {
	t.Helper()
	r, err := d.ScanSketch(context.Background(), kernels.MatrixSource(encoded(t, rows)), kernels.MatrixSource(rows), scan, kernels.SketchOptions{Candidates: candidates})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sketchShapes are q, n, w around the blocks of kernels, and every rest of a width by 8.
func sketchShapes() (out [][3]int) {
	for w := 1; w <= 20; w++ {
		out = append(out, [3]int{1 + w%7, 40 + w, w})
	}
	return append(out, [][3]int{{3, 1, 5}, {2, 2, 9}, {64, 191, 31}, {65, 192, 32}, {17, 193, 33}, {33, 385, 63}, {49, 200, 64}, {5, 97, 255},
		{5, 97, 256}, {5, 97, 257}, {130, 50, 100}, {4, 30, 2049}, {2, 20, 65_543}}...)
}

// sketchScores: every listed row has the bits of its score in a scan, and lists are in order.
func sketchScores(t *testing.T, d SketchDevice) {
	for _, s := range sketchShapes() {
		t.Run(fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), func(t *testing.T) {
			q, n := s[0], s[1]
			queries, rows := Random(q, s[2], 60), Random(n, s[2], 61)
			all := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, K: n, Worst: n})
			for _, c := range [][2]int{{n, 0}, {(n + 1) / 2, n - 1}, {min(n, 3), 0}, {1, 1}} {
				k := c[0]
				r := mustSketch(t, d, rows, kernels.Scan{Queries: queries, K: k, Worst: k}, c[1])
				checkSketch(t, r, all, q, n, k)
				if k == n {
					equal(t, r, all)
				}
			}
			only := mustSketch(t, d, rows, kernels.Scan{Queries: queries, Worst: 1}, 0)
			if len(only.ID) != 0 || len(only.WorstID) != q {
				t.Errorf("only the worst row is asked for: %d best and %d worst", len(only.ID), len(only.WorstID))
			}
		})
	}
}

func checkSketch(t *testing.T, r, all *kernels.Result, q, n, k int) {
	t.Helper()
	if len(r.ID) != q*k || len(r.Score) != q*k || len(r.WorstID) != q*k || len(r.WorstScore) != q*k {
		t.Fatalf("lists of %d, %d, %d, %d for %d queries of %d", len(r.ID), len(r.Score), len(r.WorstID), len(r.WorstScore), q, k)
	}
	checkOrder(t, r, q, k)
	for i := range q {
		score := map[int64]float32{}
		for j := range n {
			score[all.ID[i*n+j]] = all.Score[i*n+j]
		}
		seen := map[int64]bool{}
		for j := i * k; j < (i+1)*k; j++ {
			if math.Float32bits(score[r.ID[j]]) != math.Float32bits(r.Score[j]) || math.Float32bits(score[r.WorstID[j]]) != math.Float32bits(r.WorstScore[j]) {
				t.Fatalf("query %d: rows %d and %d have %g and %g, a scan gives %g and %g", i, r.ID[j], r.WorstID[j], r.Score[j], r.WorstScore[j], score[r.ID[j]], score[r.WorstID[j]])
			}
			if seen[r.ID[j]] {
				t.Fatalf("query %d: row %d is listed twice", i, r.ID[j])
			}
			seen[r.ID[j]] = true
		}
	}
}

// spaced rows are multiples of one vector of signs, far enough apart for bytes to tell, in random order.
func spaced(n, w int) kernels.Matrix {
	m, place := Random(n, w, 62), make([]int, n)
	philox.New([32]byte{8}, 0).Perm(place)
	for i := range n {
		for k := range w {
			m.Row(i)[k] = float32(math.Ldexp(float64(1-2*(k%2)), -16)) * float32(place[i]-n/2)
		}
	}
	return m
}

// sketchOracle: where bytes tell rows apart, the lists are the oracle's.
func sketchOracle(t *testing.T, d SketchDevice) {
	for _, s := range [][3]int{{3, 500, 8}, {20, 193, 3}, {1, 1000, 130}} {
		rows, queries := spaced(s[1], s[2]), Whole(s[0], s[2], 63)
		for i := range s[0] {
			queries.Row(i)[0] = float32(5 + i)
		}
		scan := kernels.Scan{Queries: queries, K: 9, Worst: 7}
		got, want := mustSketch(t, d, rows, scan, 12), mustSketch(t, ref.New().(kernels.SketchScanner), rows, scan, 12)
		if !slices.Equal(got.ID, want.ID) || !slices.Equal(got.WorstID, want.WorstID) {
			t.Errorf("rows %v and %v, the oracle has %v and %v", got.ID, got.WorstID, want.ID, want.WorstID)
		}
		truth := mustScan(t, ref.New(), kernels.MatrixSource(rows), scan)
		if !slices.Equal(want.ID, truth.ID) || !slices.Equal(want.WorstID, truth.WorstID) {
			t.Errorf("the oracle's sketch finds %v, its scan %v", want.ID, truth.ID)
		}
	}
}

// sketchRecall: of random rows, the default finds all but one in a thousand.
func sketchRecall(t *testing.T, d SketchDevice) {
	for _, s := range [][4]int{{64, 5000, 64, 10}, {30, 3000, 300, 1}, {10, 2000, 100, 100}} {
		rows, queries := Random(s[1], s[2], 64), Random(s[0], s[2], 65)
		scan := kernels.Scan{Queries: queries, K: s[3], Worst: s[3]}
		want, got := mustScan(t, d, kernels.MatrixSource(rows), scan), mustSketch(t, d, rows, scan, 0)
		for _, lists := range [][2][]int64{{got.ID, want.ID}, {got.WorstID, want.WorstID}} {
			missed := 0
			for i, id := range lists[1] {
				from := i / s[3] * s[3]
				if !slices.Contains(lists[0][from:from+s[3]], id) {
					missed++
				}
			}
			if missed*1000 > len(lists[1]) {
				t.Errorf("%v: %d of %d rows are missed", s, missed, len(lists[1]))
			}
		}
		if got.Ops <= want.Ops {
			t.Errorf("%d operations are stated, for a scan %d", got.Ops, want.Ops)
		}
	}
}

// sketchTies: equal rows, rows of zeros and a query of zeros, the lower row first.
func sketchTies(t *testing.T, d SketchDevice) {
	for _, rows := range []kernels.Matrix{constant(500, 7), kernels.F32(500, 7, make([]float32, 3500))} {
		queries := kernels.F32(3, 7, make([]float32, 21))
		queries.Row(1)[3], queries.Row(2)[0] = 2, -1
		scan := kernels.Scan{Queries: queries, K: 40, Worst: 30}
		equal(t, mustSketch(t, d, rows, scan, 50), mustScan(t, d, kernels.MatrixSource(rows), scan))
	}
}

// sketchExclude leaves one row per query out, also the best one.
func sketchExclude(t *testing.T, d SketchDevice) {
	rows := Random(300, 40, 66)
	scan := kernels.Scan{Queries: rows.Slice(0, 20), K: 4, Worst: 4, Exclude: make([]int64, 20)}
	for i := range scan.Exclude {
		scan.Exclude[i] = int64(i) - int64(i%5/4)*int64(i+1)
	}
	equal(t, mustSketch(t, d, rows, scan, 100), mustScan(t, d, kernels.MatrixSource(rows), scan))
	two := rows.Slice(0, 2)
	scan = kernels.Scan{Queries: two, K: 1, Worst: 1, Exclude: []int64{0, 1}}
	equal(t, mustSketch(t, d, two, scan, 1), mustScan(t, d, kernels.MatrixSource(two), scan))
}

// sketchReads: exact rows are read for candidates alone.
func sketchReads(t *testing.T, d SketchDevice) {
	rows, queries := Random(3000, 16, 67), Random(5, 16, 68)
	var read atomic.Int64
	exact := &source{Source: kernels.MatrixSource(rows), copies: true, before: func(_ int64, n int) error {
		read.Add(int64(n))
		return nil
	}}
	scan := kernels.Scan{Queries: queries, K: 3, Worst: 2}
	r, err := d.ScanSketch(context.Background(), kernels.MatrixSource(encoded(t, rows)), exact, scan, kernels.SketchOptions{Candidates: 20})
	if err != nil {
		t.Fatal(err)
	}
	if n := read.Load(); n == 0 || n > 5*2*20 {
		t.Errorf("%d rows are read for 5 queries with two lists of 20 candidates", n)
	}
	if want := 3000*16 + read.Load()*64; r.Bytes != want {
		t.Errorf("%d bytes are stated, want %d", r.Bytes, want)
	}
}

// sketchTypes: the exact rows may be of any type, or factored.
func sketchTypes(t *testing.T, d SketchDevice) {
	plain, queries := Random(400, 23, 69), Random(6, 23, 70)
	scan := kernels.Scan{Queries: queries, K: 5}
	for _, kind := range []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
		rows, err := kernels.Encode(kind, plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.ScanSketch(context.Background(), kernels.MatrixSource(encoded(t, plain)), kernels.MatrixSource(rows), scan, kernels.SketchOptions{Candidates: 60})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, mustScan(t, d, kernels.MatrixSource(rows), scan))
	}
	f := newFactors(77)
	got, err := d.ScanSketch(context.Background(), kernels.MatrixSource(encoded(t, f.flat())), f, scan, kernels.SketchOptions{Candidates: 40})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, mustScan(t, d, f, scan))
}

// sketchBadScan: every violation is named, several at once.
func sketchBadScan(t *testing.T, d SketchDevice) {
	rows, q := Random(9, 4, 71), Random(2, 4, 72)
	small := encoded(t, rows)
	try := func(sketch, exact kernels.Matrix, scan kernels.Scan, candidates int, texts ...string) {
		t.Helper()
		_, err := d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(exact), scan, kernels.SketchOptions{Candidates: candidates})
		wantError(t, err, nil, texts...)
	}
	try(small, rows, kernels.Scan{Queries: q, K: 10}, 0, "K is 10", "9 rows")
	try(small, rows, kernels.Scan{Queries: q}, 0, "nothing is asked for")
	try(small, rows, kernels.Scan{Queries: q, K: 5}, 4, "Candidates is 4", "5 rows")
	try(small, rows, kernels.Scan{Queries: q, Worst: 5, Metric: kernels.L2}, -1, "Candidates is -1", "Metric is l2")
	try(small, rows, kernels.Scan{Queries: q, K: 1, Reduce: []kernels.Reduce{kernels.Sum}, Group: make([]int32, 9), Groups: 1}, 0, "Reduce")
	try(small.Slice(0, 8), rows, kernels.Scan{Queries: q, K: 1}, 0, "8 rows", "9")
	try(encoded(t, Random(9, 3, 73)), rows, kernels.Scan{Queries: q, K: 1}, 0, "width 3", "width 4")
	try(rows, rows, kernels.Scan{Queries: q, K: 1}, 0, "I8", "F32")
	try(small.Slice(0, 0), rows.Slice(0, 0), kernels.Scan{Queries: q, K: 1}, 0, kernels.ErrEmptySource.Error())
}

// sketchBadRows: a candidate that is not finite, a score that does not fit and a scale that is not usable are named.
func sketchBadRows(t *testing.T, d SketchDevice) {
	rows, queries := spaced(500, 6), kernels.F32(2, 6, []float32{1, -1, 1, -1, 1, -1, 2, -2, 2, -2, 2, -2})
	small := encoded(t, rows)
	best := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, K: 2})
	try := func(sketch, exact kernels.Matrix) error {
		_, err := d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(exact), kernels.Scan{Queries: queries, K: 2}, kernels.SketchOptions{})
		return err
	}
	broken := spaced(500, 6)
	broken.Row(int(best.ID[1]))[2] = float32(math.NaN())
	wantRow(t, try(small, broken), best.ID[1])
	huge := spaced(500, 6)
	for k := range 6 {
		huge.Row(int(best.ID[0]))[k] *= float32(math.Inf(1)) // rows of spaced are not 0 there
		huge.Row(int(best.ID[0]))[k] = float32(math.Copysign(3e37, float64(huge.Row(int(best.ID[0]))[k])))
	}
	wantError(t, try(small, huge), kernels.ErrOverflow, "query 1", fmt.Sprintf("row %d", best.ID[0]))
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e30} {
		scales := small
		scales.Scale = slices.Clone(small.Scale)
		scales.Scale[400], scales.Scale[333] = bad, bad
		wantRow(t, try(scales, rows), 333)
	}
}

// sketchCancel: a context that ends before or during either pass ends the scan.
func sketchCancel(t *testing.T, d SketchDevice) {
	rows, queries := Random(4000, 16, 74), Random(3, 16, 75)
	small := kernels.MatrixSource(encoded(t, rows))
	for part := range 3 {
		ctx, stop := context.WithCancel(context.Background())
		ends := func(int64, int) error { stop(); return nil }
		sketch, exact := &source{Source: small}, &source{Source: kernels.MatrixSource(rows)}
		switch part {
		case 0:
			stop()
		case 1:
			sketch.before = ends
		default:
			exact.before = ends
		}
		_, err := d.ScanSketch(ctx, sketch, exact, kernels.Scan{Queries: queries, K: 1}, kernels.SketchOptions{})
		wantError(t, err, context.Canceled)
		stop()
	}
	broken := &source{Source: kernels.MatrixSource(rows), before: func(int64, int) error { return errPlanted }}
	_, err := d.ScanSketch(context.Background(), small, broken, kernels.Scan{Queries: queries, K: 1}, kernels.SketchOptions{})
	wantError(t, err, errPlanted)
}

package kernelstest

import (
	"context"
	"math"
	"testing"

	"attrib/kernels"
)

// factoredBadRows: the lowest row that is not finite is named, in whichever factor and wherever it stands.
func factoredBadRows(t *testing.T, d kernels.FactoredScanner) {
	layers := []kernels.FactorDims{{In: 5, Out: 3, Positions: 1}, {In: 20, Out: 20, Positions: 3}, {In: 2, Out: 4, Positions: 3}}
	for _, n := range []int{1, 7, 500} {
		for _, first := range []int{0, n / 2, n - 1} {
			for at, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				g := factoredRows(n, layers, 7, Random)
				for i := first; i < n; i += 3 {
					p := layers[at].Positions
					(*[2]kernels.Matrix)([]kernels.Matrix{g.A[at], g.D[at]})[i%2].Row(i*p + i%p)[i%2] = bad
				}
				for _, q := range []int{1, 70} {
					for _, metric := range factoredMetrics {
						_, err := d.ScanFactored(context.Background(), g.Source(), factoredRows(q, layers, 8, Random), kernels.Scan{K: 1, Metric: metric})
						wantRow(t, err, int64(first))
					}
				}
			}
		}
	}
}

// factoredBadScan: every violation is named.
func factoredBadScan(t *testing.T, d kernels.FactoredScanner) {
	layers := []kernels.FactorDims{{In: 5, Out: 3, Positions: 1}, {In: 2, Out: 4, Positions: 3}}
	rows, q := factoredRows(6, layers, 1, Random), factoredRows(2, layers, 2, Random)
	try := func(s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan, is error, texts ...string) {
		t.Helper()
		_, err := d.ScanFactored(context.Background(), s, q, scan)
		wantError(t, err, is, texts...)
	}
	top := kernels.Scan{K: 1}
	try(kernels.MatrixSource(Random(6, 23, 1)), q, top, nil, "the rows are flat", "rows have 0")
	try(rows.Source(), q, kernels.Scan{}, nil, "nothing is asked for")
	try(rows.Source(), q, kernels.Scan{K: 7, Worst: -1, Metric: kernels.L2}, nil, "K is 7", "Worst is -1", "l2")
	try(rows.Source(), q, kernels.Scan{K: 1, Queries: Random(2, 23, 1)}, nil, "field Queries", "2×23")
	try(rows.Source(), kernels.FactoredQueries{}, top, kernels.ErrNoQueries)
	try(slicedRows(rows, 0, 0).Source(), q, top, kernels.ErrEmptySource)
	try(rows.Source(), slicedLayers(q, 1), top, nil, "1 layers", "rows have 2")
	try(rows.Source(), factoredRows(2, []kernels.FactorDims{layers[0], {In: 4, Out: 2, Positions: 3}}, 3, Random), top, nil, "layer 1", "2×4", "4×2")
	short := q
	short.A = []kernels.Matrix{q.A[0], q.A[1].Slice(0, 5)}
	try(rows.Source(), short, top, nil, "layer 1", "activations", "5×2", "6×2")
	try(rows.Source(), q, kernels.Scan{K: 1, Exclude: []int64{0}}, nil, "1 entries for 2 queries")
	try(rows.Source(), q, kernels.Scan{Reduce: []kernels.Reduce{kernels.Sum}, Group: make([]int32, 5), Groups: 1}, nil, "5 entries for 6 rows")
	broken := factoredRows(3, layers, 4, Random)
	broken.D[1].Row(7)[3] = float32(math.NaN())
	try(rows.Source(), broken, top, nil, "query 2", "NaN")
	try(&lying{rows.Source()}, q, top, nil, "layer 1", "×2 numbers", "3 positions")
}

func slicedLayers(f kernels.FactoredQueries, n int) kernels.FactoredQueries {
	return kernels.FactoredQueries{Rows: f.Rows, Factors: f.Factors[:n], A: f.A[:n], D: f.D[:n]}
}

// lying gives one line too few.
type lying struct{ kernels.Source }

func (s *lying) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	err := s.Source.Read(ctx, row0, t)
	t.A[1] = t.A[1].Slice(0, t.A[1].Rows-1)
	return err
}

// factoredOverflow: a score that float32 or the unit cannot hold is an error.
func factoredOverflow(t *testing.T, d kernels.FactoredScanner) {
	layers := []kernels.FactorDims{{In: 2, Out: 2, Positions: 1}}
	ones := func(rows, cols int, _ uint64) kernels.Matrix { return constant(rows, cols) }
	q, g := factoredRows(1, layers, 1, ones), factoredRows(4, layers, 2, ones)
	scan := kernels.Scan{Reduce: []kernels.Reduce{kernels.Sum}, Group: make([]int32, 4), Groups: 1, Unit: kernels.UnitFor(4, 4)}
	if r := mustScanFactored(t, d, g.Source(), q, scan); math.Ldexp(float64(r.Sum[0][0]), scan.Unit) != 16 {
		t.Errorf("sum is %d in 2^%d, want 16", r.Sum[0][0], scan.Unit)
	}
	scan.Unit -= 2
	_, err := d.ScanFactored(context.Background(), g.Source(), q, scan)
	wantError(t, err, kernels.ErrOverflow, "row 0", "UnitFor")
	g.A[0].Row(2)[0], g.D[0].Row(2)[1] = 1e30, 1e30
	_, err = d.ScanFactored(context.Background(), g.Source(), q, kernels.Scan{K: 1})
	wantError(t, err, kernels.ErrOverflow, "row 2", "query 0")
}

// factoredCancel: a context that has ended ends a scan.
func factoredCancel(t *testing.T, d kernels.FactoredScanner) {
	s := factoredShapes[3]
	q, g := s.make(Random)
	done, stop := context.WithCancel(context.Background())
	stop()
	_, err := d.ScanFactored(done, g.Source(), q, kernels.Scan{K: 1})
	wantError(t, err, context.Canceled)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_, err = d.ScanFactored(ctx, &source{Source: g.Source(), before: func(int64, int) error { stop(); return nil }}, q, kernels.Scan{K: 1})
	wantError(t, err, context.Canceled)
	broken := &source{Source: g.Source(), before: func(row0 int64, rows int) error {
		if row0+int64(rows) > 200 {
			return errPlanted
		}
		return nil
	}}
	_, err = d.ScanFactored(context.Background(), broken, q, kernels.Scan{K: 1})
	wantError(t, err, errPlanted)
}

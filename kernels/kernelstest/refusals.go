package kernelstest

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"attrib/kernels"
)

func wantError(t *testing.T, err, is error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", texts)
		return
	}
	if is != nil && !errors.Is(err, is) {
		t.Errorf("error %q is not %q", err, is)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// badScan: every violation is named, several at once.
func badScan(t *testing.T, d kernels.Device) {
	rows := kernels.MatrixSource(Random(5, 4, 40))
	q := Random(2, 4, 41)
	try := func(scan kernels.Scan, is error, texts ...string) {
		t.Helper()
		_, err := d.Scan(context.Background(), rows, scan)
		wantError(t, err, is, texts...)
	}
	sum := []kernels.Reduce{kernels.Sum}
	try(kernels.Scan{Queries: q}, nil, "nothing is asked for")
	try(kernels.Scan{Queries: q, K: 6}, nil, "K is 6", "5 rows")
	try(kernels.Scan{Queries: q, Worst: 6, K: -1}, nil, "Worst is 6", "K is -1")
	try(kernels.Scan{Queries: Random(2, 3, 42), K: 1}, nil, "width 3", "width 4")
	try(kernels.Scan{Queries: Random(0, 4, 42), K: 1}, kernels.ErrNoQueries)
	try(kernels.Scan{Queries: q, K: 1, Metric: 9}, nil, "Metric(9)")
	try(kernels.Scan{Queries: q, Reduce: sum, Group: make([]int32, 4), Groups: 1}, nil, "4 entries for 5 rows")
	try(kernels.Scan{Queries: q, Reduce: sum, Group: []int32{0, 1, 2, -1, 0}, Groups: 2}, nil, "Group[2] is 2")
	try(kernels.Scan{Queries: q, Reduce: sum, Group: []int32{0, -2, 0, 0, 0}, Groups: 2, K: 7}, nil, "Group[1] is -2", "K is 7")
	try(kernels.Scan{Queries: q, Reduce: sum, Group: make([]int32, 5)}, nil, "Groups is 0")
	try(kernels.Scan{Queries: q, Reduce: sum, Group: make([]int32, 5), Groups: math.MaxInt}, nil, "more than rows can name")
	try(kernels.Scan{Queries: q, Reduce: []kernels.Reduce{7}, Group: make([]int32, 5), Groups: 1, Unit: 999}, nil, "Reduce(7)", "Unit 999")
	try(kernels.Scan{Queries: q, K: 1, Exclude: []int64{0}}, nil, "1 entries for 2 queries")
	try(kernels.Scan{Queries: q, K: 1, Exclude: []int64{0, 5}}, nil, "Exclude[1] is row 5")
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		broken := Random(3, 4, 43)
		broken.Row(2)[3] = bad
		try(kernels.Scan{Queries: broken, K: 1}, nil, "query 2", "NaN")
	}
	_, err := d.Scan(context.Background(), kernels.MatrixSource(Random(0, 4, 44)), kernels.Scan{Queries: q, K: 1})
	wantError(t, err, kernels.ErrEmptySource)
	_, err = d.Gram(context.Background(), kernels.MatrixSource(Random(0, 4, 44)))
	wantError(t, err, kernels.ErrEmptySource)
}

// badRows: the lowest row that is not finite is named, wherever it stands; a read error comes through.
func badRows(t *testing.T, d kernels.Device) {
	for _, n := range []int{1, 7, 500} {
		for _, first := range []int{0, n / 2, n - 1} {
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				rows := Random(n, 5, 45)
				for i := first; i < n; i += 3 {
					rows.Row(i)[i%5] = bad
				}
				for _, metric := range metrics {
					_, err := d.Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: Random(1, 5, 46), Metric: metric, K: 1})
					wantRow(t, err, int64(first))
				}
				_, err := d.Gram(context.Background(), kernels.MatrixSource(rows))
				wantRow(t, err, int64(first))
			}
		}
	}
	broken := &source{Source: kernels.MatrixSource(Random(40, 5, 47)), before: func(row0 int64, rows int) error {
		if row0+int64(rows) > 20 {
			return errPlanted
		}
		return nil
	}}
	_, err := d.Scan(context.Background(), broken, kernels.Scan{Queries: Random(1, 5, 48), K: 1})
	wantError(t, err, errPlanted)
	_, err = d.Gram(context.Background(), broken)
	wantError(t, err, errPlanted)
}

// short gives tiles whose last row is cut off, or rows that are too narrow.
type short struct {
	kernels.Source
	narrow bool
}

func (s short) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	err := s.Source.Read(ctx, row0, t)
	if s.narrow {
		t.Flat.Cols--
	} else {
		t.Flat.Data = t.Flat.Data[:len(t.Flat.Data)-4]
	}
	return err
}

// badTiles: a source that gives other rows than it says is an error, also where the shape is right and the memory is not.
func badTiles(t *testing.T, d kernels.Device) {
	rows := kernels.MatrixSource(Random(40, 5, 51))
	for _, s := range []kernels.Source{short{rows, false}, short{rows, true}} {
		for _, metric := range metrics {
			_, err := d.Scan(context.Background(), s, kernels.Scan{Queries: Random(2, 5, 52), Metric: metric, K: 1})
			wantError(t, err, nil, "5")
		}
		_, err := d.Gram(context.Background(), s)
		wantError(t, err, nil, "5")
	}
}

func wantRow(t *testing.T, err error, row int64) {
	t.Helper()
	var e *kernels.RowError
	if !errors.As(err, &e) || e.Row != row || e.What != "row" {
		t.Errorf("error %v, want one that names row %d", err, row)
	}
}

// overflow: a score that float32 or the unit cannot hold is an error, never a saturated number.
func overflow(t *testing.T, d kernels.Device) {
	big := kernels.F32(2, 2, []float32{1, 1, 1e30, 1e30})
	ctx := context.Background()
	for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.L2} {
		_, err := d.Scan(ctx, kernels.MatrixSource(big), kernels.Scan{Queries: big, Metric: metric, K: 1})
		wantError(t, err, kernels.ErrOverflow, "row ", "query ")
	}
	one := kernels.F32(4, 1, []float32{1, 1, 1, 1})
	scan := kernels.Scan{Queries: one.Slice(0, 1), Reduce: []kernels.Reduce{kernels.SumOfSquares, kernels.Sum}, Group: make([]int32, 4), Groups: 1}
	scan.Unit = kernels.UnitFor(1, 4)
	r := mustScan(t, d, kernels.MatrixSource(one), scan)
	if got := math.Ldexp(float64(r.Sum[0][0]), r.SquareUnit); got != 4 {
		t.Errorf("sum of squares is %g, want 4", got)
	}
	if got := math.Ldexp(float64(r.Sum[1][0]), scan.Unit); got != 4 {
		t.Errorf("sum is %g, want 4", got)
	}
	scan.Unit -= 2
	_, err := d.Scan(ctx, kernels.MatrixSource(one), scan)
	wantError(t, err, kernels.ErrOverflow, "row 0", "UnitFor")
	scan.Group = []int32{-1, -1, -1, -1}
	mustScan(t, d, kernels.MatrixSource(one), scan) // rows in no group have no sum to overflow
}

// cancel: a context that ends before or during a scan ends it.
func cancel(t *testing.T, d kernels.Device) {
	rows, q := Random(4000, 16, 49), Random(3, 16, 50)
	done, stop := context.WithCancel(context.Background())
	stop()
	_, err := d.Scan(done, kernels.MatrixSource(rows), kernels.Scan{Queries: q, K: 1})
	wantError(t, err, context.Canceled)
	_, err = d.Gram(done, kernels.MatrixSource(rows))
	wantError(t, err, context.Canceled)
	for _, run := range []func(context.Context, kernels.Source) error{
		func(ctx context.Context, s kernels.Source) error {
			_, err := d.Scan(ctx, s, kernels.Scan{Queries: q, K: 1})
			return err
		},
		func(ctx context.Context, s kernels.Source) error { _, err := d.Gram(ctx, s); return err },
	} {
		ctx, stop := context.WithCancel(context.Background())
		var reads atomic.Int64
		s := &source{Source: kernels.MatrixSource(rows), before: func(int64, int) error {
			reads.Add(1)
			stop()
			return nil
		}}
		wantError(t, run(ctx, s), context.Canceled)
		if limit := int64(max(1, d.Info().Workers)); reads.Load() > limit {
			t.Errorf("%d reads after the context ended, want at most %d", reads.Load(), limit)
		}
	}
}

func info(t *testing.T, d kernels.Device) {
	if i := d.Info(); i.Name == "" || i.Arithmetic == "" || i.Workers < 1 {
		t.Errorf("incomplete description: %+v", i)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

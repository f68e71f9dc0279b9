package cpu_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

var options = []cpu.Options{{}, {Workers: 1, TileBytes: 1}, {Workers: 2, TileBytes: 700}, {Workers: 5, TileBytes: 1 << 20}}

func TestConformance(t *testing.T) {
	all := options
	for _, p := range simd.Available() {
		for _, o := range options[:3] {
			o.Path = p
			all = append(all, o)
		}
	}
	for _, o := range all {
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
		for _, o := range options {
			r, err := cpu.New(o).Scan(context.Background(), kernels.MatrixSource(rows), scan)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = r
			}
			if !slices.Equal(r.Score, first.Score) || !slices.Equal(r.ID, first.ID) || !slices.Equal(r.Sum[0], first.Sum[0]) || !slices.Equal(r.Sum[1], first.Sum[1]) {
				t.Errorf("%v: %+v gives other bits", metric, o)
			}
		}
	}
}

// TestSameGram: nor of the Gram matrix.
func TestSameGram(t *testing.T) {
	rows := kernels.MatrixSource(kernelstest.Random(201, 50, 1))
	var first []float64
	for _, o := range options {
		g, err := cpu.New(o).Gram(context.Background(), rows)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = g.Data
		}
		if !slices.Equal(g.Data, first) {
			t.Errorf("%+v gives other bits", o)
		}
	}
}

// endless is a source of n equal rows that holds one of them.
type endless int64

func (e endless) Len() int64             { return int64(e) }
func (e endless) Layout() kernels.Layout { return kernels.Layout{Width: 8} }

func (e endless) Read(_ context.Context, row0 int64, t *kernels.Tile) error {
	v := t.Buffer(0, 8*t.Rows)
	for i := range v {
		v[i] = 1
	}
	t.Flat = kernels.F32(t.Rows, 8, v)
	return t.CheckRange(row0, int64(e))
}

// TestMemory: what a scan allocates does not grow with the number of rows.
func TestMemory(t *testing.T) {
	d := cpu.New(cpu.Options{Workers: 2, TileBytes: 1 << 14})
	scan := kernels.Scan{Queries: kernelstest.Random(3, 8, 1), K: 5, Groups: 2, Reduce: []kernels.Reduce{kernels.Sum}}
	allocated := func(n int64) uint64 {
		scan.Group, scan.Unit = make([]int32, n), kernels.UnitFor(8, n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := d.Scan(context.Background(), endless(n), scan)
		runtime.ReadMemStats(&after)
		if err != nil || r.Bytes != n*32 {
			t.Fatalf("%d bytes, error %v", r.Bytes, err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(5000)
	if small, large := allocated(5000), allocated(200_000); large > small+small/2+1<<16 {
		t.Errorf("5,000 rows allocate %d bytes, 200,000 rows %d", small, large)
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
	err := cpu.Options{Workers: -1, TileBytes: -2, Path: 99}.Validate()
	if err == nil || !strings.Contains(err.Error(), "Workers is -1") || !strings.Contains(err.Error(), "TileBytes is -2") || !strings.Contains(err.Error(), "path") {
		t.Errorf("options: %v", err)
	}
	if err := (cpu.Options{Workers: math.MaxInt}).Validate(); err == nil || !strings.Contains(err.Error(), "Workers is") {
		t.Errorf("too many workers: %v", err)
	}
}

// TestTypes: rows of every type have the bits of their decoded form, on every path.
func TestTypes(t *testing.T) {
	queries := kernelstest.Random(19, 83, 1)
	plain := kernelstest.Random(1009, 83, 2)
	for _, kind := range []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
		rows, err := kernels.Encode(kind, plain)
		if err != nil {
			t.Fatal(err)
		}
		v := make([]float32, rows.Rows*rows.Cols)
		rows.Decode(v)
		for _, p := range simd.Available() {
			for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine, kernels.L2} {
				d, scan := cpu.New(cpu.Options{Path: p, TileBytes: 30_000}), kernels.Scan{Queries: queries, Metric: metric, K: 500}
				got, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
				if err != nil {
					t.Fatal(err)
				}
				want, err := d.Scan(context.Background(), kernels.MatrixSource(kernels.F32(rows.Rows, rows.Cols, v)), scan)
				if err != nil || !slices.Equal(got.ID, want.ID) || !slices.Equal(got.Score, want.Score) {
					t.Errorf("%v, %v, %v: other bits than the decoded rows (error %v)", kind, p, metric, err)
				}
				if want := int64(rows.Rows*rows.Cols) * int64(kind.Size()); got.Bytes != want {
					t.Errorf("%v: %d bytes, want %d", kind, got.Bytes, want)
				}
			}
		}
	}
}

// TestBadTypes: a row whose decoded form is not finite is named.
func TestBadTypes(t *testing.T) {
	for _, kind := range []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
		rows, err := kernels.Encode(kind, kernelstest.Random(300, 7, 2))
		if err != nil {
			t.Fatal(err)
		}
		if kind == kernels.TypeI8 {
			rows.Scale[250] = float32(math.Inf(1))
		} else {
			rows.Data[2*(250*rows.Stride+3)], rows.Data[2*(250*rows.Stride+3)+1] = 0x80, 0x7f // a NaN or an infinity
		}
		for _, p := range simd.Available() {
			_, err := cpu.New(cpu.Options{Path: p}).Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: kernelstest.Random(2, 7, 1), K: 1})
			var row *kernels.RowError
			if !errors.As(err, &row) || row.Row != 250 {
				t.Errorf("%v, %v: error %v does not name row 250", kind, p, err)
			}
		}
	}
}

// slowStart is a source of two bad rows whose first row arrives after the second one has failed.
type slowStart struct {
	kernels.Source
	second chan struct{}
}

func (s slowStart) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if row0 == 0 {
		<-s.second
		time.Sleep(20 * time.Millisecond)
	} else {
		defer close(s.second)
	}
	return s.Source.Read(ctx, row0, t)
}

// TestLowestError: the error is that of the lowest row, whichever is found first.
func TestLowestError(t *testing.T) {
	nan := float32(math.NaN())
	s := slowStart{kernels.MatrixSource(kernels.F32(2, 1, []float32{nan, nan})), make(chan struct{})}
	_, err := cpu.New(cpu.Options{Workers: 2, TileBytes: 1}).Scan(context.Background(), s, kernels.Scan{Queries: kernelstest.Random(1, 1, 1), K: 1})
	var row *kernels.RowError
	if !errors.As(err, &row) || row.Row != 0 {
		t.Errorf("error %v does not name row 0", err)
	}
}

package cuda

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

var archList = []int{75, 80, 90}

// someArchs is the architectures that a long suite runs on: the first, and more of them where all is asked for. Their
// forms differ in copies and fragments only, which shorter tests run on all.
func someArchs(first int, more ...int) []int {
	if slices.Contains(strings.Split(os.Getenv("ATTRIB_REQUIRE"), ","), "all") {
		return append([]int{first}, more...)
	}
	return []int{first}
}

func TestConformance(t *testing.T) {
	for _, arch := range archList {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 64})
			kernelstest.Conformance(t, func(*testing.T) kernels.Device { return d })
		})
	}
}

func TestSketches(t *testing.T) {
	for _, arch := range someArchs(75, 80) {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 64})
			kernelstest.Sketches(t, func(*testing.T) kernelstest.SketchDevice { return d })
		})
	}
}

// exactCPU is the CPU's device with the arithmetic of Exact.
func exactCPU(t *testing.T) kernels.Device {
	for _, p := range simd.Available() {
		if p != simd.Generic {
			return cpu.New(cpu.Options{Path: p})
		}
	}
	t.Skip("this machine has no vector path: the bits are those of the chain that kernels/cpu's tests write out")
	return nil
}

func scanned(t testing.TB, d kernels.Device, s kernels.Source, scan kernels.Scan) *kernels.Result {
	t.Helper()
	r, err := d.Scan(context.Background(), s, scan)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same(t testing.TB, got, want *kernels.Result) {
	t.Helper()
	if !slices.Equal(got.ID, want.ID) || !slices.Equal(got.WorstID, want.WorstID) {
		t.Errorf("rows differ:\n%v %v\nwant\n%v %v", got.ID, got.WorstID, want.ID, want.WorstID)
	}
	if !slices.Equal(got.Score, want.Score) || !slices.Equal(got.WorstScore, want.WorstScore) {
		t.Errorf("scores differ:\n%v %v\nwant\n%v %v", got.Score, got.WorstScore, want.Score, want.WorstScore)
	}
	if !slices.EqualFunc(got.Sum, want.Sum, slices.Equal[[]int64]) || got.Unit != want.Unit || got.SquareUnit != want.SquareUnit {
		t.Errorf("sums differ:\n%v\nwant\n%v", got.Sum, want.Sum)
	}
}

// all asks for everything of rows in groups.
func all(q kernels.Matrix, n int, metric kernels.Metric, k, groups int) kernels.Scan {
	s := kernels.Scan{Queries: q, Metric: metric, K: k, Worst: k, Group: make([]int32, n), Groups: groups, Unit: -40,
		Reduce: []kernels.Reduce{kernels.SumOfSquares, kernels.Sum, kernels.Max, kernels.PositiveSum}, Exclude: make([]int64, q.Rows)}
	for i := range s.Group {
		s.Group[i] = int32(i/3%(groups+1)) - 1
	}
	for i := range s.Exclude {
		s.Exclude[i] = int64(i*7%(n+1)) - 1
	}
	return s
}

// Results have the bits of the CPU's vectors, for every type of rows, with rows of extreme norms among them.
func TestBits(t *testing.T) {
	c := exactCPU(t)
	for _, arch := range archList {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 40, TileBytes: 60_000})
			for _, s := range [][3]int{{3, 150, 33}, {20, 70, 530}, {70, 130, 16}, {130, 40, 5}} {
				for metric := range kernels.L2 + 1 {
					for kind := range kernels.TypeI8 + 1 {
						checkBits(t, d, c, s, metric, kind)
					}
				}
			}
		})
	}
}

func checkBits(t *testing.T, d, c kernels.Device, s [3]int, metric kernels.Metric, kind kernels.DType) {
	t.Helper()
	q, plain := kernelstest.Random(s[0], s[2], 1), kernelstest.Random(s[1], s[2], 2)
	if metric == kernels.Cosine && kind != kernels.TypeF16 {
		for k := range s[2] {
			plain.Row(5)[k] *= 1e-20
			plain.Row(6)[k] *= 1e20
			plain.Row(7)[k] = 0
		}
	}
	rows, err := kernels.Encode(kind, plain)
	if err != nil {
		t.Fatal(err)
	}
	scan := all(q, s[1], metric, 9, 4)
	got, want := scanned(t, d, kernels.MatrixSource(rows), scan), scanned(t, c, kernels.MatrixSource(rows), scan)
	if same(t, got, want); t.Failed() {
		t.Fatalf("%v, %v, %v", s, metric, kind)
	}
	if d.Info().Arithmetic != c.Info().Arithmetic {
		t.Errorf("%s, the CPU has %s", d.Info().Arithmetic, c.Info().Arithmetic)
	}
}

// Queries beyond the first that are scored together leave out their own rows.
func TestManySketchQueries(t *testing.T) {
	const q, n, w = sketchQueries + 9, 60, 4
	rows := kernelstest.Random(n, w, 1)
	sketch, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		t.Fatal(err)
	}
	scan := kernels.Scan{Queries: kernelstest.Random(q, w, 2), K: 5, Exclude: make([]int64, q)}
	d := open(t, 80, Options{})
	best := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: scan.Queries, K: 1})
	copy(scan.Exclude, best.ID)
	r, err := d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(rows), scan, kernels.SketchOptions{Candidates: 40})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range r.ID {
		if id < 0 || id == scan.Exclude[i/5] {
			t.Fatalf("query %d has row %d and leaves out %d", i/5, id, scan.Exclude[i/5])
		}
	}
}

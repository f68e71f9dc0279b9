package cuda

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/kernelstest"
	"attrib/kernels/ref"
)

// tolerances are the largest errors of scores relative to ‖q‖‖g‖: of a product of two numbers rounded to so many bits.
var tolerances = map[Precision]float64{TF32x3: 2e-6, BF16: 1.0 / 250, F16: 1.0 / 1000, Int8: 1.0 / 64}

// Scores of tensor cores are near the oracle's, for every type of rows that they take, and lists and sums are those of
// the scores.
func TestPrecisions(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, arch := range archList {
		for p, limit := range tolerances {
			if arch < 80 && (p == BF16 || p == TF32x3) || arch == 90 && p != BF16 {
				continue // not there, or the form of sm_80
			}
			t.Run(fmt.Sprintf("sm_%d/%s", arch, p), func(t *testing.T) {
				d := open(t, arch, Options{Precision: p, firstRows: 50, TileBytes: 30_000})
				for _, s := range [][3]int{{3, 131, 40}, {70, 40, 133}, {1, 1, 1}, {65, 130, 65}, {2, 9, 260}, {130, 20, 9}} {
					for kind := range kernels.TypeI8 + 1 {
						if p == Int8 && kind != kernels.TypeI8 {
							continue
						}
						for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine} {
							checkPrecision(t, d, s, metric, kind, limit)
						}
					}
				}
			})
		}
	}
}

func checkPrecision(t *testing.T, d *device, s [3]int, metric kernels.Metric, kind kernels.DType, limit float64) {
	t.Helper()
	q, plain := kernelstest.Random(s[0], s[2], 1), kernelstest.Random(s[1], s[2], 2)
	if metric == kernels.Cosine && kind != kernels.TypeF16 && s[1] > 8 {
		for k := range s[2] {
			plain.Row(6)[k] *= 1e-20
			plain.Row(7)[k] *= 1e30
			plain.Row(8)[k] = 0
		}
	}
	rows, err := kernels.Encode(kind, plain)
	if err != nil {
		t.Fatal(err)
	}
	decoded := make([]float32, s[1]*s[2])
	rows.Decode(decoded)
	want, err := ref.Scores(context.Background(), kernels.MatrixSource(kernels.F32(s[1], s[2], decoded)), q, metric)
	if err != nil {
		t.Fatal(err)
	}
	r := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: q, Metric: metric, K: s[1], Worst: s[1]})
	for i, id := range r.ID {
		at, scale := i/s[1]*s[1]+int(id), 1.0
		if metric == kernels.InnerProduct {
			scale = norm(q.Row(i/s[1])) * norm(decoded[int(id)*s[2]:int(id+1)*s[2]])
		}
		if off := math.Abs(float64(r.Score[i]) - want[at]); !(off <= limit*scale) {
			t.Fatalf("%v, %v, %v: query %d, row %d: score %g, oracle %g, scale %g", s, metric, kind, i/s[1], id, r.Score[i], want[at], scale)
		}
		if j := i%s[1] + 1; j < s[1] && (r.Score[i+1] > r.Score[i] || r.Score[i+1] == r.Score[i] && r.ID[i+1] < id) {
			t.Fatalf("%v, %v, %v: query %d: places %d and %d are out of order", s, metric, kind, i/s[1], j-1, j)
		}
	}
	checkSums(t, d, rows, q, metric)
}

// Long sums of one sign are as good as short ones: what tensor cores cut off each time does not add up.
func TestLongSumsInTF32x3(t *testing.T) {
	const width = 2048
	d := open(t, 80, Options{Precision: TF32x3})
	rows := kernelstest.Random(3, width, 5)
	for i, v := range rows.Floats() {
		rows.Floats()[i] = 0.5 + float32(math.Abs(float64(v)))
	}
	want, err := ref.Scores(context.Background(), kernels.MatrixSource(rows), rows, kernels.InnerProduct)
	if err != nil {
		t.Fatal(err)
	}
	r := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: rows, K: 3})
	for i, id := range r.ID {
		exact := want[i/3*3+int(id)]
		if off := math.Abs(float64(r.Score[i])-exact) / exact; off > tolerances[TF32x3] {
			t.Errorf("query %d, row %d: score %g, oracle %g: off by %g of it", i/3, id, r.Score[i], exact, off)
		}
	}
}

func norm(v []float32) float64 { return math.Sqrt(kernels.SquaredNorm(v)) }

// checkSums recomputes sums from the device's own scores.
func checkSums(t *testing.T, d *device, rows, q kernels.Matrix, metric kernels.Metric) {
	t.Helper()
	n, groups := rows.Rows, 3
	scan := all(q, n, metric, n, groups)
	scan.Exclude, scan.Unit = nil, kernels.UnitFor(1e6, int64(n))
	if metric == kernels.Cosine {
		scan.Unit = kernels.UnitFor(2, int64(n))
	}
	r := scanned(t, d, kernels.MatrixSource(rows), scan)
	want := make([]int64, q.Rows*groups)
	rounder := kernels.NewRounder(scan.Unit, int64(n))
	for i, id := range r.ID {
		if g := scan.Group[id]; g >= 0 {
			v, _ := rounder.Linear(r.Score[i])
			want[i/n*groups+int(g)] += v
		}
	}
	for i, v := range want {
		if r.Sum[1][i] != v {
			t.Fatalf("sum %d is %d, want %d", i, r.Sum[1][i], v)
		}
	}
}

// Scores that are handed out are those of scans, in every precision and form.
func TestMultiplyPrecisions(t *testing.T) {
	const q, n, w = 70, 150, 33
	for _, c := range []struct {
		arch      int
		precision Precision
		kind      kernels.DType
	}{{80, TF32x3, kernels.TypeF32}, {80, BF16, kernels.TypeF16}, {75, F16, kernels.TypeF16}, {75, Int8, kernels.TypeI8}, {90, BF16, kernels.TypeBF16}} {
		t.Run(fmt.Sprintf("sm_%d/%s", c.arch, c.precision), func(t *testing.T) {
			d := open(t, c.arch, Options{Precision: c.precision, TileBytes: 10_000})
			queries := kernelstest.Random(q, w, 1)
			rows, err := kernels.Encode(c.kind, kernelstest.Random(n, w, 2))
			if err != nil {
				t.Fatal(err)
			}
			for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine} {
				want := make([]float32, q*n)
				r := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: metric, K: n})
				for i, id := range r.ID {
					want[i/n*n+int(id)] = r.Score[i]
				}
				err := d.Multiply(context.Background(), kernels.MatrixSource(rows), queries, metric, func(row0 int64, m kernels.Matrix) error {
					for i := range q {
						for j, v := range m.Row(i) {
							if v != want[i*n+int(row0)+j] {
								return fmt.Errorf("query %d, row %d: %g, the scan has %g", i, int(row0)+j, v, want[i*n+int(row0)+j])
							}
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("%v: %v", metric, err)
				}
			}
		})
	}
}

// Sums of products of bytes leave 32 bits between columns 131,072 and the end of these rows.
func TestWideBytes(t *testing.T) {
	if !apart(t) {
		return
	}
	if testing.Short() {
		t.Skip("four billion operations of the emulator")
	}
	const w = 140_000
	d := open(t, 80, Options{Precision: Int8})
	v := slices.Repeat([]float32{1}, w)
	rows, err := kernels.Encode(kernels.TypeI8, kernels.F32(1, w, v))
	if err != nil {
		t.Fatal(err)
	}
	r := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: kernels.F32(1, w, v), K: 1})
	if math.Abs(float64(r.Score[0])/w-1) > 1e-6 {
		t.Errorf("score %g, want %d", r.Score[0], w)
	}
}

// Tiles that blocks take in turn, rows too wide for queries to stay, and lists that fill early.
func TestWgmma(t *testing.T) {
	if !apart(t) {
		return
	}
	for i, s := range [][3]int{{3, 900, 40}, {130, 300, 24}, {5, 140, 1300}, {70, 130, 700}, {260, 130, 600}} {
		for order := range 8 {
			if order > 1 && (testing.Short() || i > 0 && order != min(7, i+3)) {
				continue
			}
			t.Run(fmt.Sprintf("%v/order %d", s, order), func(t *testing.T) {
				d := open(t, 90, Options{Precision: BF16, firstRows: 200}, "sms=2", fmt.Sprintf("order=%d", order))
				checkPrecision(t, d, s, kernels.Metric(order%2), kernels.TypeBF16, tolerances[BF16])
			})
		}
	}
}

// Blocks of tensor cores that take many tiles in turn, of rows that are copied and of rows that are converted.
func TestTilesInTurn(t *testing.T) {
	if !apart(t) {
		return
	}
	for i, c := range []struct {
		arch      int
		precision Precision
		kind      kernels.DType
		shape     [3]int
	}{
		{80, BF16, kernels.TypeBF16, [3]int{3, 900, 40}}, {80, Int8, kernels.TypeI8, [3]int{70, 700, 300}}, {80, BF16, kernels.TypeF32, [3]int{130, 600, 150}},
		{80, BF16, kernels.TypeBF16, [3]int{260, 600, 100}}, {80, Int8, kernels.TypeI8, [3]int{200, 700, 150}}, {80, F16, kernels.TypeF32, [3]int{192, 300, 40}},
		{86, BF16, kernels.TypeBF16, [3]int{9, 900, 200}}, {86, Int8, kernels.TypeI8, [3]int{200, 400, 300}}, // two buffers
		{75, F16, kernels.TypeF16, [3]int{2, 700, 200}}, {75, Int8, kernels.TypeI8, [3]int{65, 600, 24}}, {90, F16, kernels.TypeF16, [3]int{5, 800, 500}},
	} {
		for order := range 8 {
			if order != i%8 && (testing.Short() || i > 0 && order != (i+3)%8) {
				continue
			}
			t.Run(fmt.Sprintf("sm_%d/%s/%v/order %d", c.arch, c.precision, c.kind, order), func(t *testing.T) {
				forms, settings := c.arch, []string{"sms=1", fmt.Sprintf("order=%d", order)}
				if c.arch == 86 {
					forms, settings = 80, append(settings, "cc=86")
				}
				d := open(t, forms, Options{Precision: c.precision, firstRows: 300}, settings...)
				checkPrecision(t, d, c.shape, kernels.Metric(order%2), c.kind, tolerances[c.precision])
			})
		}
	}
}

// Blocks and their buffers on cards with 64, 100, 164 and 228 KiB of shared memory for a multiprocessor.
func TestRings(t *testing.T) {
	for _, c := range []struct{ block, all, arch, queries, width, want, stages int }{
		{64, 64, 75, 1000, 512, 64, 2}, {99, 100, 80, 1, 512, 64, 2}, {163, 164, 80, 191, 512, 64, 3}, {227, 228, 90, 64, 512, 64, 4},
		{99, 100, 80, 192, 512, 256, 2}, {163, 164, 80, 192, 65536, 256, 3}, {227, 228, 90, 5000, 512, 256, 4}, {163, 164, 80, 1000, 65537, 64, 3},
	} {
		info := driver.Info{SharedPerBlock: c.block << 10, SharedPerSM: c.all << 10}
		x := mmaForms[Int8].ringOf(c.queries, c.width, info, c.arch)
		if x.queries != c.want || int(x.stages) != c.stages || x.shared > info.SharedPerBlock || c.arch > 75 && x.each*(x.shared+1024) > info.SharedPerSM {
			t.Errorf("%+v: %+v", c, x)
		}
	}
	if x := mmaForms[BF16].ringOf(300, 70000, driver.Info{SharedPerBlock: 163 << 10, SharedPerSM: 164 << 10}, 80); x.name != "scan_bf16_256" {
		t.Errorf("%+v", x)
	}
}

// Few multiprocessors are without a block, and no block is without a tile.
func TestTurns(t *testing.T) {
	for _, c := range []struct{ tiles, queries, atOnce, want uint32 }{
		{5000, 1, 132, 132}, {5000, 4, 132, 132}, {5000, 8, 132, 128}, {5000, 20, 132, 260}, {5000, 100, 132, 500}, {5000, 67, 132, 335}, {5000, 140, 132, 420},
		{5, 1, 132, 5}, {5, 20, 132, 100}, {1, 300, 2, 300}, {30, 100, 132, 100}, {39, 100, 132, 100}, {40, 100, 132, 500},
	} {
		if got := turns(c.tiles, c.queries, c.atOnce); got != c.want {
			t.Errorf("%+v: %d blocks", c, got)
		}
	}
	for tiles := uint32(1); tiles < 50; tiles++ {
		for queries := uint32(1); queries < 50; queries++ {
			if g := turns(tiles, queries, 7); g%queries != 0 || g == 0 || g/queries > tiles {
				t.Fatalf("%d tiles, %d blocks of queries: %d blocks", tiles, queries, g)
			}
		}
	}
}

// Blocks of queries on a card with 227 KiB of shared memory for a block.
func TestWgmmaBlocks(t *testing.T) {
	for _, c := range []struct {
		queries, width, block int
		resident, stages      int32
	}{
		{1, 8, 64, 1, 12}, {64, 512, 64, 1, 9}, {64, 1152, 64, 1, 4}, {64, 1216, 64, 0, 8}, {64, 20000, 64, 0, 8},
		{65, 512, 128, 1, 5}, {1024, 512, 128, 1, 5}, {1024, 576, 128, 1, 4}, {128, 577, 128, 0, 6}, {129, 577, 256, 0, 4}, {1024, 4096, 256, 0, 4},
	} {
		x := wgmmaBlocks(c.queries, c.width, 232448)
		if x == nil || x.queries != c.block || x.resident != c.resident || x.stages != c.stages || x.shared > 232448 {
			t.Errorf("%+v: %+v", c, x)
		}
	}
	if x := wgmmaBlocks(1, 8, 48<<10); x != nil {
		t.Errorf("48 KiB: %+v", x)
	}
}

// What a precision cannot do is said.
func TestPrecisionRefusals(t *testing.T) {
	d := open(t, 75, Options{Precision: Int8})
	_, err := d.Scan(context.Background(), kernels.MatrixSource(kernelstest.Random(3, 4, 1)), kernels.Scan{Queries: kernelstest.Random(1, 4, 2), K: 1})
	if err == nil || err.Error() != "precision int8 needs rows of type I8, these are F32" {
		t.Errorf("error %v", err)
	}
	rows := kernelstest.Random(300, 4, 1)
	sketch, _ := kernels.Encode(kernels.TypeI8, rows)
	_, err = d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(rows), kernels.Scan{Queries: kernelstest.Random(1, 4, 2), K: 1}, kernels.SketchOptions{Candidates: 20})
	if err == nil || !strings.Contains(err.Error(), "precision int8 needs rows of type I8") || len(d.Launches()) != 0 {
		t.Errorf("error %v after launches %v", err, d.Launches())
	}
	for _, p := range []Precision{BF16, TF32x3} {
		if _, err := New(Options{Precision: p}); err == nil {
			t.Errorf("%s opens on sm_75", p)
		}
	}
}

// The bits of a score do not depend on the rows beside its own, though rows of an extreme norm have another kernel.
func TestWgmmaExtremeNeighbours(t *testing.T) {
	d := open(t, 90, Options{Precision: BF16, firstRows: 64})
	q, plain := kernelstest.Random(4, 300, 1), kernelstest.Random(200, 300, 2)
	scan := kernels.Scan{Queries: q, Metric: kernels.Cosine, K: 200}
	encode := func() kernels.Matrix {
		m, err := kernels.Encode(kernels.TypeBF16, plain)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	before := scanned(t, d, kernels.MatrixSource(encode()), scan)
	for k := range 300 {
		plain.Row(30)[k] *= 0x1p100
	}
	after := scanned(t, d, kernels.MatrixSource(encode()), scan)
	for i := range 4 {
		scores := map[int64]float32{}
		for j, id := range before.ID[i*200 : (i+1)*200] {
			scores[id] = before.Score[i*200+j]
		}
		for j, id := range after.ID[i*200 : (i+1)*200] {
			got, want := after.Score[i*200+j], scores[id]
			if id != 30 && got != want || math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("query %d, row %d: %g, without the extreme row %g", i, id, got, want)
			}
		}
	}
}

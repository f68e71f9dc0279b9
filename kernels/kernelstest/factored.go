package kernelstest

import (
	"context"
	"fmt"
	"testing"

	"attrib/kernels"
	"attrib/kernels/ref"
)

// factoredShape is a scan of factored rows: queries, rows, and the layers of both; positions of the queries are given
// apart.
type factoredShape struct {
	q, n      int
	layers    []kernels.FactorDims
	positions []int // of the queries; those of the rows when nil
}

var factoredShapes = []factoredShape{
	{q: 1, n: 1, layers: []kernels.FactorDims{{In: 1, Out: 1, Positions: 1}}},
	{q: 1, n: 300, layers: []kernels.FactorDims{{In: 257, Out: 64, Positions: 1}}},
	{q: 5, n: 7, layers: []kernels.FactorDims{{In: 3, Out: 17, Positions: 1}, {In: 17, Out: 1, Positions: 1}}},
	{q: 5, n: 300, layers: []kernels.FactorDims{{In: 64, Out: 257, Positions: 2}, {In: 3, Out: 3, Positions: 3}}},
	{q: 64, n: 300, layers: []kernels.FactorDims{{In: 17, Out: 64, Positions: 1}, {In: 64, Out: 64, Positions: 1}, {In: 64, Out: 3, Positions: 1}}},
	{q: 64, n: 7, layers: []kernels.FactorDims{{In: 64, Out: 64, Positions: 5}, {In: 1, Out: 257, Positions: 7}}},
	{q: 65, n: 300, layers: []kernels.FactorDims{{In: 257, Out: 1, Positions: 1}, {In: 1, Out: 17, Positions: 1}}},
	{q: 65, n: 7, layers: []kernels.FactorDims{{In: 257, Out: 257, Positions: 3}, {In: 17, Out: 3, Positions: 1}}, positions: []int{4, 2}},
	{q: 3, n: 101, layers: []kernels.FactorDims{{In: 64, Out: 64, Positions: 2}, {In: 3, Out: 17, Positions: 1}}, positions: []int{1, 6}},
	{q: 2, n: 25, layers: []kernels.FactorDims{{In: 600, Out: 520, Positions: 1}, {In: 3, Out: 64, Positions: 17}}},
}

// ConformanceFactored runs the suite of scans of factored rows. open is called once per subtest.
func ConformanceFactored(t *testing.T, open func(t *testing.T) kernels.Device) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, kernels.FactoredScanner)
	}{
		{"random", factoredRandom}, {"flat", factoredFlat}, {"whole", factoredWhole}, {"alone", factoredAlone}, {"places", factoredPlaces},
		{"exclude", factoredExclude}, {"extreme", factoredExtreme}, {"bad-rows", factoredBadRows}, {"bad-scan", factoredBadScan},
		{"overflow", factoredOverflow}, {"cancel", factoredCancel},
	} {
		t.Run(part.name, func(t *testing.T) {
			d, ok := open(t).(kernels.FactoredScanner)
			if !ok {
				t.Fatal("the device is no kernels.FactoredScanner")
			}
			part.run(t, d)
		})
	}
}

// factoredMetrics are those of factored rows.
var factoredMetrics = []kernels.Metric{kernels.InnerProduct, kernels.Cosine}

type filler func(rows, cols int, stream uint64) kernels.Matrix

// factoredRows are count rows of such layers.
func factoredRows(count int, layers []kernels.FactorDims, stream uint64, fill filler) kernels.FactoredQueries {
	f := kernels.FactoredQueries{Rows: count, Factors: layers}
	for l, dims := range layers {
		f.A = append(f.A, fill(count*dims.Positions, dims.In, stream+uint64(10*l)))
		f.D = append(f.D, fill(count*dims.Positions, dims.Out, stream+uint64(10*l)+5))
	}
	return f
}

func (s factoredShape) make(fill filler) (q, g kernels.FactoredQueries) {
	layers := append([]kernels.FactorDims(nil), s.layers...)
	for l, p := range s.positions {
		layers[l].Positions = p
	}
	return factoredRows(s.q, layers, 100, fill), factoredRows(s.n, s.layers, 200, fill)
}

func eachFactored(t *testing.T, run func(t *testing.T, s factoredShape, metric kernels.Metric)) {
	for _, s := range factoredShapes {
		for _, metric := range factoredMetrics {
			t.Run(fmt.Sprintf("%d×%d×%v-%v/%v", s.q, s.n, s.layers, s.positions, metric), func(t *testing.T) { run(t, s, metric) })
		}
	}
}

// flattened is the flat form of factored rows.
func flattened(t *testing.T, f kernels.FactoredQueries) kernels.Matrix {
	t.Helper()
	tile := kernels.Tile{Rows: f.Rows}
	if err := kernels.Flatten(f.Source()).Read(context.Background(), 0, &tile); err != nil {
		t.Fatal(err)
	}
	return tile.Flat
}

func mustScanFactored(t *testing.T, d kernels.FactoredScanner, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) *kernels.Result {
	t.Helper()
	r, err := d.ScanFactored(context.Background(), s, q, scan)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// factoredScan asks for everything.
func factoredScan(t *testing.T, q, g kernels.FactoredQueries, metric kernels.Metric, k, groups int) kernels.Scan {
	scan := everything(flattened(t, q), flattened(t, g), metric, k, groups)
	scan.Queries = kernels.Matrix{}
	return scan
}

// factoredRandom compares every score with the oracle.
func factoredRandom(t *testing.T, d kernels.FactoredScanner) {
	eachFactored(t, func(t *testing.T, s factoredShape, metric kernels.Metric) {
		q, g := s.make(Random)
		r := mustScanFactored(t, d, g.Source(), q, kernels.Scan{Metric: metric, K: s.n})
		want, err := oracle(fmt.Sprint("factored ", s, metric), func() ([]float64, error) {
			return ref.FactoredScores(context.Background(), g.Source(), q, metric)
		})
		if err != nil {
			t.Fatal(err)
		}
		checkScores(t, r, s.n, want, scales(flattened(t, q), flattened(t, g), metric))
		if r.Ops <= 0 || r.Bytes != g.Source().Layout().RowBytes()*int64(s.n) {
			t.Errorf("%d operations and %d bytes are stated", r.Ops, r.Bytes)
		}
	})
}

// factoredFlat compares every score with the device's own of the rows multiplied out.
func factoredFlat(t *testing.T, d kernels.FactoredScanner) {
	eachFactored(t, func(t *testing.T, s factoredShape, metric kernels.Metric) {
		q, g := s.make(Random)
		flat, rows := flattened(t, q), flattened(t, g)
		r := mustScanFactored(t, d, g.Source(), q, kernels.Scan{Metric: metric, K: s.n})
		all := mustScan(t, d.(kernels.Device), kernels.Flatten(g.Source()), kernels.Scan{Queries: flat, Metric: metric, K: s.n})
		want := make([]float64, s.q*s.n)
		for i, id := range all.ID {
			want[i/s.n*s.n+int(id)] = float64(all.Score[i])
		}
		checkScores(t, r, s.n, want, scales(flat, rows, metric))
	})
}

// factoredWhole compares with the oracle bit for bit, ties and sums of groups included.
func factoredWhole(t *testing.T, d kernels.FactoredScanner) {
	eachFactored(t, func(t *testing.T, s factoredShape, metric kernels.Metric) {
		if metric == kernels.Cosine {
			return // its scores are not whole
		}
		q, g := s.make(Whole)
		for _, k := range []int{min(s.n, 3), s.n} {
			scan := factoredScan(t, q, g, metric, k, 3)
			want, err := oracle(fmt.Sprint("factored whole ", s, k), func() (*kernels.Result, error) {
				return ref.New().Scan(context.Background(), kernels.MatrixSource(flattened(t, g)), withQueries(scan, flattened(t, q)))
			})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, mustScanFactored(t, d, g.Source(), q, scan), want)
		}
	})
}

func withQueries(scan kernels.Scan, q kernels.Matrix) kernels.Scan {
	scan.Queries = q
	return scan
}

// factoredAlone: a query has the same bits alone and in a block, and a row alone and in a source.
func factoredAlone(t *testing.T, d kernels.FactoredScanner) {
	for _, s := range []factoredShape{factoredShapes[3], factoredShapes[7], factoredShapes[8]} {
		q, g := s.make(Random)
		for _, metric := range factoredMetrics {
			all := mustScanFactored(t, d, g.Source(), q, kernels.Scan{Metric: metric, K: s.n})
			for i := 0; i < s.q; i += 1 + s.q/4 {
				one := mustScanFactored(t, d, g.Source(), slicedRows(q, i, i+1), kernels.Scan{Metric: metric, K: s.n})
				prefix(t, one.ID, all.ID[i*s.n:], one.Score, all.Score[i*s.n:], 0, s.n, s.n)
				row := int(all.ID[i*s.n+s.n/2])
				lone := mustScanFactored(t, d, slicedRows(g, row, row+1).Source(), slicedRows(q, i, i+1), kernels.Scan{Metric: metric, K: 1})
				if lone.Score[0] != all.Score[i*s.n+s.n/2] {
					t.Errorf("%v: query %d, row %d alone: %g, among others %g", metric, i, row, lone.Score[0], all.Score[i*s.n+s.n/2])
				}
			}
		}
	}
}

// slicedRows are rows lo to hi.
func slicedRows(f kernels.FactoredQueries, lo, hi int) kernels.FactoredQueries {
	out := kernels.FactoredQueries{Rows: hi - lo, Factors: f.Factors}
	for l, dims := range f.Factors {
		out.A = append(out.A, f.A[l].Slice(lo*dims.Positions, hi*dims.Positions))
		out.D = append(out.D, f.D[l].Slice(lo*dims.Positions, hi*dims.Positions))
	}
	return out
}

// factoredPlaces: the bits of a score do not depend on where its row stands.
func factoredPlaces(t *testing.T, d kernels.FactoredScanner) {
	s := factoredShapes[3]
	q, g := s.make(Random)
	turned := kernels.FactoredQueries{Rows: g.Rows, Factors: g.Factors}
	for l, dims := range g.Factors {
		order := make([]int, g.Rows*dims.Positions)
		for i := range order {
			order[i] = (g.Rows-1-i/dims.Positions)*dims.Positions + i%dims.Positions
		}
		turned.A, turned.D = append(turned.A, permuted(g.A[l], order)), append(turned.D, permuted(g.D[l], order))
	}
	for _, metric := range factoredMetrics {
		scan := factoredScan(t, q, g, metric, s.n, 4)
		want := mustScanFactored(t, d, g.Source(), q, scan)
		back := scan
		back.Group = make([]int32, s.n)
		for i := range back.Group {
			back.Group[i] = scan.Group[s.n-1-i]
		}
		got := mustScanFactored(t, d, turned.Source(), q, back)
		for i := range got.ID {
			got.ID[i], got.WorstID[i] = int64(s.n-1)-got.ID[i], int64(s.n-1)-got.WorstID[i]
		}
		equal(t, got, want)
	}
}

// factoredExclude leaves one row per query out of lists and sums.
func factoredExclude(t *testing.T, d kernels.FactoredScanner) {
	s := factoredShapes[3]
	q, g := s.make(Whole)
	scan := factoredScan(t, q, g, kernels.InnerProduct, s.n, 2)
	scan.Exclude = []int64{0, 1, -1, 299, 1}
	want := mustScan(t, ref.New(), kernels.MatrixSource(flattened(t, g)), withQueries(scan, flattened(t, q)))
	equal(t, mustScanFactored(t, d, g.Source(), q, scan), want)
}

// factoredExtreme: a cosine does not depend on lengths, and is 0 with a row or query of zeros.
func factoredExtreme(t *testing.T, d kernels.FactoredScanner) {
	for _, s := range []factoredShape{factoredShapes[3], factoredShapes[4], factoredShapes[8]} {
		q, g := s.make(Random)
		want, err := ref.FactoredScores(context.Background(), g.Source(), q, kernels.Cosine)
		if err != nil {
			t.Fatal(err)
		}
		for l := range g.Factors {
			scale(g.D[l], g.Factors[l].Positions, []float32{1, 1e-30, 1e30, 0x1p-45, 0x1p45})
			scale(q.D[l], q.Factors[l].Positions, []float32{1, 1e-30, 1e30})
			scale(q.A[l], q.Factors[l].Positions, []float32{1, 1e-9, 1e6})
		}
		for l := range g.Factors {
			scale(g.D[l].Slice(0, g.Factors[l].Positions), g.Factors[l].Positions, []float32{0})
			scale(q.A[l].Slice(0, q.Factors[l].Positions), q.Factors[l].Positions, []float32{0})
		}
		for i := range want {
			if i < s.n || i%s.n == 0 {
				want[i] = 0
			}
		}
		r := mustScanFactored(t, d, g.Source(), q, kernels.Scan{Metric: kernels.Cosine, K: s.n})
		unit := make([]float64, len(want))
		for i := range unit {
			unit[i] = 1
		}
		checkScores(t, r, s.n, want, unit)
	}
}

// scale multiplies row i by factor i, again and again.
func scale(m kernels.Matrix, positions int, by []float32) {
	for i := range m.Rows {
		for k := range m.Row(i) {
			m.Row(i)[k] *= by[i/positions%len(by)]
		}
	}
}

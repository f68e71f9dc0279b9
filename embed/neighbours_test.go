package embed

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/influence"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/ref"
	"attrib/store"
)

func items(seed byte, n, d int) []Item {
	draw := philox.New([32]byte{seed}, 0)
	out := make([]Item, n)
	for i := range out {
		out[i].Values = make([]float32, d)
		for j := range d {
			out[i].Values[j] = float32(draw.Intn(17))
		}
	}
	return out
}

func labels(n, c int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i * 5 % c)
	}
	return out
}

func encoded(t *testing.T, e Encoder, it []Item) kernels.Matrix {
	return must[kernels.Matrix](t)(Encode(e, it, func(int) string { return "sample" }))
}

func doubles(m kernels.Matrix) [][]float64 {
	out := make([][]float64, m.Rows)
	for i := range out {
		for _, v := range m.Row(i) {
			out[i] = append(out[i], float64(v))
		}
	}
	return out
}

func allScores(t *testing.T, s influence.Scorer, q influence.Queries) [][]float64 {
	t.Helper()
	out := make([][]float64, q.Gradients.Rows)
	if err := s.Score(t.Context(), q, func(q0 int, _ int64, m kernels.Matrix) error {
		for i, row := range doubles(m) {
			out[q0+i] = append(out[q0+i], row...)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

var variants = []Neighbours{
	{}, {Measure: L2}, {Measure: RBF}, {Measure: RBF, Gamma: 2}, {LabelSign: true}, {Measure: RBF, LabelSign: true},
}

func TestNeighboursAgreeWithReference(t *testing.T) {
	const n, q = 120, 9
	e := must[Encoder](t)(New(PixelName, Options{Width: 10, Max: 16}))
	rows, queries := encoded(t, e, items(1, n, 10)), encoded(t, e, items(2, q, 10))
	small := cpu.New(cpu.Options{Workers: 2, TileBytes: 700})
	defer small.Close()
	for _, d := range []kernels.Device{ref.New(), small} {
		for _, m := range variants {
			if m.LabelSign {
				m.Labels, m.QueryLabels = labels(n, 3), labels(q, 3)
			}
			source := kernels.MatrixSource(rows)
			s := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: source, Device: d}))
			got, want := allScores(t, s, influence.Queries{Gradients: queries}), m.Reference(doubles(queries), doubles(rows))
			for i := range want {
				for j := range want[i] {
					if math.Abs(got[i][j]-want[i][j]) > 2e-6 {
						t.Fatalf("%s: query %d, row %d: %v, want %v", m.Name(), i, j, got[i][j], want[i][j])
					}
				}
			}
			checkTotals(t, m, s, d, source, queries, got)
		}
	}
}

// checkTotals holds the totals, fused or streamed, against the scores.
func checkTotals(t *testing.T, m Neighbours, s influence.Scorer, d kernels.Device, source kernels.Source, queries kernels.Matrix, all [][]float64) {
	t.Helper()
	group := labels(int(source.Len()), 4)
	got := must[*influence.Totals](t)(influence.Totalise(t.Context(), d, s, source, influence.Queries{Gradients: queries},
		influence.TotalsOptions{K: 3, Group: group, Groups: 4}))
	if want := m.measure() != RBF && !m.LabelSign; got.Fused != want {
		t.Errorf("%s: fused is %v", m.Name(), got.Fused)
	}
	for z, row := range all {
		want := make([]int64, 4)
		best := 0
		for i, v := range row {
			want[group[i]] += int64(math.RoundToEven(math.Ldexp(v, -got.Unit)))
			if v > row[best] {
				best = i
			}
		}
		if !slices.Equal(got.Sum[z*4:z*4+4], want) || got.TopID[z*3] != int64(best) {
			t.Errorf("%s: query %d: sums %v, best %d; want %v, %d", m.Name(), z, got.Sum[z*4:z*4+4], got.TopID[z*3], want, best)
		}
	}
}

func TestNamesTellMeasureAndSign(t *testing.T) {
	for want, n := range map[string]Neighbours{
		"neighbours-cosine": {}, "neighbours-rbf-label": {Measure: RBF, LabelSign: true}, "neighbours-l2": {Measure: L2},
	} {
		if n.Name() != want || !n.Needs().Embedding {
			t.Errorf("%s, needs %+v; want %s", n.Name(), n.Needs(), want)
		}
	}
}

func TestNeighboursRefuse(t *testing.T) {
	source := kernels.MatrixSource(kernels.F32(2, 1, []float32{1, 2}))
	run := &influence.Run{Features: source, Device: ref.New()}
	for _, c := range []struct {
		n    Neighbours
		want string
	}{
		{Neighbours{Measure: "dot", Gamma: -1}, "measure \"dot\" is not one of cosine, l2, rbf\ngamma is -1"},
		{Neighbours{Measure: L2, LabelSign: true, Labels: labels(2, 2)}, "cannot carry a label sign"},
		{Neighbours{LabelSign: true, Labels: labels(1, 2)}, "1 labels for 2 rows"},
		{Neighbours{LabelSign: true, Labels: labels(2, 2)}, "0 labels for 1 queries"},
	} {
		s, err := c.n.Fit(t.Context(), run)
		if err == nil {
			err = s.Score(t.Context(), influence.Queries{Gradients: kernels.F32(1, 1, []float32{1})}, func(int, int64, kernels.Matrix) error { return nil })
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestEmbeddingsOnDisk(t *testing.T) {
	const n = 600
	e := must[Encoder](t)(New(PixelName, Options{Width: 10, Max: 16}))
	all := Memory(items(1, n, 10))
	dir := filepath.Join(t.TempDir(), "store")
	h := Header(e, n)
	h.ShardRows = 100
	w := must[*store.Writer](t)(store.Create(dir, h, store.Options{}))
	last := int64(0)
	if err := WriteEmbeddings(t.Context(), e, all, w, 7, func(done, _ int64) { last = done }); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(); err != nil || last != n {
		t.Fatal(err, last)
	}
	s := must[*store.Store](t)(store.Open(context.Background(), dir))
	defer s.Close()
	var tile kernels.Tile
	tile.Rows = n
	if err := s.Read(t.Context(), 0, &tile); err != nil {
		t.Fatal(err)
	}
	want := encoded(t, e, all)
	for i := range n {
		if !slices.Equal(tile.Flat.Row(i), want.Row(i)) || s.RowID(int64(i)) != int64(i) {
			t.Fatalf("row %d differs", i)
		}
	}
	bad := must[*store.Writer](t)(store.Create(filepath.Join(t.TempDir(), "store"), Header(e, n-1), store.Options{}))
	defer bad.Close()
	if err := WriteEmbeddings(t.Context(), e, all, bad, 0, nil); err == nil || !strings.Contains(err.Error(), "the store is for 599 rows") {
		t.Errorf("other number of rows: %v", err)
	}
	all[451].Values[2] = 99
	again := must[*store.Writer](t)(store.Create(filepath.Join(t.TempDir(), "store"), h, store.Options{}))
	defer again.Close()
	if err := WriteEmbeddings(t.Context(), e, all, again, 0, nil); err == nil || !strings.Contains(err.Error(), "sample 451: pixel encoder: value 2 is 99") {
		t.Errorf("value out of range: %v", err)
	}
}

package influence_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"attrib/influence"
	"attrib/kernels"
	"attrib/kernels/ref"
	"attrib/store"
	"attrib/train"
)

func header(t influence.Task, rows int64, factored bool) store.Header {
	return store.Header{
		Schema: store.Schema, Kind: store.KindGradients, Sign: store.SignLossGradient, Measurement: store.MeasureLoss,
		Unit: store.UnitInfluence, Layout: influence.StoreLayout(t, factored), Rows: rows, ShardRows: 32,
	}
}

func mlp() train.Model {
	m := logistic(4, 3)
	m.Layers = []train.Layer{
		{Name: "fc1", Type: train.Dense, In: 4, Out: 6, Activation: train.Tanh},
		{Name: "fc2", Type: train.Dense, In: 6, Out: 3, Activation: train.None},
	}
	m.Epochs, m.Batch = 5, 20
	return m
}

// Rows on disk are the reference's gradients, layer after layer, out×in with the bias as last column, whatever the
// batch, flat or factored.
func TestFeaturesOnDisk(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 90, 4, 3))
	ids := make([]int64, 90)
	for i := range ids {
		ids[i] = int64(1000 - i)
	}
	for _, factored := range []bool{false, true} {
		for _, batch := range []int{0, 7} {
			dir := filepath.Join(t.TempDir(), "store")
			w := must[*store.Writer](t)(store.Create(dir, header(s.task, 90, factored), store.Options{}))
			calls := 0
			o := influence.WriteOptions{Batch: batch, Progress: func(done, total int64) {
				calls++
				if total != 90 || done < 1 {
					t.Errorf("progress %d of %d", done, total)
				}
			}}
			if err := influence.WriteFeatures(t.Context(), s.task, s.params, influence.Memory(s.data.X, s.data.Y, ids), w, o); err != nil {
				t.Fatal(err)
			}
			if err := w.Finish(); err != nil || calls == 0 {
				t.Fatal(err, calls)
			}
			rows := must[*store.Store](t)(store.Open(context.Background(), dir))
			if rows.RowID(3) != 997 {
				t.Errorf("row 3 is sample %d", rows.RowID(3))
			}
			checkRows(t, s, rows)
			rows.Close()
		}
	}
}

func checkRows(t *testing.T, s trained, rows kernels.Source) {
	t.Helper()
	var tile kernels.Tile
	tile.Rows = int(rows.Len())
	if err := kernels.Flatten(rows).Read(t.Context(), 0, &tile); err != nil {
		t.Fatal(err)
	}
	for i, row := range doubles(tile.Flat) {
		want := reference(s.m, s.params, s.data, i)
		if d := difference([][]float64{row}, [][]float64{want}); !(d < 1e-5) {
			t.Fatalf("row %d: largest relative difference %.2e", i, d)
		}
	}
}

// reference is ∇ℓ_i as a row.
func reference(m train.Model, p train.Params, d train.Data, i int) []float64 {
	_, grads := train.Reference(m, p.Doubles(), doubles(d.X)[i], train.ReferenceLoss(m.Loss, int(d.Y[i])))
	var out []float64
	for l, layer := range m.Layers {
		for o := range layer.Out {
			out = append(out, grads[2*l][o*layer.In:(o+1)*layer.In]...)
			out = append(out, grads[2*l+1][o])
		}
	}
	return out
}

func TestInterruptedWritingGoesOn(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 90, 4, 3))
	dir := filepath.Join(t.TempDir(), "store")
	h := header(s.task, 90, false)
	ctx, cancel := context.WithCancel(t.Context())
	w := must[*store.Writer](t)(store.Create(dir, h, store.Options{}))
	data := influence.Memory(s.data.X, s.data.Y, nil)
	err := influence.WriteFeatures(ctx, s.task, s.params, data, w, influence.WriteOptions{Batch: 10, Progress: func(done, _ int64) {
		if done >= 50 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w.Close()
	w = must[*store.Writer](t)(store.Create(dir, h, store.Options{Resume: true}))
	if w.Next() != 64 { // the second shard was in hand: it was finished
		t.Errorf("goes on at row %d, two shards have 64", w.Next())
	}
	if err := influence.WriteFeatures(t.Context(), s.task, s.params, data, w, influence.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	rows := must[*store.Store](t)(store.Open(context.Background(), dir))
	defer rows.Close()
	checkRows(t, s, rows)
}

func TestWriteFeaturesRefuses(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 20, 4, 3))
	other := taskOf(t, logistic(4, 3))
	for name, c := range map[string]struct {
		task   influence.Task
		header store.Header
		want   string
	}{
		"rows":   {s.task, header(s.task, 21, false), "the store is for 21 rows, there are 20 samples"},
		"layout": {s.task, header(other, 20, true), "is not the model's"},
	} {
		w := must[*store.Writer](t)(store.Create(filepath.Join(t.TempDir(), "store"), c.header, store.Options{}))
		err := influence.WriteFeatures(t.Context(), c.task, s.params, influence.Memory(s.data.X, s.data.Y, nil), w, influence.WriteOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		w.Close()
	}
}

func TestQueryGradientsAreOfGoodness(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 20, 4, 3))
	b := influence.Batch{X: s.data.X, Y: s.data.Y}
	loss := make([]float64, 20)
	for i := range loss {
		loss[i], _ = train.Reference(s.m, s.params.Doubles(), doubles(s.data.X)[i], train.ReferenceLoss(s.m.Loss, int(s.data.Y[i])))
	}
	for _, o := range []influence.Objective{influence.Loss, influence.LogProb} { // both are −ℓ as a goodness
		q, value, err := influence.QueryGradients(t.Context(), s.task, s.params, b, make([]string, 20), o)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range doubles(q.Gradients) {
			want := reference(s.m, s.params, s.data, i)
			for j := range want {
				want[j] = -want[j]
			}
			if d := difference([][]float64{row}, [][]float64{want}); !(d < 1e-5) {
				t.Errorf("%v, output %d: largest relative difference %.2e from −∇ℓ", o, i, d)
			}
			if math.Abs(float64(value[i])+loss[i]) > 1e-5 {
				t.Errorf("%v, output %d: goodness %v, want %v", o, i, value[i], -loss[i])
			}
		}
	}
	if _, _, err := influence.QueryGradients(t.Context(), s.task, s.params, influence.Batch{X: kernels.F32(0, 4, nil)}, nil, influence.Loss); !errors.Is(err, kernels.ErrNoQueries) {
		t.Errorf("no outputs: %v", err)
	}
	if _, _, err := influence.QueryGradients(t.Context(), s.task, s.params, b, nil, influence.Loss); err == nil || !strings.Contains(err.Error(), "0 names for 20 outputs") {
		t.Errorf("no names: %v", err)
	}
}

func TestFactorsServeAsSource(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 20, 4, 3))
	f := must[*influence.Factors](t)(s.task.Signals(t.Context(), s.params, influence.Batch{X: s.data.X, Y: s.data.Y}, influence.Loss))
	q := influence.Queries{Gradients: random(3, 4, influence.Width(s.task.Layers()))}
	flat := scores(t, "influence", &influence.Run{Features: s.features, Device: ref.New()}, q)
	factored := scores(t, "influence", &influence.Run{Features: f.Source(s.task.Layers()), Device: ref.New()}, q)
	if d := difference(factored, flat); d != 0 {
		t.Errorf("factored and flat rows differ by %.2e", d)
	}
}

func TestObjectiveNames(t *testing.T) {
	for _, o := range []influence.Objective{influence.Loss, influence.Margin, influence.LogProb} {
		if back, err := influence.ParseObjective(o.String()); err != nil || back != o {
			t.Errorf("%v: %v, %v", o, back, err)
		}
	}
	if _, err := influence.ParseObjective("accuracy"); err == nil {
		t.Error("an unknown objective is accepted")
	}
}

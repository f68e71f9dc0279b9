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
	"attrib/kernels/cpu"
	"attrib/kernels/ref"
	"attrib/store"
)

// counted is a device that counts how it scans.
type counted struct {
	kernels.Device
	flat, factored int
}

func (c *counted) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	c.flat++
	return c.Device.Scan(ctx, s, scan)
}

func (c *counted) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	c.factored++
	return c.Device.(kernels.FactoredScanner).ScanFactored(ctx, s, q, scan)
}

// TestFactoredStoreGivesTheScoresOfTheFlatOne: a store of factors is scanned as it is by dot and cosine, and its totals
// are those of the flat store up to rounding.
func TestFactoredStoreGivesTheScoresOfTheFlatOne(t *testing.T) {
	const n, groups = 90, 4
	s := trainOn(t, mlp(), blobs(1, n, 4, 3))
	stores := map[bool]*store.Store{}
	for _, factored := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "store")
		w := must[*store.Writer](t)(store.Create(dir, header(s.task, n, factored), store.Options{}))
		err := influence.WriteFeatures(t.Context(), s.task, s.params, influence.Memory(s.data.X, s.data.Y, nil), w, influence.WriteOptions{})
		if err = errors.Join(err, w.Finish()); err != nil {
			t.Fatal(err)
		}
		stores[factored] = must[*store.Store](t)(store.Open(t.Context(), dir))
		defer stores[factored].Close()
	}
	b := influence.Batch{X: s.data.X.Slice(0, 20), Y: s.data.Y[:20]}
	for _, objective := range []influence.Objective{influence.Loss, influence.Margin} {
		q, _, err := influence.QueryGradients(t.Context(), s.task, s.params, b, make([]string, 20), objective)
		if err != nil {
			t.Fatal(err)
		}
		for name, inner := range map[string]kernels.Device{"reference": ref.New(), "cpu": cpu.New(cpu.Options{})} {
			for _, m := range influence.Methods() {
				at := m.Name() + " of " + objective.String() + " on " + name
				totals := map[bool]*influence.Totals{}
				for factored, features := range stores {
					d := &counted{Device: inner}
					scorer := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: features, Device: d}))
					totals[factored] = must[*influence.Totals](t)(influence.Totalise(t.Context(), d, scorer, features, q,
						influence.TotalsOptions{K: 5, Group: groupsOf(n, groups), Groups: groups}))
					if want := factored && m.Name() != "influence"; (d.factored == 1) != want || d.flat+d.factored != 1 {
						t.Errorf("%s, factored %v: %d flat scans and %d factored ones", at, factored, d.flat, d.factored)
					}
				}
				sameTotals(t, at, totals[true], totals[false])
			}
		}
	}
}

// sameTotals compares up to rounding.
func sameTotals(t *testing.T, at string, got, want *influence.Totals) {
	t.Helper()
	if !got.Fused || got.Unit != want.Unit {
		t.Errorf("%s: fused %v, unit %d, want %d", at, got.Fused, got.Unit, want.Unit)
	}
	scale := 0.0
	for _, v := range append(append([]float32(nil), want.TopScore...), want.WorstScore...) {
		scale = math.Max(scale, math.Abs(float64(v)))
	}
	for i := range want.TopScore {
		if math.Abs(float64(got.TopScore[i]-want.TopScore[i])) > 1e-5*scale || math.Abs(float64(got.WorstScore[i]-want.WorstScore[i])) > 1e-5*scale {
			t.Errorf("%s: place %d: scores %g and %g, want %g and %g", at, i, got.TopScore[i], got.WorstScore[i], want.TopScore[i], want.WorstScore[i])
		}
	}
	for i := range want.Sum {
		if off := math.Ldexp(float64(got.Sum[i]-want.Sum[i]), want.Unit); math.Abs(off) > 1e-4*scale {
			t.Errorf("%s: sum %d is off by %g", at, i, off)
		}
	}
}

// TestFactorsThatDoNotFit are refused with what is wrong.
func TestFactorsThatDoNotFit(t *testing.T) {
	s := trainOn(t, mlp(), blobs(1, 20, 4, 3))
	f := must[*influence.Factors](t)(s.task.Signals(t.Context(), s.params, influence.Batch{X: s.data.X, Y: s.data.Y}, influence.Loss))
	features := f.Source(s.task.Layers())
	q, _, err := influence.QueryGradients(t.Context(), s.task, s.params, influence.Batch{X: s.data.X, Y: s.data.Y}, make([]string, 20), influence.Margin)
	if err != nil {
		t.Fatal(err)
	}
	d := cpu.New(cpu.Options{})
	m := must[influence.Method](t)(influence.ByName("dot"))
	scorer := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: features, Device: d}))
	for want, change := range map[string]func(*kernels.FactoredQueries){
		"19 queries in factors, 20 flat ones": func(q *kernels.FactoredQueries) { q.Rows = 19 },
		"rows have":                           func(q *kernels.FactoredQueries) { q.Factors = q.Factors[:1] },
	} {
		bad := *q.Factors
		change(&bad)
		_, err := influence.Totalise(t.Context(), d, scorer, features, influence.Queries{Gradients: q.Gradients, Factors: &bad}, influence.TotalsOptions{K: 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

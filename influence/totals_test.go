package influence_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/influence"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/ref"
)

// unfused hides that a scorer can be fused.
type unfused struct{ influence.Scorer }

// bounded knows a bound.
type bounded struct {
	influence.Scorer
	bound float64
}

func (b bounded) Bound(context.Context, influence.Queries) (float64, error) { return b.bound, nil }

func groupsOf(n, groups int) []int32 {
	g := make([]int32, n)
	for i := range g {
		g[i] = int32(i*7%(groups+1)) - 1
	}
	return g
}

func TestTotaliseAgreesWithLoops(t *testing.T) {
	const n, groups, k = 90, 4, 5
	source := kernels.MatrixSource(random(1, n, 12))
	q := influence.Queries{Gradients: random(2, 6, 12)}
	group := groupsOf(n, groups)
	for device, d := range devices(t) {
		for _, m := range influence.Methods() {
			run := &influence.Run{Features: source, Device: d}
			s := must[influence.Scorer](t)(m.Fit(t.Context(), run))
			all := scores(t, m.Name(), run, q)
			for form, scorer := range map[string]influence.Scorer{"fused": s, "streamed": unfused{s}, "bounded": bounded{s, 100}} {
				got := must[*influence.Totals](t)(influence.Totalise(t.Context(), d, scorer, source, q, influence.TotalsOptions{K: k, Group: group, Groups: groups}))
				at := m.Name() + " " + form + " on " + device
				if got.Fused != (form == "fused") {
					t.Errorf("%s: fused is %v", at, got.Fused)
				}
				checkTotals(t, at, got, all, group)
			}
		}
	}
}

// checkTotals holds totals against the scores themselves.
func checkTotals(t *testing.T, at string, got *influence.Totals, all [][]float64, group []int32) {
	t.Helper()
	for z, row := range all {
		order := make([]int64, len(row))
		for i := range order {
			order[i] = int64(i)
		}
		slices.SortStableFunc(order, func(a, b int64) int {
			if row[a] > row[b] {
				return -1
			}
			return 1
		})
		for j := range got.K {
			if got.TopID[z*got.K+j] != order[j] || got.WorstID[z*got.K+j] != order[len(order)-1-j] {
				t.Fatalf("%s: query %d, place %d: rows %d and %d, want %d and %d", at, z, j,
					got.TopID[z*got.K+j], got.WorstID[z*got.K+j], order[j], order[len(order)-1-j])
			}
			if float64(got.TopScore[z*got.K+j]) != row[order[j]] || float64(got.WorstScore[z*got.K+j]) != row[order[len(order)-1-j]] {
				t.Fatalf("%s: query %d, place %d: other scores", at, z, j)
			}
		}
		want := make([]int64, got.Groups)
		for i, v := range row {
			if group[i] >= 0 {
				want[group[i]] += int64(math.RoundToEven(math.Ldexp(v, -got.Unit)))
			}
		}
		if have := got.Sum[z*got.Groups : (z+1)*got.Groups]; !slices.Equal(have, want) {
			t.Fatalf("%s: query %d: sums %v, want %v", at, z, have, want)
		}
	}
}

func TestTotalsAreTheSameForAnyWorkers(t *testing.T) {
	const n, groups = 300, 5
	source := kernels.MatrixSource(random(1, n, 20))
	q := influence.Queries{Gradients: random(2, 6, 20)}
	var want *influence.Totals
	for _, workers := range []int{1, 2, 7} {
		d := cpu.New(cpu.Options{Workers: workers, TileBytes: int64(1000 * workers)})
		m := must[influence.Method](t)(influence.ByName("influence"))
		s := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: source, Device: d}))
		for _, scorer := range []influence.Scorer{s, bounded{s, 1e6}} {
			got := must[*influence.Totals](t)(influence.Totalise(t.Context(), d, scorer, source, q, influence.TotalsOptions{K: 9, Group: groupsOf(n, groups), Groups: groups}))
			if want == nil {
				want = got
			}
			if !slices.Equal(got.TopID, want.TopID) || !slices.Equal(got.WorstScore, want.WorstScore) {
				t.Errorf("%d workers: other best or worst rows", workers)
			}
			if got.Fused && !slices.Equal(got.Sum, want.Sum) {
				t.Errorf("%d workers: other sums", workers)
			}
		}
		d.Close()
	}
}

func TestTotalsResolveTheScores(t *testing.T) {
	const n = 90
	source := kernels.MatrixSource(random(1, n, 12))
	q := influence.Queries{Gradients: random(2, 6, 12)}
	d := ref.New()
	run := &influence.Run{Features: source, Device: d}
	s := must[influence.Scorer](t)(must[influence.Method](t)(influence.ByName("influence")).Fit(t.Context(), run))
	got := must[*influence.Totals](t)(influence.Totalise(t.Context(), d, s, source, q, influence.TotalsOptions{K: 500, Group: make([]int32, n), Groups: 1}))
	if got.K != n {
		t.Errorf("k is %d of %d rows", got.K, n)
	}
	for z, row := range scores(t, "influence", run, q) {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		if have := math.Ldexp(float64(got.Sum[z]), got.Unit); math.Abs(have-sum) > 1e-9*math.Abs(sum) {
			t.Errorf("query %d: total %v, want %v", z, have, sum)
		}
	}
}

func TestTiesGoToTheLowerRow(t *testing.T) {
	v := make([]float32, 40)
	for i := range v {
		v[i] = float32(i % 3)
	}
	source := kernels.MatrixSource(kernels.F32(40, 1, v))
	q := influence.Queries{Gradients: kernels.F32(1, 1, []float32{-1})}
	for name, d := range devices(t) {
		s := must[influence.Scorer](t)(must[influence.Method](t)(influence.ByName("dot")).Fit(t.Context(), &influence.Run{Features: source, Device: d}))
		for _, scorer := range []influence.Scorer{s, unfused{s}} {
			got := must[*influence.Totals](t)(influence.Totalise(t.Context(), d, scorer, source, q, influence.TotalsOptions{K: 3}))
			if !slices.Equal(got.TopID, []int64{2, 5, 8}) || !slices.Equal(got.WorstID, []int64{0, 3, 6}) {
				t.Errorf("%s: %v and %v", name, got.TopID, got.WorstID)
			}
		}
	}
}

// stray hands out rows that it should not.
type stray struct{ blocks [][2]int64 }

func (stray) Unit() string { return influence.UnitArbitrary }
func (s stray) Score(_ context.Context, q influence.Queries, emit func(int, int64, kernels.Matrix) error) error {
	for _, b := range s.blocks {
		if err := emit(0, b[0], random(1, q.Gradients.Rows, int(b[1]))); err != nil {
			return err
		}
	}
	return nil
}

func TestTotaliseRefuses(t *testing.T) {
	source := kernels.MatrixSource(random(1, 10, 3))
	q := influence.Queries{Gradients: random(2, 2, 3)}
	d := ref.New()
	s := must[influence.Scorer](t)(must[influence.Method](t)(influence.ByName("dot")).Fit(t.Context(), &influence.Run{Features: source, Device: d}))
	for name, c := range map[string]struct {
		s      influence.Scorer
		source kernels.Source
		q      influence.Queries
		o      influence.TotalsOptions
		want   string
	}{
		"no rows":      {s, kernels.MatrixSource(kernels.F32(0, 3, nil)), q, influence.TotalsOptions{}, kernels.ErrEmptySource.Error()},
		"no queries":   {s, source, influence.Queries{Gradients: kernels.F32(0, 3, nil)}, influence.TotalsOptions{K: 1}, kernels.ErrNoQueries.Error()},
		"groups":       {s, source, q, influence.TotalsOptions{K: -1, Group: make([]int32, 9), Groups: 2}, "k is -1\n2 groups, and a group for 9 of 10 rows"},
		"group":        {s, source, q, influence.TotalsOptions{Group: []int32{0, 0, 0, 0, 2, 0, 0, 0, 0, 0}, Groups: 2}, "row 4 is in group 2 of 2"},
		"gap":          {stray{[][2]int64{{0, 4}, {5, 5}}}, source, q, influence.TotalsOptions{K: 1}, "out of order"},
		"too many":     {stray{[][2]int64{{0, 11}}}, source, q, influence.TotalsOptions{K: 1}, "out of order"},
		"too few":      {stray{[][2]int64{{0, 4}}}, source, q, influence.TotalsOptions{K: 1}, "handed out 4 of 10 rows"},
		"beyond bound": {bounded{s, 1e-30}, source, q, influence.TotalsOptions{K: 1}, kernels.ErrOverflow.Error()},
	} {
		_, err := influence.Totalise(t.Context(), d, c.s, c.source, c.q, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

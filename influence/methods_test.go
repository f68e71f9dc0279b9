package influence_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"attrib/influence"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/ref"
)

func devices(t *testing.T) map[string]kernels.Device {
	d := map[string]kernels.Device{"ref": ref.New(), "cpu": cpu.New(cpu.Options{Workers: 3, TileBytes: 2000})}
	t.Cleanup(func() {
		for _, d := range d {
			d.Close()
		}
	})
	return d
}

func TestMethodsAgreeWithReference(t *testing.T) {
	rows, q := random(1, 50, 12), influence.Queries{Gradients: random(2, 7, 12)}
	for name, d := range devices(t) {
		for _, m := range influence.Methods() {
			for _, damping := range []float64{0, 0.01, 3} {
				for _, n := range []int64{0, 1000} {
					got := scores(t, m.Name(), &influence.Run{Features: kernels.MatrixSource(rows), Device: d, Damping: damping, N: n}, q)
					lambda, denominator := damping, float64(n)
					if damping == 0 {
						lambda = influence.DefaultDamping
					}
					if n == 0 {
						denominator = 50
					}
					want := must[[][]float64](t)(influence.Reference(m.Name(), doubles(q.Gradients), doubles(rows), denominator, lambda))
					if worst := difference(got, want); !(worst < 1e-5) {
						t.Errorf("%s on %s, damping %v, n %d: largest relative difference %.2e", m.Name(), name, damping, n, worst)
					}
				}
			}
		}
	}
}

// difference is the largest |a−b| over the largest |b|.
func difference(a, b [][]float64) float64 {
	worst, scale := 0.0, 0.0
	for i := range b {
		if len(a[i]) != len(b[i]) {
			return math.Inf(1)
		}
		for j := range b[i] {
			worst, scale = math.Max(worst, math.Abs(a[i][j]-b[i][j])), math.Max(scale, math.Abs(b[i][j]))
		}
	}
	return worst / scale
}

// A sample whose loss gradient is the opposite of the output's goodness gradient helps: learning it raises m.
func TestSignByHand(t *testing.T) {
	rows := kernels.F32(2, 2, []float32{-1, 0, 1, 0})
	q := influence.Queries{Gradients: kernels.F32(1, 2, []float32{2, 0})}
	for _, m := range influence.Methods() {
		got := scores(t, m.Name(), &influence.Run{Features: kernels.MatrixSource(rows), Device: ref.New()}, q)
		if !(got[0][0] > 0 && got[0][1] < 0) {
			t.Errorf("%s: %v, want the first sample to help and the second to harm", m.Name(), got[0])
		}
	}
}

func TestUnits(t *testing.T) {
	for _, m := range influence.Methods() {
		s := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: kernels.MatrixSource(random(1, 9, 4)), Device: ref.New()}))
		want := influence.UnitArbitrary
		if m.Name() == "influence" {
			want = influence.UnitDerivative
		}
		if s.Unit() != want {
			t.Errorf("%s: unit %q, want %q", m.Name(), s.Unit(), want)
		}
		if !m.Needs().Gradients || m.Needs().Curvature != (m.Name() == "influence") {
			t.Errorf("%s needs %+v", m.Name(), m.Needs())
		}
	}
}

func TestFitRefuses(t *testing.T) {
	good := kernels.MatrixSource(random(1, 9, 4))
	nan := random(1, 9, 4)
	nan.Row(6)[1] = float32(math.NaN())
	flat := random(1, 3, 2)
	for name, c := range map[string]struct {
		run  influence.Run
		want string
	}{
		"nothing":   {influence.Run{Damping: -1, At: 0.5, N: -3}, "no features are given\nno device is given\nthe denominator N is -3, want a positive number\ndamping -1, want a number ≥ 0\nthese methods linearise at weight 1, not 0.5"},
		"no rows":   {influence.Run{Features: kernels.MatrixSource(kernels.F32(0, 4, nil)), Device: ref.New()}, kernels.ErrEmptySource.Error()},
		"nan row":   {influence.Run{Features: kernels.MatrixSource(nan), Device: ref.New()}, "curvature: row 6: holds a NaN"},
		"all zero":  {influence.Run{Features: kernels.MatrixSource(kernels.F32(2, 2, make([]float32, 4))), Device: ref.New()}, "every gradient is zero"},
		"too wide":  {influence.Run{Features: kernels.MatrixSource(random(1, 1, influence.MaxCurvature+1)), Device: ref.New()}, "use dot or cosine"},
		"singular":  {influence.Run{Features: kernels.MatrixSource(kernels.F32(1, 2, []float32{1, 1})), Damping: 1e-300, Device: ref.New()}, "raise the damping"},
		"width":     {influence.Run{Features: kernels.MatrixSource(flat), Device: ref.New()}, "queries have width 4, the features 2"},
		"nan query": {influence.Run{Features: good, Device: ref.New()}, `query "b" holds a NaN`},
	} {
		m := must[influence.Method](t)(influence.ByName("influence"))
		s, err := m.Fit(t.Context(), &c.run)
		if err == nil {
			q := influence.Queries{IDs: []string{"a", "b"}, Gradients: random(2, 2, 4)}
			if name == "nan query" {
				q.Gradients.Row(1)[0] = float32(math.NaN())
			}
			err = s.Score(t.Context(), q, func(int, int64, kernels.Matrix) error { return nil })
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := influence.ByName("dort"); err == nil || !strings.Contains(err.Error(), "dot, cosine, influence") {
		t.Errorf("unknown method: %v", err)
	}
}

func TestWarnsOfBadCondition(t *testing.T) {
	rows := kernels.F32(2, 2, []float32{1, 0, 0, 1e-7})
	var warned error
	m := must[influence.Method](t)(influence.ByName("influence"))
	if _, err := m.Fit(t.Context(), &influence.Run{Features: kernels.MatrixSource(rows), Damping: 1e-14, Device: ref.New(), Warn: func(err error) { warned = err }}); err != nil {
		t.Fatal(err)
	}
	if warned == nil || !strings.Contains(warned.Error(), "condition number") {
		t.Errorf("warning %v", warned)
	}
}

func TestCancelledFit(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := must[influence.Method](t)(influence.ByName("influence"))
	d := cpu.New(cpu.Options{})
	defer d.Close()
	if _, err := m.Fit(ctx, &influence.Run{Features: kernels.MatrixSource(random(1, 9, 4)), Device: d}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A gradient so large that the damped curvature leaves nothing of the queries is named; before that, scores are right.
func TestHugeRowIsNamed(t *testing.T) {
	q := influence.Queries{IDs: []string{"a", "b", "c"}, Gradients: random(2, 3, 4)}
	clear(q.Gradients.Row(0)) // a query of zeros has scores of zero
	for j := range q.Gradients.Row(2) {
		q.Gradients.Row(2)[j] *= 1e-38 // and one that is next to nothing is no fault of a row
	}
	m := must[influence.Method](t)(influence.ByName("influence"))
	for name, d := range devices(t) {
		for _, size := range []float32{1e12, 1e25, 3.4e38} {
			rows := random(1, 9, 4)
			for j := range rows.Row(6) {
				rows.Row(6)[j] = size
			}
			source := kernels.MatrixSource(rows)
			s := must[influence.Scorer](t)(m.Fit(t.Context(), &influence.Run{Features: source, Device: d}))
			totals, err := influence.Totalise(t.Context(), d, s, source, q, influence.TotalsOptions{K: 9})
			var row *kernels.RowError
			switch {
			case size == 1e12 && (err != nil || totals.TopScore[9] == 0):
				t.Errorf("%s: a row of %g: %v", name, size, err)
			case size > 1e12 && (!errors.As(err, &row) || row.Row != 6 || !strings.Contains(err.Error(), `query "b"`)):
				t.Errorf("%s: a row of %g: error %v, want one that names row 6", name, size, err)
			}
		}
	}
}

package influence_test

import (
	"testing"

	"attrib/influence"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/train"
)

// removals are runs of weights in which a fifth of the samples weighs 0.
func removals(runs, n int) [][]float32 {
	draw := philox.New([32]byte{8}, 0)
	out := make([][]float32, runs)
	for r := range out {
		out[r] = make([]float32, n)
		for i := range out[r] {
			if draw.Intn(5) != 0 {
				out[r][i] = 1
			}
		}
	}
	return out
}

// Influence predicts what really retraining without samples does to the margins of fresh outputs: rank correlation
// over removals, mean over outputs. A wrong sign gives a negative figure.
func TestInfluencePredictsRetraining(t *testing.T) {
	const n, queries = 150, 20
	s := trainOn(t, logistic(4, 3), blobs(1, n, 4, 3))
	fresh := blobs(2, queries, 4, 3)
	weights := removals(60, n)
	models := must[[]train.Params](t)(train.Many(t.Context(), s.m, s.data, weights, train.ManyOptions{}))
	b := influence.Batch{X: fresh.X, Y: fresh.Y}
	margins := make([][]float32, len(models))
	for r, p := range models {
		margins[r] = must[*influence.Factors](t)(s.task.Signals(t.Context(), p, b, influence.Margin)).Value
	}
	q, _, err := influence.QueryGradients(t.Context(), s.task, s.params, b, make([]string, queries), influence.Margin)
	if err != nil {
		t.Fatal(err)
	}
	device := cpu.New(cpu.Options{Workers: 2})
	defer device.Close()
	for _, c := range []struct {
		method string
		least  float64
	}{{"influence", 0.8}, {"dot", 0.5}, {"cosine", 0.4}} {
		tau := scores(t, c.method, &influence.Run{Features: s.features, Device: device, Damping: 0.01}, q)
		mean, unit := 0.0, slope{}
		for z := range queries {
			var predicted, actual []float64
			for r, w := range weights {
				change := 0.0
				for i := range n {
					if w[i] == 0 {
						change -= tau[z][i]
					}
				}
				predicted, actual = append(predicted, change), append(actual, float64(margins[r][z]))
			}
			mean += spearman(predicted, actual) / queries
			unit.add(predicted, actual)
		}
		t.Logf("%s: mean rank correlation %.3f, slope %.3g", c.method, mean, unit.value())
		if v := unit.value(); c.method == "influence" && !(v > 0.5 && v < 2) {
			t.Errorf("real changes are %.2f times the predicted ones: the unit is not dm/dw", v)
		}
		if !(mean > c.least) {
			t.Errorf("%s: mean rank correlation %.3f, want above %.2f", c.method, mean, c.least)
		}
	}
}

// slope is the regression of actual on predicted, each series round its own mean.
type slope struct{ xy, xx float64 }

func (s *slope) add(x, y []float64) {
	mx, my := 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(y))
	}
	for i := range x {
		s.xy += (x[i] - mx) * (y[i] - my)
		s.xx += (x[i] - mx) * (x[i] - mx)
	}
}

func (s *slope) value() float64 { return s.xy / s.xx }

// scores are all scores (q×n) of a method.
func scores(t testing.TB, method string, r *influence.Run, q influence.Queries) [][]float64 {
	t.Helper()
	m := must[influence.Method](t)(influence.ByName(method))
	s := must[influence.Scorer](t)(m.Fit(t.Context(), r))
	out := make([][]float64, q.Gradients.Rows)
	err := s.Score(t.Context(), q, func(q0 int, _ int64, m kernels.Matrix) error {
		for i, row := range doubles(m) {
			out[q0+i] = append(out[q0+i], row...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

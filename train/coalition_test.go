package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attrib/kernels"
)

// deep is a network whose hidden layers are of different widths, one of them without an activation: 5-9-6-3.
func deep(loss string) Model {
	m := mlp()
	m.Layers = []Layer{
		{Name: "a", Type: Dense, In: 5, Out: 9, Activation: Tanh},
		{Name: "b", Type: Dense, In: 9, Out: 6, Activation: None},
		{Name: "c", Type: Dense, In: 6, Out: 3, Activation: None},
	}
	m.Loss = loss
	return m
}

// mixedWeights are weights with zeros, fractions and, in the first runs, all or nothing.
func mixedWeights(runs, n int) [][]float32 {
	out := randomWeights(runs, n)
	for i := range n {
		out[0][i] = 0
		out[1][i] = 1
		out[2][i] *= float32(i%4) / 2
	}
	return out
}

func hashes(p []Params) []string {
	out := make([]string, len(p))
	for i := range p {
		out[i] = p[i].Hash()
	}
	return out
}

func TestCoalitionsDoNotDependOnCopiesNorWorkers(t *testing.T) {
	d := blobs(61, 5, 3, 1)
	weights := mixedWeights(67, 61)
	for _, m := range []Model{mlp(), deep(CrossEntropy), deep(SquaredError)} {
		want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{Copies: 1, Workers: 1})))
		for _, o := range []CoalitionOptions{
			{}, {Copies: 1, Workers: 2}, {Copies: 2, Workers: 1}, {Copies: 7, Workers: 3}, {Copies: 64, Workers: 1},
			{Copies: 64, Memory: 1 << 17}, {Workers: 1, Memory: 1 << 14},
		} {
			got := must[[]Params](t)(Coalitions(t.Context(), m, d, weights, o))
			for r := range want {
				if got[r].Hash() != want[r] {
					t.Fatalf("%+v, %s: retraining %d differs from one that was alone", o, m.Loss, r)
				}
			}
		}
		if want[1] == want[3] || want[2] == want[3] {
			t.Error("weights do not matter")
		}
	}
}

// largestGap is the largest difference between the logits of two sets of models.
func largestGap(t *testing.T, m Model, x kernels.Matrix, a, b []Params) float64 {
	t.Helper()
	net := must[Network](t)(NewNetwork(m))
	worst := 0.0
	for r := range a {
		za, zb := must[kernels.Matrix](t)(Logits(net, a[r], x)), must[kernels.Matrix](t)(Logits(net, b[r], x))
		for i, v := range za.Floats() {
			worst = max(worst, math.Abs(float64(v-zb.Floats()[i])))
		}
	}
	return worst
}

func TestCoalitionsAgreeWithMany(t *testing.T) {
	d := blobs(61, 5, 3, 1)
	weights := mixedWeights(20, 61)
	initial := InitialParams(must[Network](t)(NewNetwork(deep(CrossEntropy))).Specs(), 99)
	order := make([][]int, 6)
	for e := range order { // epochs of different lengths that visit samples twice or never
		for k := range 70 - e {
			order[e] = append(order[e], (k*k+e)%61)
		}
	}
	plain := deep(CrossEntropy)
	plain.Optimizer.Momentum, plain.Optimizer.WeightDecay, plain.Batch = 0, 0, 500
	for name, c := range map[string]struct {
		m Model
		o CoalitionOptions
	}{
		"seed":          {mlp(), CoalitionOptions{}},
		"squared error": {deep(SquaredError), CoalitionOptions{}},
		"given start":   {deep(CrossEntropy), CoalitionOptions{Initial: initial, Order: order}},
		"plain descent": {plain, CoalitionOptions{}},
	} {
		got := must[[]Params](t)(Coalitions(t.Context(), c.m, d, weights, c.o))
		want := must[[]Params](t)(Many(t.Context(), c.m, d, weights, ManyOptions{Initial: c.o.Initial, Order: c.o.Order}))
		gap := largestGap(t, c.m, d.X, got, want)
		t.Logf("%s: largest difference of a logit %.1e", name, gap)
		if a, b := hashes(got), hashes(want); !slices.Equal(a, b) {
			t.Errorf("%s: other bits than Many's: a logit differs by %.1e", name, gap)
		}
		if start := initial; largestGap(t, c.m, d.X, got[1:2], []Params{mustMatch(t, c.m, start)}) < 1e-2 {
			t.Errorf("%s: nothing was trained", name)
		}
	}
}

// mustMatch are the initial parameters when they are the model's, else the model's own.
func mustMatch(t *testing.T, m Model, p Params) Params {
	t.Helper()
	specs := must[Network](t)(NewNetwork(m)).Specs()
	if q, err := p.Match(specs); err == nil {
		return q
	}
	return InitialParams(specs, m.Init.Seed)
}

// A sample of weight 0 leaves no trace of its content, whether the batch is shared or each copy has its own.
func TestCoalitionsDropWeightZero(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	for _, every := range []int{2, 30} {
		weights := randomWeights(1, 60)
		changed := blobs(60, 5, 3, 1)
		for i := range weights[0] {
			weights[0][i] = 1
			if i%every == 0 {
				weights[0][i] = 0
				changed.Y[i] = (changed.Y[i] + 1) % 3
				changed.row(i)[0] += 5
			}
		}
		a := must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{}))
		b := must[[]Params](t)(Coalitions(t.Context(), m, changed, weights, CoalitionOptions{}))
		if a[0].Hash() != b[0].Hash() {
			t.Errorf("a removed sample changes the result, every %d removed", every)
		}
	}
}

func TestCoalitionsKeepTheirBudget(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	one := must[*coalitionPlan](t)(CoalitionOptions{}.plan(m, d, nil)).bytes()
	_, err := Coalitions(t.Context(), m, d, randomWeights(5, 60), CoalitionOptions{Memory: one - 1})
	if err == nil || !strings.Contains(err.Error(), "budget of "+strconv.FormatInt(one-1, 10)+" bytes") || !strings.Contains(err.Error(), "takes "+strconv.FormatInt(one, 10)) {
		t.Errorf("error %v", err)
	}
	for _, c := range []struct {
		o               CoalitionOptions
		workers, copies int
	}{
		{CoalitionOptions{Workers: 4, Copies: 9, Memory: one}, 1, 1},
		{CoalitionOptions{Workers: 4, Copies: 9, Memory: 9 * one}, 4, 2},
		{CoalitionOptions{Workers: 4, Copies: 9}, 4, 9},
		{CoalitionOptions{Workers: 1, Copies: 999}, 1, 100},
	} {
		p, err := c.o.plan(m, d, randomWeights(100, 60))
		if err != nil || p.workers != c.workers || p.copies != c.copies {
			t.Fatalf("%+v: %v, %d workers with %d copies", c.o, err, p.workers, p.copies)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g := newCopyGroup(p)
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(g)
		// size classes round small slices up, and headers come on top
		if held, limit := int64(after.TotalAlloc-before.TotalAlloc), one*int64(p.copies)*5/4+4096; held > limit {
			t.Errorf("a group of %d holds %d bytes, counted as %d", p.copies, held, one*int64(p.copies))
		}
	}
}

// The error is that of the first run that fails, whatever the groups are.
func TestCoalitionsNameWhatDiverges(t *testing.T) {
	m, d := deep(SquaredError), blobs(60, 5, 3, 1)
	m.Optimizer.LearningRate, m.Epochs = 30, 40
	weights := randomWeights(40, 60)
	for r := range 11 {
		clear(weights[r])
	}
	m.Optimizer.WeightDecay = 0
	var want string
	for _, o := range []CoalitionOptions{{Copies: 1, Workers: 1}, {Copies: 1, Workers: 3}, {Copies: 7}, {Copies: 64, Workers: 1}, {}} {
		_, err := Coalitions(t.Context(), m, d, weights, o)
		if err == nil {
			t.Fatalf("%+v: no error", o)
		}
		if want == "" {
			want = err.Error()
			t.Log(want)
		}
		if err.Error() != want {
			t.Errorf("%+v: error %q, alone %q", o, err, want)
		}
	}
	for _, part := range []string{"retraining 11: epoch ", ": batch ", "(step ", "rows ", "lower the learning rate"} {
		if !strings.Contains(want, part) {
			t.Errorf("%q lacks %q", want, part)
		}
	}
}

func TestCoalitionsStop(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Coalitions(ctx, m, d, randomWeights(200, 60), CoalitionOptions{Workers: 2, Copies: 1, Progress: func(done int) {
		if done == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	full := errors.New("disk full")
	_, err = Coalitions(t.Context(), m, d, randomWeights(20, 60), CoalitionOptions{Visit: func(int, Params) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

func TestCoalitionsRefuse(t *testing.T) {
	d := blobs(60, 5, 3, 1)
	short, negative := randomWeights(3, 60), randomWeights(3, 60)
	short[1] = short[1][:59]
	negative[2][4] = -1
	graph := Model{Schema: ModelSchema, Name: "g", Builder: "graph", Loss: CrossEntropy, Init: mlp().Init, Optimizer: mlp().Optimizer, Epochs: 1, Batch: 1}
	labels := blobs(60, 5, 3, 1)
	labels.Y[7] = 3
	for _, c := range []struct {
		m       Model
		d       Data
		weights [][]float32
		o       CoalitionOptions
		want    string
	}{
		{mlp(), d, short, CoalitionOptions{}, "retraining 1: 59 weights for 60 samples"},
		{mlp(), d, negative, CoalitionOptions{}, "retraining 2: row 4: weight -1"},
		{graph, d, short[:1], CoalitionOptions{}, `registered graph "graph"`},
		{mlp(), labels, short[:1], CoalitionOptions{}, "row 7: label 3"},
		{mlp(), d, short[:1], CoalitionOptions{Workers: -1, Copies: -2, Memory: -3}, "-1 workers\ncoalitions: -2 copies together\ncoalitions: -3 bytes"},
		{mlp(), d, short[:1], CoalitionOptions{Order: [][]int{{0}}}, "orders of 1 epochs"},
		{mlp(), d, short[:1], CoalitionOptions{Initial: Params{}}, "initial parameters"},
	} {
		if _, err := Coalitions(t.Context(), c.m, c.d, c.weights, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if p, err := Coalitions(t.Context(), mlp(), d, nil, CoalitionOptions{}); err != nil || len(p) != 0 {
		t.Errorf("no runs: %v, %v", p, err)
	}
}

func TestCoalitionsHandOutParameters(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	weights := randomWeights(9, 60)
	want := must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{}))
	seen, calls := map[int]string{}, 0
	got, err := Coalitions(t.Context(), m, d, weights, CoalitionOptions{
		Copies:   2,
		Visit:    func(r int, p Params) error { seen[r] = p.Hash(); return nil },
		Progress: func(done int) { calls++ },
	})
	if err != nil || got != nil || calls != 9 {
		t.Fatalf("%v, %v, %d calls of progress", got, err, calls)
	}
	for r := range want {
		if seen[r] != want[r].Hash() {
			t.Errorf("retraining %d differs", r)
		}
	}
}

func TestCoalitionsOfOwners(t *testing.T) {
	m, d := mlp(), blobs(60, 5, 3, 1)
	owner := make([]int, 60)
	for i := range owner {
		owner[i] = i * i % 4
	}
	coalitions := [][]float32{{1, 1, 1, 1}, {0, 1, 0, 1}, {1, .5, 0, 0}, {0, 0, 0, 0}, {1, 0, 1, 1}}
	var written [][]float32
	for _, c := range coalitions {
		w := make([]float32, 60)
		for i, p := range owner {
			w[i] = c[p]
		}
		written = append(written, w)
	}
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, d, written, CoalitionOptions{})))
	got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, d, coalitions, CoalitionOptions{Owner: owner, Copies: 2})))
	if !slices.Equal(got, want) {
		t.Error("weights of owners are not those of their samples")
	}
	for _, c := range []struct {
		owner []int
		want  string
	}{{owner[:59], "59 owners for 60 samples"}, {append(slices.Clone(owner[:59]), 9), "4 weights for 10 players"}, {append([]int{-1}, owner[1:]...), "row 0: owner -1"}} {
		if _, err := Coalitions(t.Context(), m, d, coalitions, CoalitionOptions{Owner: c.owner}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestCoalitionsGoOn(t *testing.T) {
	m, d, weights := mlp(), blobs(60, 5, 3, 1), randomWeights(23, 60)
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{})))
	dir := t.TempDir()
	o := CoalitionOptions{Out: dir, Workers: 2, Copies: 3}
	for stop := 1; ; stop += 6 { // interrupted again and again, each time after some more runs
		ctx, cancel := context.WithCancel(t.Context())
		trained := 0
		o.Progress = func(done int) {
			if trained = done; done >= stop {
				cancel()
			}
		}
		got, err := Coalitions(ctx, m, d, weights, o)
		cancel()
		if err == nil {
			if !slices.Equal(hashes(got), want) || trained != len(weights) {
				t.Errorf("interrupted runs end in other bits, %d runs told", trained)
			}
			break
		}
		o.Copies = 1 + stop%4
	}
	again, calls := CoalitionOptions{Out: dir, Visit: func(int, Params) error { return nil }}, 0
	again.Progress = func(int) { calls++ }
	if _, err := Coalitions(t.Context(), m, d, weights, again); err != nil || calls != len(weights) {
		t.Errorf("finished runs: %v, %d calls", err, calls)
	}
	other := m
	other.Optimizer.LearningRate = .06
	if _, err := Coalitions(t.Context(), other, d, weights, o); err == nil || !strings.Contains(err.Error(), `field "job"`) {
		t.Errorf("another model: %v", err)
	}
	weights[0] = weights[1]
	if _, err := Coalitions(t.Context(), m, d, weights, o); err == nil || !strings.Contains(err.Error(), "retraining 0 was another one") {
		t.Errorf("other weights: %v", err)
	}
	files := must[[]string](t)(filepath.Glob(filepath.Join(dir, runFiles)))
	data := must[[]byte](t)(os.ReadFile(files[0]))
	if err := os.WriteFile(files[0], data[:len(data)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Coalitions(t.Context(), m, d, randomWeights(23, 60), o); err == nil || !strings.Contains(err.Error(), filepath.Base(files[0])) {
		t.Errorf("a file cut short: %v", err)
	}
}

// overflowing is a run whose last sample is beyond what its network holds: to the other samples, it is as if it were not there
// where its weight is 0.
func overflowing(loss string) (m Model, d, without Data, weights [][]float32) {
	m = deep(loss)
	m.Layers[0].Activation = ReLU
	d, without = blobs(20, 5, 3, 1), blobs(20, 5, 3, 1)
	for j := range d.X.Row(19) {
		d.X.Row(19)[j] = 3e38
	}
	weights = [][]float32{make([]float32, 20), make([]float32, 20), make([]float32, 20)}
	for i := range 19 {
		weights[0][i], weights[1][i], weights[2][i] = 1, 2, float32(i%2)
	}
	return m, d, without, weights
}

func TestRemovedSamplesDoNotMatter(t *testing.T) {
	for _, loss := range []string{CrossEntropy, SquaredError} {
		m, d, without, weights := overflowing(loss)
		for r, w := range weights {
			want := must[[]Params](t)(Coalitions(t.Context(), m, without, [][]float32{w}, CoalitionOptions{}))[0].Hash()
			p, _, err := Run(t.Context(), m, d, Options{Weights: w})
			if err != nil || p.Hash() != want {
				t.Errorf("%s, %d by Run: %v", loss, r, err)
			}
			for _, copies := range []int{1, 2, 3} {
				got, err := Coalitions(t.Context(), m, d, weights, CoalitionOptions{Copies: copies, Workers: 1})
				if err != nil || got[r].Hash() != want {
					t.Errorf("%s, %d of %d together: %v", loss, r, copies, err)
				}
			}
		}
		weights[1][19] = 1
		if _, err := Coalitions(t.Context(), m, d, weights, CoalitionOptions{Copies: 3}); err == nil || !strings.Contains(err.Error(), "retraining 1: epoch ") {
			t.Errorf("%s: a sample that counts: %v", loss, err)
		}
	}
}

// Where all samples are removed there is no gradient, whatever they hold.
func TestRemovedBatchesDoNotMatter(t *testing.T) {
	m, d, _, weights := overflowing(SquaredError)
	m.Batch = 1
	p, _, err := Run(t.Context(), m, d, Options{Weights: weights[0]})
	if err != nil || p.Hash() != must[[]Params](t)(Coalitions(t.Context(), m, d, weights[:1], CoalitionOptions{}))[0].Hash() {
		t.Error(err)
	}
}

// A copy without samples has no gradient, though rows that fill it up are not finite: they are zeros, its biases are large.
func TestRowsThatFillUpDoNotMatter(t *testing.T) {
	m, d, _, weights := overflowing(SquaredError)
	m.Layers[0].Activation = None
	p := must[*coalitionPlan](t)(CoalitionOptions{}.plan(m, d, weights))
	for _, tensor := range p.start {
		for i := range tensor.Data {
			tensor.Data[i] = 1e30
		}
	}
	w := make([]float32, d.Len())
	want, _, err := Run(t.Context(), m, d, Options{Weights: w, Initial: p.start})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Coalitions(t.Context(), m, d, [][]float32{w, w}, CoalitionOptions{Initial: p.start})
	if err != nil || got[0].Hash() != want.Hash() || got[1].Hash() != want.Hash() {
		t.Error(err)
	}
}

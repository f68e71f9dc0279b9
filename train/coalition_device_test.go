package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/simd"
)

// copyCard is emulated cards that train copies.
func copyCard(t *testing.T, o cuda.Options, settings ...string) cuda.Device {
	t.Helper()
	fake.Start(t, 80, []string{"../kernels/cuda/src/train.cu"}, append([]string{"cc=80"}, settings...)...)
	d := must[cuda.Device](t)(cuda.New(o))
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, driver.ErrDeviceLost) {
			t.Error(err)
		}
	})
	return d
}

func copyTrainer(t *testing.T, d cuda.Device) kernels.CopyTrainer {
	t.Helper()
	c, ok := d.(kernels.CopyTrainer)
	if !ok {
		t.Fatal("the device trains no copies")
	}
	return c
}

func needVectors(t *testing.T) {
	t.Helper()
	if simd.Active() == simd.Generic {
		t.Skip("plain Go rounds products before it adds them: a card has the bits of the vector paths")
	}
}

// layered is a network of dense layers of these widths, with these activations in turn.
func layered(widths []int, activations []string, loss string) Model {
	m := mlp()
	m.Input, m.Layers, m.Loss, m.Epochs = widths[0], nil, loss, 2
	for i := range widths[1:] {
		a := None
		if i < len(widths)-2 {
			a = activations[i%len(activations)]
		}
		m.Layers = append(m.Layers, Layer{Name: fmt.Sprint("fc", i), Type: Dense, In: widths[i], Out: widths[i+1], Activation: a, NoBias: i%3 == 2})
	}
	return m
}

// deviceCases are networks, losses and optimisers of every kind; batches do not divide the samples.
func deviceCases() map[string]Model {
	all := map[string]Model{
		"anchor":  layered([]int{64, 64, 32, 10}, []string{Tanh}, CrossEntropy),
		"wide":    layered([]int{9, 70, 67, 4}, []string{ReLU, Tanh}, CrossEntropy),
		"logits":  layered([]int{6, 20}, nil, CrossEntropy),
		"squared": layered([]int{5, 9, 6, 3}, []string{Tanh, None}, SquaredError),
		"gelu":    layered([]int{7, 17, 33, 5}, []string{GELU, GELUTanh}, CrossEntropy),
	}
	for name, o := range map[string]Optimizer{
		"adam":  {Name: Adam, LearningRate: .01, WeightDecay: .02},
		"adamw": {Name: AdamW, LearningRate: .02, WeightDecay: .1, Beta1: .8, Beta2: .95, Epsilon: 1e-6},
		"plain": {Name: SGD, LearningRate: .1},
	} {
		m := layered([]int{5, 8, 3}, []string{GELUTanh}, CrossEntropy)
		m.Optimizer, m.Schedule = o, &Schedule{Kind: Cosine, WarmupSteps: 2}
		all[name] = m
	}
	return all
}

// Copies that a card trains are the CPU's, bit for bit.
func TestCoalitionsOnDevice(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}, "order=3", "devices=2"))
	for name, m := range deviceCases() {
		t.Run(name, func(t *testing.T) {
			data, weights := blobs(53, m.Input, m.Classes(), 2), mixedWeights(5, 53)
			weights[3][7], weights[3][8], weights[4][9] = 1e-40, 1e-45, float32(math.Copysign(0, -1)) // below what is normal, and −0
			want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
			for _, together := range []int{0, 1, 2} {
				got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d, Copies: together})))
				if !slices.Equal(got, want) {
					t.Errorf("%d together: other bits than the CPU's", together)
				}
			}
		})
	}
}

// Samples may have gaps between them.
func TestCoalitionsOnDeviceTakeStridedRows(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m, data, weights := mlp(), blobs(20, 5, 3, 2), randomWeights(3, 20)
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
	wide := kernels.F32(20, 8, make([]float32, 20*8))
	for i := range wide.Rows {
		copy(wide.Row(i), data.row(i))
	}
	wide.Cols = 5
	data.X = wide
	if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d}))); !slices.Equal(got, want) {
		t.Error("other bits than without gaps")
	}
}

// A sample that is removed, or whose weight over the length of its batch rounds to 0, fails no copy.
func TestRemovedSamplesDoNotMatterOnDevice(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m, data, without, weights := overflowing(SquaredError)
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, without, weights, CoalitionOptions{})))
	if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d}))); !slices.Equal(got, want) {
		t.Error("a removed sample matters")
	}
	m = layered([]int{5, 3}, nil, SquaredError)
	data.X.Row(19)[2] = -3e38
	for j := range data.X.Row(19) {
		data.X.Row(19)[j] /= 1e10 // its loss overflows, its outputs do not
	}
	weights[0][19] = math.SmallestNonzeroFloat32
	want = hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
	if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d}))); !slices.Equal(got, want) {
		t.Error("a weight that rounds to 0 matters")
	}
}

// A batch that the CPU sums in several tiles, orders that are given, and weights of owners.
func TestCoalitionsOnDeviceTileByTile(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m := layered([]int{3, 4, 2}, []string{Tanh}, CrossEntropy)
	m.Batch, m.Epochs = 700, 2
	data := blobs(900, 3, 2, 3)
	owner, order := make([]int, 900), make([][]int, 2)
	for i := range owner {
		owner[i] = i * i % 4
		order[0], order[1] = append(order[0], (i*7)%900), append(order[1], 899-i/2)
	}
	order[1] = order[1][:701] // a batch of one sample at the end
	weights := [][]float32{{1, 1, 1, 1}, {0, .25, 2, 1, 9}, {0, 0, 0, 0}, {1, 0, 0, 0}}
	o := CoalitionOptions{Owner: owner, Order: order}
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, o)))
	o.Device = d
	if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, o))); !slices.Equal(got, want) {
		t.Error("other bits than the CPU's")
	}
}

// What diverges is told as on the CPU: the first run that does, and where.
func TestCoalitionsOnDeviceNameWhatDiverges(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}, "devices=2", "schedule=3"))
	weights := randomWeights(9, 60)
	for r := range 4 {
		clear(weights[r])
	}
	for what, change := range map[string]func(m *Model){
		"loss":     func(m *Model) { m.Optimizer.LearningRate = 30 },
		"tensor":   func(m *Model) { m.Optimizer.LearningRate, m.Layers[0].Activation = 3e38, None },
		"entropy":  func(m *Model) { m.Loss, m.Optimizer.LearningRate = CrossEntropy, 3e37 },
		"infinite": func(m *Model) { m.Optimizer.LearningRate, m.Batch = 2e15, 7 },
		"later":    func(m *Model) { m.Optimizer.LearningRate, m.Optimizer.Momentum = 5, .99 },
	} {
		m := deep(SquaredError)
		m.Epochs, m.Optimizer.WeightDecay = 8, 0
		change(&m)
		data := blobs(60, 5, 3, 1)
		if what == "tensor" {
			for i, x := range data.X.Floats() {
				data.X.Floats()[i] = 1e4 * x
			}
		}
		_, want := Coalitions(t.Context(), m, data, weights, CoalitionOptions{})
		if want == nil || !strings.Contains(want.Error(), "retraining 4: epoch ") {
			t.Fatalf("%s: the CPU says %v", what, want)
		}
		t.Log(want)
		for _, copies := range []int{0, 1, 3} {
			kept := 0
			_, err := Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d, Copies: copies, Visit: func(run int, p Params) error { kept++; return nil }})
			if err == nil || err.Error() != want.Error() || kept < 4 {
				t.Errorf("%s, %d together: %d runs and %v, want %v", what, copies, kept, err, want)
			}
		}
	}
}

// Finished runs are found again, whoever trained them; other arithmetic is another job.
func TestCoalitionsOnDeviceGoOn(t *testing.T) {
	needVectors(t)
	card := copyCard(t, cuda.Options{})
	m, data, weights := mlp(), blobs(60, 5, 3, 1), randomWeights(9, 60)
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
	dir, told := t.TempDir(), 0
	full := errors.New("disk full")
	o := CoalitionOptions{Out: dir, Copies: 2, Device: copyTrainer(t, card), Visit: func(run int, p Params) error {
		if run == 5 {
			return full
		}
		return nil
	}}
	if _, err := Coalitions(t.Context(), m, data, weights, o); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	o.Visit, o.Progress = nil, func(int) { told++ }
	for _, device := range []kernels.CopyTrainer{nil, o.Device} {
		o.Device, told = device, 0
		if got := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, o))); !slices.Equal(got, want) || told != 9 {
			t.Errorf("other bits, or %d runs told", told)
		}
	}
	o.Device = named{copyTrainer(t, card), "bf16-tensor-9.0"}
	if _, err := Coalitions(t.Context(), m, data, weights, o); err == nil || !strings.Contains(err.Error(), `field "job"`) {
		t.Errorf("another arithmetic: %v", err)
	}
}

// named is a device of another arithmetic.
type named struct {
	kernels.CopyTrainer
	arithmetic string
}

func (n named) Info() kernels.Info { return kernels.Info{Name: "card", Arithmetic: n.arithmetic} }

// Runs that are there already may lie anywhere between those that are not.
func TestCoalitionsOnDeviceFillGaps(t *testing.T) {
	needVectors(t)
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m, data, weights := mlp(), blobs(60, 5, 3, 1), randomWeights(9, 60)
	dir := t.TempDir()
	p := must[*coalitionPlan](t)(CoalitionOptions{}.plan(m, data, weights))
	want := must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Out: dir, Copies: 1}))
	c := &coalitions{coalitionPlan: p, weights: weights}
	c.done = map[int]bool{0: true, 3: true, 4: true, 8: true}
	if got := c.pending(); !slices.Equal(got, []int{1, 2, 5, 6, 7}) {
		t.Errorf("pending %v", got)
	}
	other := t.TempDir()
	s := must[*runStore](t)(openRuns(other, p, p.start, weights))
	theta := make([]float32, p.net.Size())
	for _, r := range []int{0, 3, 4, 8} {
		p.net.Pack(theta, want[r].values())
		if err := s.save(r, 1, theta); err != nil {
			t.Fatal(err)
		}
	}
	s.release()
	for range 2 {
		got := must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Out: other, Device: d}))
		if !slices.Equal(hashes(got), hashes(want)) {
			t.Error("other bits")
		}
	}
}

// A network that the device cannot take is trained on the CPU, and the caller is told.
func TestCoalitionsThatNoDeviceTakes(t *testing.T) {
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	m := images()
	m.Epochs = 1
	data, weights := blobs(20, 16, 3, 2), randomWeights(3, 20)
	var notes []string
	got := must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d, Note: func(text string) { notes = append(notes, text) }}))
	want := must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{}))
	if !slices.Equal(hashes(got), hashes(want)) || len(notes) != 1 || !strings.Contains(notes[0], `layer "conv" is of type "conv2d"`) {
		t.Errorf("notes %q", notes)
	}
	m = mlp()
	m.Input, m.Shape, m.Layers = 6, []int{3, 2}, []Layer{{Name: "p", Type: Dense, In: 2, Out: 2, Activation: Tanh}, {Name: "all", Type: Dense, In: 6, Out: 3, Activation: None}}
	if err := CopiesOnDevice(m); err == nil || !strings.Contains(err.Error(), "3 positions of 2 values") {
		t.Errorf("positions: %v", err)
	}
	if err := errors.Join(CopiesOnDevice(mlp()), CopiesOnDevice(layered([]int{4, 3, 2}, []string{GELU}, CrossEntropy))); err != nil {
		t.Error(err)
	}
}

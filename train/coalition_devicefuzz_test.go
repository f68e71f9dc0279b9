package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cuda"
)

// program is a random training of copies.
type program struct {
	model   Model
	data    Data
	weights [][]float32
	options CoalitionOptions
}

// drawn is a source of choices.
type drawn struct{ *philox.Stream }

func oneOf[T any](d drawn, of ...T) T { return of[d.Intn(len(of))] }

func (d drawn) program() (p program) {
	n := oneOf(d, 1, 2, 7, 18, 40, 65)
	p.model = d.network()
	p.model.Optimizer, p.model.Schedule = d.optimizer(), oneOf(d, nil, &Schedule{Kind: Cosine, WarmupSteps: 2})
	p.model.Epochs, p.model.Batch = 1+d.Intn(3), oneOf(d, 1, 3, 6, n, n+9)
	p.data = blobs(n, p.model.Input, p.model.Classes(), byte(d.Intn(9)))
	scale := oneOf[float32](d, 1, 1, 1, 1, 1e-22, 30, 1e19)
	for i, x := range p.data.X.Floats() {
		p.data.X.Floats()[i] = x * scale
	}
	if d.Intn(2) == 0 {
		for range p.model.Epochs {
			p.options.Order = append(p.options.Order, d.numbers(1+d.Intn(2*n), n))
		}
	}
	width := n
	if d.Intn(2) == 0 {
		players := 1 + d.Intn(5)
		p.options.Owner, width = d.numbers(n, players), players+d.Intn(2)
	}
	for range 1 + d.Intn(5) {
		p.weights = append(p.weights, d.weights(width))
	}
	return p
}

func (d drawn) numbers(n, below int) (out []int) {
	for range n {
		out = append(out, d.Intn(below))
	}
	return out
}

// weights are whole ones, or of every size.
func (d drawn) weights(n int) (out []float32) {
	odd := d.Intn(3) == 0
	for range n {
		w := oneOf[float32](d, 0, 1, 1, 1, 1, 1, 1)
		if odd {
			w = oneOf[float32](d, 0, float32(math.Copysign(0, -1)), 1e-45, 1e-40, 1e-30, .25, 1./3, 1, 7, 1e9)
		}
		out = append(out, w)
	}
	return out
}

func (d drawn) network() Model {
	m := mlp()
	m.Layers, m.Loss = nil, oneOf(d, CrossEntropy, SquaredError)
	in := oneOf(d, 1, 2, 5, 16, 17, 33)
	m.Input = in
	for i := d.Intn(4); i >= 0; i-- {
		l := Layer{Name: fmt.Sprint("fc", i), Type: Dense, In: in, Out: oneOf(d, 1, 2, 3, 9, 15, 16, 31, 33, 65), Activation: oneOf(d, None, Tanh, ReLU, GELU, GELUTanh), NoBias: d.Intn(3) == 0}
		if i == 0 {
			l.Activation, l.Out = None, oneOf(d, 2, 3, 16, 17, 35)
			if m.Loss == SquaredError && d.Intn(3) == 0 {
				l.Out = 1
			}
		}
		in, m.Layers = l.Out, append(m.Layers, l)
	}
	return m
}

func (d drawn) optimizer() Optimizer {
	o := Optimizer{Name: oneOf(d, SGD, SGD, Adam, AdamW), LearningRate: oneOf(d, 1e-4, .01, .1, 1, 1, 40, 1e18), WeightDecay: oneOf(d, 0, .01, 3)}
	if o.Name == SGD {
		o.Momentum = oneOf(d, 0, .5, .99)
	} else if d.Intn(2) == 0 {
		o.Beta1, o.Beta2, o.Epsilon = .5, .7, oneOf(d, 0, 1e-30, 1)
	}
	return o
}

// outcome is what a program comes to: hashes of parameters, or its error.
func (p program) outcome(ctx context.Context, on kernels.CopyTrainer, copies int) (string, bool) {
	o := p.options
	o.Device, o.Copies = on, copies
	got, err := Coalitions(ctx, p.model, p.data, p.weights, o)
	return fmt.Sprint(hashes(got), err), err == nil
}

// alone is the hash of a copy by Run.
func (p program) alone(ctx context.Context, copy int) string {
	w := p.weights[copy]
	if p.options.Owner != nil {
		w = nil
		for _, o := range p.options.Owner {
			w = append(w, p.weights[copy][o])
		}
	}
	got, _, err := Run(ctx, p.model, p.data, Options{Weights: w, Order: p.options.Order})
	if err != nil {
		return err.Error()
	}
	return got.Hash()
}

// Whatever is trained, a card's copies are the CPU's and Run's bit for bit, and those that diverge are told in the same words.
// ATTRIB_PROGRAMS is how many programs are tried.
func TestCoalitionsOnDeviceOfAnyKind(t *testing.T) {
	needVectors(t)
	programs, sound := 60, 0
	if text := os.Getenv("ATTRIB_PROGRAMS"); text != "" {
		programs = must[int](t)(strconv.Atoi(text))
	}
	d := copyTrainer(t, copyCard(t, cuda.Options{}, "order=4", "devices=2"))
	for i := range programs {
		p := drawn{philox.New([32]byte{7}, uint64(i))}.program()
		want, ok := p.outcome(t.Context(), nil, 0)
		for _, copies := range []int{0, 1 + i%3} {
			if got, _ := p.outcome(t.Context(), d, copies); got != want {
				t.Errorf("program %d, %d together: %s, want %s\n%+v %+v", i, copies, got, want, p.model, p.options)
			}
			if got, _ := p.outcome(t.Context(), nil, 1+copies); got != want {
				t.Errorf("program %d, %d together on the CPU: %s, want %s\n%+v %+v", i, 1+copies, got, want, p.model, p.options)
			}
		}
		if ok {
			sound++
			if got := p.alone(t.Context(), i%len(p.weights)); !strings.Contains(want, got) {
				t.Errorf("program %d by Run: %s, want one of %s\n%+v %+v", i, got, want, p.model, p.options)
			}
		}
	}
	if sound < programs/3 || sound > programs*5/6 {
		t.Errorf("%d of %d programs end in parameters", sound, programs)
	}
}

// faults are settings of emulated cards, of which one may be what fails.
func (d drawn) faults() (o cuda.Options, settings []string) {
	settings = []string{fmt.Sprintf("devices=%d", 1+d.Intn(3)), fmt.Sprintf("schedule=%d", d.Intn(9)), fmt.Sprintf("order=%d", d.Intn(8)), "refuse_code=2"}
	switch what := oneOf(d, "oom_once=80", "refuse_launch=100", "lost_launch=300", "lost_copy=60", "oom_after=300000", ""); what {
	case "":
		o.MemoryLimit = int64(1000 + d.Intn(300_000))
	default:
		name, most, _ := strings.Cut(what, "=")
		n, _ := strconv.Atoi(most)
		settings = append(settings, fmt.Sprintf("%s=%d", name, 1+d.Intn(n)))
	}
	return o, settings
}

// Whatever fails, and whenever: copies end as on the CPU, or the call with the card's error, and the CPU goes on from what was
// kept. No kernel runs on what was not written.
func TestCoalitionsOnDeviceWhateverFails(t *testing.T) {
	needVectors(t)
	for i := range 80 {
		draw := drawn{philox.New([32]byte{9}, uint64(i))}
		p := draw.program()
		want, _ := p.outcome(t.Context(), nil, 0)
		o, settings := draw.faults()
		t.Run(fmt.Sprint(i, settings), func(t *testing.T) {
			p.options.Out = t.TempDir()
			got, ok := p.outcome(t.Context(), copyTrainer(t, copyCard(t, o, settings...)), draw.Intn(4))
			if !ok && strings.Contains(got, "cuda:") {
				if strings.Contains(got, "\n") {
					t.Error(got)
				}
				got, _ = p.outcome(t.Context(), nil, 0)
			}
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

package peers

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/bench"
	"attrib/internal/safetensors"
	"attrib/kernels"
	"attrib/train"
)

//go:embed speed.py
var speedProgram []byte

// timed is one side of a comparison: seconds of a piece of work, and a sum of its results.
type timed func() (seconds, sum float64)

// pause is taken before each side: PyTorch's threads go on spinning for a while after their work.
const pause = 300 * time.Millisecond

// compare times both sides by turns, so many rounds, and reports the medians and their ratio. The sums must agree to
// that part.
func compare(b *testing.B, rounds int, ours, theirs timed, agree float64) {
	b.Helper()
	var mine, other []float64
	for b.Loop() {
		for range rounds {
			time.Sleep(pause)
			s, a := ours()
			time.Sleep(pause)
			o, c := theirs()
			if !(math.Abs(a-c) <= agree*math.Abs(c)) {
				b.Fatalf("the sums of results are %g and %g", a, c)
			}
			mine, other = append(mine, s), append(other, o)
		}
	}
	slices.Sort(mine)
	slices.Sort(other)
	m, o := mine[len(mine)/2], other[len(other)/2]
	b.ReportMetric(m, "ours-s")
	b.ReportMetric(o, "torch-s")
	b.ReportMetric(m/o, "ours/torch")
	b.ReportMetric(0, "ns/op")
}

// torchSpeed starts speed.py on an anchor and returns what has it do a piece of work.
func torchSpeed(b *testing.B, a *bench.Anchor, seed int, weights [][]float32, v []float32) func(line string, args ...any) (float64, float64) {
	b.Helper()
	dir := b.TempDir()
	program := filepath.Join(dir, "speed.py")
	must(b, os.WriteFile(program, speedProgram, 0o644))
	must(b, safetensors.WriteFile(filepath.Join(dir, "anchor.safetensors"), nil, anchorTensors(b, a, seed, weights, v)))
	cmd := Clean(exec.Command(Python(b), program, dir, fmt.Sprint(runtime.GOMAXPROCS(0))))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(b, err)
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	return func(line string, args ...any) (float64, float64) {
		b.Helper()
		if _, err := io.WriteString(in, fmt.Sprintf(line, args...)+"\n"); err != nil {
			b.Fatal(err)
		}
		data, err := lines.ReadBytes('\n')
		must(b, err)
		var r struct{ Seconds, Sum float64 }
		must(b, json.Unmarshal(data, &r))
		return r.Seconds, r.Sum
	}
}

func anchorTensors(b *testing.B, a *bench.Anchor, seed int, weights [][]float32, v []float32) []safetensors.Tensor {
	b.Helper()
	initial, err := a.Initial(seed)
	must(b, err)
	order, err := a.Order(seed)
	must(b, err)
	n := int64(a.Data.Len())
	flat := func(m kernels.Matrix) (out []float32) {
		for i := range m.Rows {
			out = append(out, m.Row(i)...)
		}
		return out
	}
	var w []float32
	for _, row := range weights {
		w = append(w, row...)
	}
	var visits []int32
	for _, epoch := range order {
		for _, i := range epoch {
			visits = append(visits, int32(i))
		}
	}
	out := []safetensors.Tensor{
		safetensors.New("x", flat(a.Data.X), n, 64), safetensors.New("y", a.Data.Y, n), safetensors.New("queryX", flat(a.Queries.X), int64(a.Queries.Len()), 64),
		safetensors.New("weights", w, int64(len(weights)), n), safetensors.New("order", visits, int64(len(order)), n),
	}
	if v != nil {
		out = append(out, safetensors.New("v", v, int64(len(v)/initial.Count()), int64(initial.Count())))
	}
	for k, t := range initial {
		data, shape := t.Data, []int64{int64(len(t.Data))}
		if len(t.Shape) == 2 {
			rows, cols := t.Shape[0], t.Shape[1]
			shape, data = []int64{int64(cols), int64(rows)}, make([]float32, len(t.Data))
			for i := range rows {
				for j := range cols {
					data[j*rows+i] = t.Data[i*cols+j]
				}
			}
		}
		out = append(out, safetensors.New(fmt.Sprintf("init.%d", k), data, shape...))
	}
	return out
}

// retrain times Coalitions and sums the log-probabilities of the anchor's outputs in all classes.
func retrain(b *testing.B, a *bench.Anchor, seed int, weights [][]float32, o train.CoalitionOptions) timed {
	b.Helper()
	var err error
	o.Initial, err = a.Initial(seed)
	must(b, err)
	o.Order, err = a.Order(seed)
	must(b, err)
	net, err := train.NewNetwork(a.Model)
	must(b, err)
	return func() (float64, float64) {
		began := time.Now()
		models, err := train.Coalitions(b.Context(), a.Model, a.Data, weights, o)
		must(b, err)
		sum := 0.0
		for _, p := range models {
			z, err := train.Logits(net, p, a.Queries.X)
			must(b, err)
			for i := range z.Rows {
				row := z.Row(i)
				total := 0.0
				for _, v := range row {
					total += math.Exp(float64(v))
				}
				for _, v := range row {
					sum += float64(v) - math.Log(total)
				}
			}
		}
		return time.Since(began).Seconds(), sum
	}
}

// BenchmarkCoalitionModels retrains anchor C's network for all 1,024 coalitions; PyTorch's chunk is the best of four.
func BenchmarkCoalitionModels(b *testing.B) {
	a, err := bench.AnchorC()
	must(b, err)
	weights := make([][]float32, 1024)
	for c := range weights {
		weights[c] = a.Coalition(c)
	}
	torch := torchSpeed(b, a, 1, weights, nil)
	few := torchSpeed(b, a, 1, weights[512:768], nil)
	best, chunk := math.Inf(1), 0
	for _, c := range []int{8, 16, 64, 256} {
		if s, _ := few("coalitions %d", c); s < best {
			best, chunk = s, c
		}
	}
	b.Logf("PyTorch trains %d at a time", chunk)
	compare(b, 3, retrain(b, a, 1, weights, train.CoalitionOptions{}), func() (float64, float64) { return torch("coalitions %d", chunk) }, 1e-5)
}

// BenchmarkSingleModels retrains anchor B's network one model after the other: 100 of them on both sides, of which ten
// times as many are 1,000. PyTorch's is the faster of two programs.
func BenchmarkSingleModels(b *testing.B) {
	const seed = 7
	a, err := bench.AnchorB()
	must(b, err)
	weights, err := a.Kept("0.05")
	must(b, err)
	torch := torchSpeed(b, a, seed, weights, nil)
	work := "one"
	if s, _ := torch("module 10"); s < first(torch("one 10")) {
		work = "module"
	}
	b.Logf("PyTorch's faster program: %s", work)
	compare(b, 3, retrain(b, a, seed, weights, train.CoalitionOptions{Copies: 1}), func() (float64, float64) { return torch(work+" %d", len(weights)) }, 1e-5)
}

func first(v, _ float64) float64 { return v }

// times is how often products are made without a pause, as a pass over a trajectory makes them.
const times = 10

// BenchmarkHessianProducts multiplies 100 vectors at once with the Hessian of anchor B's mean loss, over a batch and over
// all samples: against torch.func, and against the same method written by hand in PyTorch.
func BenchmarkHessianProducts(b *testing.B) {
	const seed, vectors = 7, 100
	a, err := bench.AnchorB()
	must(b, err)
	p, err := a.Initial(seed)
	must(b, err)
	v := make([]float32, vectors*p.Count())
	for i := range v {
		v[i] = float32(i*7919%101)/50 - 1
	}
	torch := torchSpeed(b, a, seed, nil, v)
	for _, rows := range []int{200, a.Data.Len()} {
		for _, work := range []string{"func", "hand"} {
			b.Run(fmt.Sprintf("%d/%s", rows, work), func(b *testing.B) {
				best, chunk := math.Inf(1), 0
				for _, c := range []int{5, 20, 100} {
					torch(work+" %d %d", rows, c) // the first call is slower
					if s, _ := torch(work+" %d %d", rows, c); s < best {
						best, chunk = s, c
					}
				}
				b.Logf("PyTorch takes %d vectors at a time", chunk)
				compare(b, 15, products(b, a, p, rows, v), func() (float64, float64) { return torch("%d "+work+" %d %d", times, rows, chunk) }, 1e-4)
			})
		}
	}
}

func products(b *testing.B, a *bench.Anchor, p train.Params, rows int, v []float32) timed {
	b.Helper()
	h, err := train.NewHessian(a.Model, 0)
	must(b, err)
	scale := make([]float32, rows)
	for i := range scale {
		scale[i] = 1 / float32(rows)
	}
	return func() (float64, float64) {
		var hv kernels.Matrix
		began := time.Now()
		for range times {
			var err error
			hv, _, err = h.Products(p, a.Data.X.Slice(0, rows), a.Data.Y[:rows], scale, kernels.F32(len(v)/p.Count(), p.Count(), v))
			must(b, err)
		}
		seconds, sum := time.Since(began).Seconds()/times, 0.0
		for _, x := range hv.Floats() {
			sum += float64(x) * float64(x)
		}
		return seconds, sum
	}
}

package truth

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/simd"
	"attrib/train"
)

// The oracle trains every model alone, with train.Run, and evaluates it.
func TestMakeIsWhatSingleTrainingsGive(t *testing.T) {
	dir := t.TempDir()
	must(t, made(t, dir, MakeOptions{}))
	got, err := Read(dir)
	must(t, err)
	_, data, queries := planned(t)
	net, err := train.NewNetwork(testModel())
	must(t, err)
	for i := range got.Parts {
		p := &got.Parts[i]
		for s, seed := range p.Seeds {
			for r := range p.Subsets(len(testSamples)) {
				params, _, err := train.Run(t.Context(), got.Retrains(seed), data, train.Options{Weights: p.Kept(len(testSamples), r)})
				must(t, err)
				want := make([]float32, len(testOutputs))
				must(t, Evaluate(Margin, train.CrossEntropy, net, params, queries, want))
				if at := p.Values[s][2*r : 2*r+2]; !slices.Equal(at, want) {
					t.Errorf("part %s, seed %d, subset %d: %v, want %v", p.Name, seed, r, at, want)
				}
				if h := hex.EncodeToString(p.Params[s][32*r : 32*r+32]); h != params.Hash() {
					t.Errorf("part %s, seed %d, subset %d: parameters %s, want %s", p.Name, seed, r, h, params.Hash())
				}
			}
		}
	}
}

func TestMeasurementsAreGoodness(t *testing.T) {
	_, data, queries := planned(t)
	params, _, err := train.Run(t.Context(), testModel(), data, train.Options{})
	must(t, err)
	net, err := train.NewNetwork(testModel())
	must(t, err)
	v := map[string][]float32{}
	for _, m := range []string{Margin, LogProb, MinusLoss} {
		v[m] = make([]float32, 2)
		must(t, Evaluate(m, train.CrossEntropy, net, params, queries, v[m]))
	}
	loss, _, err := train.Evaluate(testModel(), net, params, queries)
	must(t, err)
	if mean := -float64(v[MinusLoss][0]+v[MinusLoss][1]) / 2; mean < loss-1e-6 || mean > loss+1e-6 || !slices.Equal(v[LogProb], v[MinusLoss]) {
		t.Errorf("minus-loss %v and log-prob %v of a mean loss of %v", v[MinusLoss], v[LogProb], loss)
	}
	if !(v[Margin][0] > v[LogProb][0]) {
		t.Errorf("margin %v, log-prob %v", v[Margin], v[LogProb])
	}
}

var errPlanted = errors.New("planted failure")

// A write that fails at any step, twice in a row, leaves a folder from which the same call ends in the same bytes; what
// was recorded is not trained again.
func TestFailuresAtEveryStep(t *testing.T) {
	whole := t.TempDir()
	must(t, made(t, whole, MakeOptions{}))
	want := contents(t, whole)
	failures := 0
	for at := 1; ; at++ {
		dir, n, runs := t.TempDir(), 0, 0
		fail := func(what string) error {
			if n++; n == at {
				return errPlanted
			}
			if what == "record" {
				runs++
			}
			return nil
		}
		if err := made(t, dir, MakeOptions{step: fail}); err == nil {
			break
		} else if !errors.Is(err, errPlanted) {
			t.Fatal(err)
		}
		failures++
		if _, err := Read(dir); err == nil && runs < 11 {
			t.Errorf("step %d: an unfinished truth was read", at)
		}
		must(t, made(t, dir, MakeOptions{step: func(what string) error {
			if what == "record" {
				runs++
			}
			return nil
		}}))
		if runs != 11 {
			t.Errorf("step %d: %d models were recorded, want each of 11 once", at, runs)
		}
		sameFiles(t, "after a failure", contents(t, dir), want)
	}
	if failures != 1+11+4+1 {
		t.Errorf("%d steps failed, want the journal, 11 models, 4 files and the end", failures)
	}
}

// A process may die between any two bytes of the journal.
func TestJournalCutAtEveryByte(t *testing.T) {
	whole, dir := t.TempDir(), filepath.Join(t.TempDir(), "new")
	must(t, made(t, whole, MakeOptions{}))
	stop := func(what string) error {
		if what == Name {
			return errPlanted
		}
		return nil
	}
	if err := made(t, dir, MakeOptions{step: stop}); !errors.Is(err, errPlanted) {
		t.Fatal(err)
	}
	want := contents(t, whole)
	full := contents(t, dir)[journalName]
	begin := len(full) - 11*(recordFrame+8)
	for cut := begin; cut < len(full); cut += 7 { // 7 and the record's length have no common factor
		again := t.TempDir()
		torn := full[:cut] + "torn"
		must(t, os.WriteFile(filepath.Join(again, journalName), []byte(torn), 0o644))
		must(t, made(t, again, MakeOptions{}))
		sameFiles(t, "after a cut", contents(t, again), want)
	}
}

func TestBudgetAndWorkersDoNotMatter(t *testing.T) {
	whole := t.TempDir()
	must(t, made(t, whole, MakeOptions{}))
	want := contents(t, whole)
	for _, o := range []MakeOptions{{Workers: 1}, {Workers: 3, Memory: 1 << 16}} {
		dir := t.TempDir()
		must(t, made(t, dir, o))
		sameFiles(t, "with other workers and memory", contents(t, dir), want)
	}
	wantError(t, made(t, t.TempDir(), MakeOptions{Memory: 50}), "training seed 7", "budget")
}

func TestInterruptedAndChanged(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	tr, data, queries := planned(t)
	err := Make(ctx, tr, data, queries, MakeOptions{Dir: dir, Progress: func(done, _ int) {
		if done == 4 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	_, err = Read(dir)
	wantError(t, err, dir, "not finished")
	for field, change := range map[string]func(*Truth){
		"parts":       func(t *Truth) { t.Parts[1].Seeds[0] = 8 },
		"measurement": func(t *Truth) { t.Measurement = LogProb },
		"subsets":     func(t *Truth) { k := t.Parts[0].Keep; k[0], k[1], k[2], k[3], k[4] = k[1], k[2], k[3], k[4], k[0] },
		"rows":        func(t *Truth) { t.Samples = append([]string{"other"}, t.Samples[1:]...) },
		"model":       func(t *Truth) { t.Model.Epochs = 4 },
		"data":        func(t *Truth) { t.Data = t.Queries },
		"arithmetic":  func(t *Truth) { t.Arithmetic = "abacus" },
	} {
		other, data, queries := planned(t)
		change(other)
		wantError(t, Make(t.Context(), other, data, queries, MakeOptions{Dir: dir}), journalName, "field "+field, "--force")
	}
	must(t, made(t, dir, MakeOptions{}))
	other, data, queries := planned(t)
	other.Parts = other.Parts[:1]
	wantError(t, Make(t.Context(), other, data, queries, MakeOptions{Dir: dir}), "another truth", "field parts")
}

// otherArithmetic is a device whose bits are not the CPU's.
type otherArithmetic struct{ kernels.CopyTrainer }

func (otherArithmetic) Info() kernels.Info {
	return kernels.Info{Name: "card", Arithmetic: "bf16-tensor"}
}

func TestMakeRefusesOtherArithmetic(t *testing.T) {
	tr, data, queries := planned(t)
	err := Make(t.Context(), tr, data, queries, MakeOptions{Dir: t.TempDir(), Device: otherArithmetic{}})
	wantError(t, err, "card", `"bf16-tensor"`, "not with this CPU's")
}

func TestDivergingTrainingNamesTheSubset(t *testing.T) {
	tr, data, queries := planned(t)
	tr.Model.Optimizer.LearningRate = 3e38
	err := Make(t.Context(), tr, data, queries, MakeOptions{Dir: t.TempDir()})
	wantError(t, err, "training seed 7", "subset 0 of part 0.2", "retraining")
}

// A model that names a registered graph is retrained through its network, one copy at a time, to the same values.
func TestMakeOfARegisteredGraph(t *testing.T) {
	layers, data, queries := planned(t)
	must(t, Make(t.Context(), layers, data, queries, MakeOptions{Dir: t.TempDir()}))
	graph, _, _ := planned(t)
	graph.Model.Builder, graph.Model.Layers, graph.Model.Input = "mine", nil, 0
	network := func() (train.Network, error) { return train.NewNetwork(testModel()) }
	dir := t.TempDir()
	must(t, Make(t.Context(), graph, data, queries, MakeOptions{Dir: dir, Network: network}))
	got, err := Read(dir)
	must(t, err)
	for i := range got.Parts {
		for s := range got.Parts[i].Seeds {
			if simd.Active() != simd.Generic && !slices.Equal(got.Parts[i].Values[s], layers.Parts[i].Values[s]) {
				t.Errorf("part %d, seed %d: %v, as layers %v", i, s, got.Parts[i].Values[s], layers.Parts[i].Values[s])
			}
		}
	}
}

// Initial parameters given for all seeds, and an order for one, are where training begins.
func TestMakeFromGivenStarts(t *testing.T) {
	tr, data, queries := planned(t)
	net, err := train.NewNetwork(testModel())
	must(t, err)
	tr.Initial = train.InitialParams(net.Specs(), 99)
	var order [][]int
	for e := range tr.Model.Epochs {
		order = append(order, train.EpochOrder(98, e, len(testSamples)))
	}
	bare, _, _ := planned(t)
	bare.Initial = tr.Initial
	dir := t.TempDir()
	must(t, Make(t.Context(), bare, data, queries, MakeOptions{Dir: dir}))
	must(t, Make(t.Context(), bare, data, queries, MakeOptions{Dir: dir})) // it is there already
	tr.Starts = map[int64]Start{20: {Order: order}}
	wantError(t, Make(t.Context(), tr, data, queries, MakeOptions{Dir: dir}), "another truth", "field starts")
	must(t, Make(t.Context(), tr, data, queries, MakeOptions{Dir: t.TempDir()}))
	p := &tr.Parts[0]
	for s, seed := range p.Seeds {
		o := train.Options{Weights: p.Kept(len(testSamples), 1), Initial: tr.Initial}
		if seed == 20 {
			o.Order = order
		}
		params, _, err := train.Run(t.Context(), tr.Retrains(seed), data, o)
		must(t, err)
		if h := hex.EncodeToString(p.Params[s][32:64]); h != params.Hash() {
			t.Errorf("seed %d: parameters %s, want %s", seed, h, params.Hash())
		}
	}
}

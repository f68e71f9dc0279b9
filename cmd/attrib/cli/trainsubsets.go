package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"attrib/bench/truth"
	"attrib/corpus"
	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/train"
)

// truthOptions make attrib train retrain for subsets.
type truthOptions struct {
	Subsets    string // a number, or a file of subsets
	Remove     string // comma-separated parts
	Seeds      string // comma-separated seeds and ranges
	SubsetSeed int64
	Measure    string
	By         string
	Memory     string
}

// truthDefaults are the values of flags that are not given.
var truthDefaults = truthOptions{SubsetSeed: 0, Measure: truth.Margin, By: truth.BySample, Memory: "1GiB"}

func (o *truthOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.Subsets, "subsets", "", "retrain without random samples instead, to make ground truth: subsets for each part of --remove, or a safetensors file with tensors keep.<part>")
	f.StringVar(&o.Remove, "remove", "", "with --subsets: comma-separated parts of the samples that subsets remove (default 0.01,0.05,0.5)")
	f.StringVar(&o.Seeds, "seeds", "", "with --subsets: training seeds, such as 7,20-29; the first is the same run, the others the expected model (default: the model's)")
	f.Int64Var(&o.SubsetSeed, "subset-seed", truthDefaults.SubsetSeed, "with --subsets: seed of the random subsets")
	f.StringVar(&o.Measure, "measure", truthDefaults.Measure, "with --subsets: what is measured of the outputs: margin, log-prob or minus-loss")
	f.StringVar(&o.By, "by", truthDefaults.By, "what a subset removes: sample, or contributor (all coalitions of up to 12, random ones of more or with --remove)")
	f.StringVar(&o.Memory, "memory", truthDefaults.Memory, "with --subsets: what retraining may hold beside data and outputs, such as 512MiB; results do not depend on it")
}

// asked says whether the command is to make ground truth.
func (o truthOptions) asked() bool { return o.Subsets != "" || o.By != truthDefaults.By }

// check reports flags that do not go together.
func (o truthOptions) check() error {
	if o.By != truth.BySample && o.By != truth.ByContributor {
		return usage(fmt.Errorf("--by is %q, want %s or %s", o.By, truth.BySample, truth.ByContributor))
	}
	if o.asked() {
		if _, err := truth.Objective(o.Measure); err != nil {
			return usage(fmt.Errorf("--measure: %w", err))
		}
		return nil
	}
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"remove", o.Remove != ""}, {"seeds", o.Seeds != ""}, {"subset-seed", o.SubsetSeed != truthDefaults.SubsetSeed},
		{"measure", o.Measure != truthDefaults.Measure}, {"memory", o.Memory != truthDefaults.Memory},
	} {
		if f.given {
			return usage(fmt.Errorf("--%s is for making ground truth: give --subsets too", f.name))
		}
	}
	return nil
}

// TruthResult is what attrib train --subsets prints.
type TruthResult struct {
	Schema      string             `json:"schema"`
	Out         string             `json:"out"`
	Samples     int                `json:"samples"`
	Outputs     int                `json:"outputs"`
	Measurement string             `json:"measurement"`
	By          string             `json:"by"`
	Parts       []truth.PartHeader `json:"parts"`
	Models      int                `json:"models"`
	Seconds     float64            `json:"seconds"`
}

// labelled are the samples and outputs of a corpus as a model is trained and measured on them.
type labelled struct {
	Data, Queries    train.Data
	Samples, Outputs []string // ids
}

// loadLabelled reads the training split and the outputs of a corpus that a model fits.
func loadLabelled(c *corpus.Corpus) (labelled, error) {
	var l labelled
	var err error
	if l.Data, err = loadData(c, corpus.SplitTrain); err != nil {
		return l, err
	}
	q, err := c.LoadQueries()
	if err != nil {
		return l, err
	}
	if q.Len() == 0 {
		return l, fmt.Errorf("%s: the corpus has no outputs (queries.jsonl)", c.Dir())
	}
	if err := q.NeedLabels(); err != nil {
		return l, err
	}
	l.Queries, l.Outputs = train.Data{X: kernels.F32(q.Len(), q.Width, q.X), Y: q.Y}, q.ID
	for _, row := range c.RowsOf(corpus.SplitTrain) {
		l.Samples = append(l.Samples, c.SampleID(row))
	}
	return l, nil
}

// runTruth makes ground truth: models retrained for subsets of the training split.
func runTruth(ctx context.Context, e *env, o trainOptions) (*TruthResult, error) {
	model, err := train.ReadModel(o.Model)
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	if err := modelFits(c, model.Input, model.Classes(), o.Model); err != nil {
		return nil, err
	}
	l, err := loadLabelled(c)
	if err != nil {
		return nil, err
	}
	if err := tokensFit(c, model, l.Data); err != nil {
		return nil, err
	}
	initial, files, err := o.initial(e.network(model))
	if err != nil {
		return nil, err
	}
	t := truth.New(model, l.Data, l.Queries, l.Samples, l.Outputs, o.Truth.Measure)
	t.Initial = initial
	if err := o.Truth.parts(t, c); err != nil {
		return nil, err
	}
	inputs := append(append(corpusFiles(c), o.Model), files...)
	if o.Truth.file() {
		inputs = append(inputs, o.Truth.Subsets)
	}
	return o.makeTruth(ctx, e, t, l, inputs)
}

func (o trainOptions) makeTruth(ctx context.Context, e *env, t *truth.Truth, l labelled, inputs []string) (*TruthResult, error) {
	memory, err := parseBytes(o.Truth.Memory)
	if err != nil {
		return nil, usage(fmt.Errorf("--memory: %w", err))
	}
	device, err := e.openProducts()
	if err != nil {
		return nil, err
	}
	defer device.close()
	result := &TruthResult{Schema: "attrib.truth-result/1", Out: o.Out, Samples: len(t.Samples), Outputs: len(t.Outputs), Measurement: t.Measurement, By: t.By, Models: t.Runs()}
	for _, p := range t.Parts {
		result.Parts = append(result.Parts, truth.PartHeader{Name: p.Name, Removed: p.Removed, Subsets: p.Subsets(len(t.Samples)), Seeds: p.Seeds})
	}
	err = o.write(inputs, func(f *runfile.Folder) error {
		f.Record.Seeds = map[string]string{"subsets": fmt.Sprint(o.Truth.SubsetSeed), "training": strings.Trim(fmt.Sprint(t.Parts[0].Seeds), "[]")}
		f.Record.Device = "cpu, " + t.Arithmetic
		show, made := e.progress("retrain", "models"), 0
		network := device.network(e, t.Model)
		on, tell := device.trainer()
		err := truth.Make(ctx, t, l.Data, l.Queries, truth.MakeOptions{
			Dir: f.Dir, Workers: e.workers, Memory: memory, Network: network, Device: on, Note: tell, Products: device.on(),
			Progress: func(done, total int) { made = done; show(int64(done), int64(total)) },
		})
		if err != nil && made > 0 {
			return unfinished{err} // what was retrained stays
		}
		result.Seconds = f.Stage("retrain")
		device.record(f, true)
		return err
	})
	return result, err
}

// file says whether --subsets names a file.
func (o truthOptions) file() bool {
	_, err := strconv.Atoi(o.Subsets)
	return err != nil && o.Subsets != ""
}

// parts gives the truth its subsets and seeds.
func (o truthOptions) parts(t *truth.Truth, c *corpus.Corpus) error {
	seeds := []int64{t.Model.Init.Seed}
	var err error
	if o.Seeds != "" {
		if seeds, err = parseSeeds(o.Seeds); err != nil {
			return usage(fmt.Errorf("--seeds: %w", err))
		}
	}
	switch {
	case o.By == truth.ByContributor:
		err = o.coalitions(t, c)
	case o.file():
		err = o.given(t)
	default:
		err = o.drawn(t, []float64{.01, .05, .5}, func(m int, removed float64) (truth.Part, error) {
			return truth.Draw(o.SubsetSeed, len(t.Samples), m, removed)
		})
	}
	for i := range t.Parts {
		t.Parts[i].Seeds = seeds
	}
	return err
}

func (o truthOptions) given(t *truth.Truth) (err error) {
	if o.Remove != "" {
		return usage(fmt.Errorf("--remove: the subsets of %s are taken as they are", o.Subsets))
	}
	t.Parts, err = truth.ReadSubsets(o.Subsets, len(t.Samples))
	if errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("--subsets is neither a number nor a file: %w", err))
	}
	return err
}

// coalitions are all of a few contributors, or random ones.
func (o truthOptions) coalitions(t *truth.Truth, c *corpus.Corpus) error {
	if o.file() {
		return usage(errors.New("--subsets: with --by contributor it is a number"))
	}
	t.By = truth.ByContributor
	players := c.Players(corpus.RoleData)
	for _, row := range c.RowsOf(corpus.SplitTrain) {
		t.Group = append(t.Group, players.Of(row))
	}
	names := players.Names
	t.Groups = names
	if o.Remove == "" && len(names) <= truth.MaxAll {
		p, err := t.AllCoalitions()
		t.Parts = []truth.Part{p}
		return err
	}
	return o.drawn(t, []float64{.5}, func(m int, removed float64) (truth.Part, error) {
		return t.DrawCoalitions(o.SubsetSeed, m, removed)
	})
}

// drawn adds random subsets for every part to remove.
func (o truthOptions) drawn(t *truth.Truth, parts []float64, draw func(int, float64) (truth.Part, error)) error {
	m, err := strconv.Atoi(o.Subsets)
	if err != nil || m < 1 {
		return usage(fmt.Errorf("--subsets is %q, want a number from 1 on", o.Subsets))
	}
	if o.Remove != "" {
		if parts, err = parseParts(o.Remove); err != nil {
			return usage(fmt.Errorf("--remove: %w", err))
		}
	}
	for _, removed := range parts {
		p, err := draw(m, removed)
		if err != nil {
			return usage(fmt.Errorf("--subsets, --remove: %w", err))
		}
		t.Parts = append(t.Parts, p)
	}
	t.SubsetSeed = &o.SubsetSeed
	return nil
}

// parseParts reads "0.01,0.5".
func parseParts(text string) (out []float64, err error) {
	for field := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", field)
		}
		for _, w := range out {
			if v == w {
				return nil, fmt.Errorf("part %v is given twice", v)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// maxSeeds bounds a range of training seeds.
const maxSeeds = 10000

// parseSeeds reads "7,20-29".
func parseSeeds(text string) (out []int64, err error) {
	for field := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(field), "-")
		if !ranged {
			last = first
		}
		a, errA := strconv.ParseInt(first, 10, 64)
		b, errB := strconv.ParseInt(last, 10, 64)
		if errA != nil || errB != nil || b < a {
			return nil, fmt.Errorf("%q is neither a seed nor a range of seeds such as 20-29", field)
		}
		if b-a >= maxSeeds-int64(len(out)) {
			return nil, fmt.Errorf("%q gives more than %d seeds", field, maxSeeds)
		}
		for ; a <= b; a++ {
			out = append(out, a)
		}
	}
	return out, truth.CheckSeeds(out)
}

// parseBytes reads a number of bytes with an optional unit: 1073741824, 512MiB, 2GB.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(text, "KMGTiB")
	factor, ok := map[string]float64{
		"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[text[len(digits):]]
	v, err := strconv.ParseFloat(digits, 64)
	if v *= factor; err != nil || !ok || !(v >= 1 && v <= math.MaxInt64/2) {
		return 0, fmt.Errorf("%q is not a number of bytes such as 512MiB", text)
	}
	return int64(v), nil
}

func (r *TruthResult) text(w io.Writer) {
	fmt.Fprintf(w, "%d models retrained on subsets of %d samples, %s of %d outputs (%.1f s)\n", r.Models, r.Samples, r.Measurement, r.Outputs, r.Seconds)
	lines := [][]string{{"PART", "REMOVED", "SUBSETS", "SEEDS"}}
	for _, p := range r.Parts {
		lines = append(lines, []string{p.Name, fmt.Sprintf("%.3g %%", 100*p.Removed), fmt.Sprint(p.Subsets), fmt.Sprint(len(p.Seeds))})
	}
	table(w, lines)
	fmt.Fprintln(w, r.Out+string(os.PathSeparator)+truth.Name)
}

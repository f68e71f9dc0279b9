package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"attrib/bench"
	"attrib/bench/truth"
	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/runfile"
)

// AccuracyResult is what attrib bench accuracy prints and writes.
type AccuracyResult struct {
	Schema          string              `json:"schema"`
	Anchor          string              `json:"anchor,omitempty"` // "B" without --truth
	Truth           AccuracyTruth       `json:"truth"`
	Outputs         int                 `json:"outputs"`
	Subsets         int                 `json:"subsets"` // of the part that has most
	Results         []bench.AccuracyRow `json:"results"`
	Differences     []bench.Difference  `json:"differences"`
	TrainingSeconds float64             `json:"trainingSeconds"`
	Warnings        []string            `json:"warnings"`
}

// AccuracyTruth says what scores were held against.
type AccuracyTruth struct {
	Source      string             `json:"source"`
	Arithmetic  string             `json:"arithmetic"`
	Model       string             `json:"model"` // hash
	Data        string             `json:"data"`
	Queries     string             `json:"queries"`
	Measurement string             `json:"measurement"`
	By          string             `json:"by"`
	Samples     int                `json:"samples"`
	Parts       []truth.PartHeader `json:"parts"`
}

type accuracyOptions struct {
	stage
	Truth   string
	Corpus  string
	Methods string
	Scores  scoreFiles
	Removed string
	Damping float64
}

// scoreFiles is a repeatable flag of files, each with an optional name in front.
type scoreFiles []string

// String is what run.json records and Set reads.
func (s *scoreFiles) String() string { return strings.Join(*s, ",") }

// Type is what help calls a value.
func (s *scoreFiles) Type() string { return "[name=]file" }

// Set adds comma-separated files.
func (s *scoreFiles) Set(text string) error {
	for file := range strings.SplitSeq(text, ",") {
		if file != "" {
			*s = append(*s, file)
		}
	}
	return nil
}

func newBench(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Measure how accurate attribution is, and how fast", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newAccuracy(e), newSpeed(e))
	return cmd
}

func newAccuracy(e *env) *cobra.Command {
	var o accuracyOptions
	cmd := &cobra.Command{
		Use:   "accuracy",
		Short: "How well scores predict models that were really retrained (LDS)",
		Long: `Scores the outputs of a model with every method and with base lines that look at labels or pixels only, and compares
what the scores predict with models that were really retrained on subsets of the samples. LDS is Spearman's correlation
over subsets, its mean over outputs with a bootstrap 95 % interval; methods are compared by the paired bootstrap of their
difference. "same" is the same training run, "expected" the mean of the other seeds, which no method sees; the ceiling is
what no method can pass.

Without --truth it takes 100 outputs of a tanh MLP on real digits, retrained in PyTorch without 1, 5 and 50 % of the
samples (the data are part of the program). attrib train --subsets makes a truth of your own. --scores measures what any
other tool made: a matrix outputs × samples of float32 or float64, .npy or .safetensors, positive where a sample helped,
in the order of rows.json of the truth. An output whose prediction is the same for every subset counts 0, with a warning.`,
		Example: `  attrib bench accuracy --methods dot,cosine,same-class,rbf
  attrib bench accuracy --truth out/truth --corpus corpus --out out/accuracy`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			r, err := runAccuracy(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			for _, w := range r.Warnings {
				e.log.Warn(w)
			}
			return e.print(r, r.text)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Out, "out", "", "folder for accuracy.json, report.html and run.json (default: none)")
	f.BoolVar(&o.Force, "force", false, "replace a finished run in the output folder")
	f.StringVar(&o.Truth, "truth", "", "folder that attrib train --subsets wrote (default: the digits)")
	f.StringVar(&o.Corpus, "corpus", "", "corpus folder the truth was made from; needed by methods")
	f.StringVar(&o.Methods, "methods", allMethods(), "comma-separated; empty for --scores alone")
	f.Var(&o.Scores, "scores", "scores made by any other tool; may be repeated")
	f.StringVar(&o.Removed, "removed", "", "comma-separated parts of the truth, by name or number (default: all)")
	f.Float64Var(&o.Damping, "damping", influence.DefaultDamping, "of influence, as a multiple of the curvature's mean eigenvalue")
	return cmd
}

func allMethods() string { return strings.Join(bench.AccuracyMethods(), ",") }

// methods are those asked for; nil stands for all that the truth's model allows.
func (o accuracyOptions) methods() ([]string, error) {
	if o.Methods == allMethods() {
		if o.Truth != "" && o.Corpus == "" && len(o.Scores) > 0 {
			return []string{}, nil
		}
		return nil, nil
	}
	if o.Methods == "" {
		if len(o.Scores) == 0 {
			return nil, usage(errors.New("--methods is empty and no --scores are given: there is nothing to measure"))
		}
		return []string{}, nil
	}
	out := strings.Split(o.Methods, ",")
	for i, m := range out {
		if !slices.Contains(bench.AccuracyMethods(), m) {
			return nil, usage(fmt.Errorf("--methods: %q is not one of %s", m, strings.Join(bench.AccuracyMethods(), ", ")))
		}
		if slices.Contains(out[:i], m) {
			return nil, usage(fmt.Errorf("--methods: %q is given twice", m))
		}
	}
	return out, nil
}

func (o accuracyOptions) check() error {
	switch {
	case o.Truth == "" && o.Corpus != "":
		return usage(errors.New("--corpus goes with --truth"))
	case !(o.Damping > 0) || math.IsInf(o.Damping, 1):
		return usage(fmt.Errorf("--damping is %v, want more than 0", o.Damping))
	case o.Out == "" && o.Force:
		return usage(errors.New("--force goes with --out"))
	}
	return nil
}

func runAccuracy(ctx context.Context, e *env, o accuracyOptions) (*AccuracyResult, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	b := bench.AccuracyOptions{Damping: o.Damping, Registry: e.registry}
	var err error
	if b.Methods, err = o.methods(); err != nil {
		return nil, err
	}
	r := &AccuracyResult{Schema: "attrib.accuracy/1", Differences: []bench.Difference{}, Warnings: []string{}}
	inputs, err := o.load(&b, r)
	if err != nil {
		return nil, err
	}
	if b.Parts, err = o.parts(b.Truth); err != nil {
		return nil, err
	}
	r.describe(b.Truth, b.Parts)
	device, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	defer device.Close()
	var did *meter
	b.Device, did = metered(device)
	show := e.progress("accuracy", "methods")
	b.Progress = func(done, total int) { show(int64(done), int64(total)) }
	if o.Out == "" {
		return r, r.measure(ctx, b)
	}
	return r, o.write(inputs, func(f *runfile.Folder) error {
		if f.Resumed { // it is short: it begins again
			if err := f.Restart(); err != nil {
				return err
			}
		}
		if err := r.measure(ctx, b); err != nil {
			return err
		}
		noteDevice(f, device)
		f.Record.Kernels = append(f.Record.Kernels, did.done...)
		return r.save(f, o)
	})
}

// load reads the truth, the corpus and the scores.
func (o accuracyOptions) load(b *bench.AccuracyOptions, r *AccuracyResult) (inputs []string, err error) {
	if o.Truth == "" {
		r.Anchor = "B"
		a, err := bench.AnchorB()
		if err != nil {
			return nil, err
		}
		b.Data, b.Queries = a.Data, a.Queries
		if b.Truth, err = a.Truth(); err != nil {
			return nil, err
		}
	} else {
		if b.Truth, err = truth.Read(o.Truth); err != nil {
			return nil, fmt.Errorf("--truth: %w", err)
		}
		inputs = append(inputs, filepath.Join(o.Truth, truth.Name))
		files, err := o.loadCorpus(b)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, files...)
	}
	for _, file := range o.Scores {
		name, path := scoreName(file)
		v, err := bench.ReadScores(path, b.Truth)
		if err != nil {
			return nil, fmt.Errorf("--scores: %w", err)
		}
		b.Scores = append(b.Scores, bench.Scores{Name: name, Value: v})
		inputs = append(inputs, path)
	}
	return inputs, nil
}

// loadCorpus reads what methods look at, and holds it against the truth.
func (o accuracyOptions) loadCorpus(b *bench.AccuracyOptions) ([]string, error) {
	if o.Corpus == "" {
		if b.Methods == nil || len(b.Methods) > 0 {
			return nil, usage(errors.New("--corpus is missing: methods look at the samples that the truth was made from (give --methods '' for --scores alone)"))
		}
		return nil, nil
	}
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	where := filepath.Join(o.Truth, truth.Name)
	if err := modelFits(c, b.Truth.Model.Input, b.Truth.Model.Classes(), where); err != nil {
		return nil, err
	}
	l, err := loadLabelled(c)
	if err != nil {
		return nil, err
	}
	if err := b.Truth.Matches(l.Data, l.Queries, l.Samples, l.Outputs); err != nil {
		return nil, fmt.Errorf("%s does not belong to corpus %s: %w", where, o.Corpus, err)
	}
	b.Data, b.Queries = l.Data, l.Queries
	return corpusFiles(c), nil
}

// scoreName takes "name=file" apart; a file alone is named by its base without extension.
func scoreName(file string) (name, path string) {
	name, path, ok := strings.Cut(file, "=")
	if _, err := os.Stat(file); !ok || err == nil || name == "" {
		base := filepath.Base(file)
		return strings.TrimSuffix(base, filepath.Ext(base)), file
	}
	return name, path
}

// parts finds the parts of --removed by name or number.
func (o accuracyOptions) parts(t *truth.Truth) (out []string, err error) {
	if o.Removed == "" {
		return nil, nil
	}
	var names []string
	for _, p := range t.Parts {
		names = append(names, p.Name)
	}
	for text := range strings.SplitSeq(o.Removed, ",") {
		v, errNumber := strconv.ParseFloat(text, 64)
		found := false
		for _, p := range t.Parts {
			if p.Name == text || errNumber == nil && math.Abs(p.Removed-v) < 1e-9 {
				out, found = append(out, p.Name), true
			}
		}
		if !found {
			return nil, usage(fmt.Errorf("--removed: the truth has no part %q, only %s", text, strings.Join(names, ", ")))
		}
	}
	return out, nil
}

// describe says what truth it is, and which parts of it are used.
func (r *AccuracyResult) describe(t *truth.Truth, parts []string) {
	r.Truth = AccuracyTruth{Source: t.Source, Arithmetic: t.Arithmetic, Model: t.Model.Hash(), Data: t.Data, Queries: t.Queries, Measurement: t.Measurement, By: t.By, Samples: len(t.Samples)}
	r.Outputs = len(t.Outputs)
	for i := range t.Parts {
		p := &t.Parts[i]
		if parts != nil && !slices.Contains(parts, p.Name) {
			continue
		}
		h := truth.PartHeader{Name: p.Name, Removed: p.Removed, Subsets: p.Subsets(len(t.Samples)), Seeds: p.Seeds}
		r.Truth.Parts, r.Subsets = append(r.Truth.Parts, h), max(r.Subsets, h.Subsets)
	}
}

func (r *AccuracyResult) measure(ctx context.Context, b bench.AccuracyOptions) error {
	found, err := bench.Accuracy(ctx, b)
	if err != nil {
		return err
	}
	r.Results, r.Differences, r.TrainingSeconds = found.Rows, found.Differences, found.TrainingSeconds
	for _, w := range found.Warnings {
		r.Warnings = append(r.Warnings, w.Error())
	}
	return nil
}

func (r *AccuracyResult) text(w io.Writer) {
	lines := [][]string{{"METHOD", "TARGET", "REMOVED", "LDS", "95 % INTERVAL", "CEILING", "SECONDS", "TRAININGS"}}
	for _, a := range r.Results {
		cost := []string{fmt.Sprintf("%.2f", a.Seconds), fmt.Sprint(a.Trainings)}
		if a.Seconds == 0 && a.Trainings == 0 {
			cost = []string{"not known", "not known"}
		}
		lines = append(lines, append([]string{a.Method, a.Target, fmt.Sprintf("%.3g %%", 100*a.Removed), fmt.Sprintf("%.3f", a.LDS),
			fmt.Sprintf("%.3f to %.3f", a.Low, a.High), fmt.Sprintf("%.3f", a.Ceiling)}, cost...))
	}
	table(w, lines)
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/shapley"
	"attrib/store"
)

type scoreOptions struct {
	stage
	modelFlags
	Corpus    string
	Store     string
	Queries   string
	Method    string
	Objective string
	Damping   float64
	Top       int
	Estimate  bool
	Memory    string
	products  *products // of the model's layers
}

// ScoreResult is what attrib score prints.
type ScoreResult struct {
	Schema       string  `json:"schema"`
	Out          string  `json:"out"`
	Method       string  `json:"method"`
	Outputs      int     `json:"outputs"`
	Samples      int64   `json:"samples"`
	Contributors int     `json:"contributors"`
	Top          int     `json:"top"`
	Unit         string  `json:"unit"`
	Seconds      float64 `json:"seconds"`
	Bytes        int64   `json:"bytes"`
	Operations   int64   `json:"operations"`

	totals *influence.Totals
	names  []string
	scorer influence.Scorer
	query  influence.Queries
	rowID  func(row int64) int64 // the sample of a row of the store
}

func newScore(e *env) *cobra.Command {
	var o scoreOptions
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Score outputs against a store: top samples per output, totals per contributor",
		Long: `Scores every output of a corpus against every row of a store in one streamed pass, keeps the most helpful and most
harmful samples per output and the sum per contributor, and quantises the sums once to integers. A score is
τ = ∂m/∂w: the change of the output's goodness m per unit of the sample's weight in training. Positive: it helped.`,
		Example: `  attrib score --corpus corpus --store out/store --method influence --estimate
  attrib score --corpus corpus --model out/train --store out/store --method influence --out out/scores`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			if o.Estimate {
				estimate, err := estimateOnly(cmd.Context(), e, o)
				if err != nil {
					return err
				}
				return e.print(estimate, estimate.text)
			}
			result, err := runScore(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			return e.print(result, result.text)
		},
	}
	f := cmd.Flags()
	o.outFlags.register(f)
	o.modelFlags.register(cmd)
	f.StringVar(&o.Corpus, "corpus", "", "corpus folder")
	f.StringVar(&o.Store, "store", "", "folder that attrib index wrote")
	f.StringVar(&o.Queries, "queries", "", "folder with rows of the outputs, imported by attrib index --of outputs; instead of --model")
	f.StringVar(&o.Method, "method", "influence", "dot, cosine, influence; on embeddings: neighbours-cosine, neighbours-l2, neighbours-rbf")
	f.StringVar(&o.Objective, "objective", "log-prob", "goodness of an output: log-prob, margin (log p/(1−p)) or loss (minus the loss)")
	f.Float64Var(&o.Damping, "damping", influence.DefaultDamping, "of influence, as a multiple of the curvature's mean eigenvalue")
	f.IntVar(&o.Top, "top", 10, "samples kept per output, most helpful and most harmful")
	f.BoolVar(&o.Estimate, "estimate", false, "say what would be read, how long it would take and in how much memory, and stop; run.json of a run compares both")
	f.StringVar(&o.Memory, "memory", "", "resident memory to keep to, such as 200MB: smaller tiles, less mapped; results do not depend on it (default: no limit)")
	require(cmd, "corpus", "store")
	return cmd
}

func (o scoreOptions) validate() error {
	if o.Top < 0 {
		return usage(fmt.Errorf("--top is %d, want 0 or more", o.Top))
	}
	if !(o.Damping >= 0) || math.IsInf(o.Damping, 0) {
		return usage(fmt.Errorf("--damping is %v, want a number of at least 0", o.Damping))
	}
	return nil
}

func runScore(ctx context.Context, e *env, o scoreOptions) (*ScoreResult, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := o.outFlags.check(); err != nil {
		return nil, err
	}
	defer lean()()
	opened := time.Now()
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	inner, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	defer func() { inner.Close() }()
	device, meter := metered(inner)
	estimate := o.tryEstimate(ctx, c, device, opened)
	limit, err := o.limit(e, estimate)
	if err != nil {
		return nil, err
	}
	if limit != nil {
		smaller, err := e.limitedDevice(limit.Tile)
		if err != nil {
			return nil, err
		}
		inner.Close()
		inner = smaller
		device, meter = metered(inner)
	}
	meter.done = nil
	if e.precision != "exact" {
		meter.overlap = &overlap{exact: cpu.New(cpu.Options{Workers: e.workers})}
	}
	o.products = e.productsOn(inner)
	features, err := store.Open(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	defer features.Close()
	if limit != nil {
		features.LimitMapped(limit.Mapped)
	}
	if err := o.storeFits(c, features.Header()); err != nil {
		return nil, err
	}
	if err := rowsExist(c, features); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Store, err)
	}
	began := time.Now()
	p, err := o.plan(ctx, e, c, features, device)
	if err != nil {
		return nil, err
	}
	if missing := int64(c.Count(corpus.SplitTrain)) - features.Len(); missing > 0 {
		p.warnings = append(p.warnings, fmt.Errorf("%d of %d training samples have no row in %s: their contributors get nothing for them", missing, c.Count(corpus.SplitTrain), o.Store))
	}
	fitted := time.Since(began).Seconds()
	result := &ScoreResult{Schema: "attrib.score-result/1", Out: o.Out, Method: o.Method, Outputs: len(c.Queries), Samples: features.Len(), Unit: p.scorer.Unit()}
	inputs := append(append(corpusFiles(c), p.files...), storeHeader(o.Store))
	return result, o.write(inputs, func(f *runfile.Folder) error {
		f.Record.Device, f.Record.Limit = deviceName(inner), limit
		for _, w := range p.warnings {
			f.Warn(w)
			e.log.Warn(w.Error())
		}
		f.Record.Timings = append(f.Record.Timings, runfile.Timing{Name: "fit", Seconds: fitted})
		if err := result.score(ctx, o, f, c, features, device, p); err != nil {
			return err
		}
		noteDevice(f, inner)
		if text := meter.overlap.String(); text != "" {
			f.Note("%s", text)
		}
		o.products.record(f, false)
		f.Record.Kernels = append(f.Record.Kernels, meter.done...)
		if estimate != nil {
			f.Record.Estimate = estimate.compare(meter, storeBytes(o.Store, features.Header()), opened)
		}
		return nil
	})
}

// limit is what --memory asks for, or what a limited address space does, nil when neither changes anything. Without an estimate
// the run will fail anyway.
func (o scoreOptions) limit(e *env, estimate *ScoreEstimate) (*runfile.Limit, error) {
	if estimate == nil {
		return nil, nil
	}
	if o.Memory != "" {
		bytes, err := parseBytes(o.Memory)
		if err != nil {
			return nil, usage(fmt.Errorf("--memory: %w", err))
		}
		l, err := estimate.limit(bytes, e.workers)
		if err != nil {
			err = fmt.Errorf("--memory: %w", err)
		}
		return l, err
	}
	left, limited := addressSpace()
	if !limited {
		return nil, nil
	}
	now, _ := residentMemory()
	l, err := estimate.limit(now+left/4*3, e.workers)
	if err != nil {
		err = fmt.Errorf("the address space is limited (ulimit -v): %w", err)
	}
	return l, err
}

// storeFits checks that a store holds samples of the corpus.
func (o scoreOptions) storeFits(c *corpus.Corpus, h store.Header) error {
	if h.Of != store.OfSamples {
		return fmt.Errorf("%s: field of: the rows are of %s, want %s: give them as --queries", o.Store, h.Of, store.OfSamples)
	}
	if h.Corpus != c.Hash() {
		return fmt.Errorf("%s: field corpus: the store was made from corpus %s, %s is %s", o.Store, h.Corpus, o.Corpus, c.Hash())
	}
	return nil
}

// rowsExist checks that the store's rows are training samples of the corpus.
func rowsExist(c *corpus.Corpus, features *store.Store) error {
	for i, row := range features.RowIDs() {
		if row < 0 || row >= int64(c.Len()) || c.Split(row) != corpus.SplitTrain {
			return fmt.Errorf("row %d: row_ids is %d, which is no training sample of the corpus (%d samples)", i, row, c.Len())
		}
	}
	return nil
}

// scorePlan is a fitted method and the outputs' side of it.
type scorePlan struct {
	scorer   influence.Scorer
	queries  influence.Queries
	files    []string
	hashes   map[string]string
	measured string
	warnings []error
}

func (o scoreOptions) plan(ctx context.Context, e *env, c *corpus.Corpus, features *store.Store, device kernels.Device) (*scorePlan, error) {
	p := &scorePlan{hashes: map[string]string{"corpus": c.Hash(), "outputs": c.QueriesHash(), "store": features.Header().Digest}}
	if o.Queries != "" {
		return p, o.planStores(ctx, c, features, device, p)
	}
	if features.Header().Kind == store.KindEmbeddings {
		return p, o.planEmbeddings(c, features, device, p)
	}
	return p, o.planGradients(ctx, e, c, features, device, p)
}

func (o scoreOptions) planGradients(ctx context.Context, e *env, c *corpus.Corpus, features *store.Store, device kernels.Device, p *scorePlan) error {
	if o.Model == "" {
		return usage(errors.New("--model is missing: gradients of the outputs need the model that made the store (or give --queries, their imported rows)"))
	}
	if h := features.Header(); h.Sign != store.SignLossGradient {
		return fmt.Errorf("%s: field sign: the rows are %s, methods need gradients of the training loss, %s", o.Store, h.Sign, store.SignLossGradient)
	}
	method, err := influence.ByName(o.Method)
	if err != nil {
		return usage(err)
	}
	objective, err := influence.ParseObjective(o.Objective)
	if err != nil {
		return usage(err)
	}
	m, err := e.loadModel(o.modelFlags)
	if err != nil {
		return err
	}
	if err := m.fits(c); err != nil {
		return err
	}
	if got := features.Header().Model; got != m.Params.Hash() {
		return fmt.Errorf("%s: field model: the store was made with parameters %s, these are %s", o.Store, got, m.Params.Hash())
	}
	o.products.give(m.Task)
	p.files, p.hashes["model"], p.measured = m.Files, m.Params.Hash(), o.Objective
	if p.queries, err = outputGradients(ctx, c, m, objective); err != nil {
		return err
	}
	run := o.run(features, device, p)
	run.Seeds = []int64{m.Model.Init.Seed}
	p.scorer, err = method.Fit(ctx, run)
	return err
}

func (o scoreOptions) run(features *store.Store, device kernels.Device, p *scorePlan) *influence.Run {
	return &influence.Run{Features: features.Raw(), Damping: o.Damping, Device: device, Warn: func(err error) { p.warnings = append(p.warnings, err) }}
}

// outputGradients are ∇m of all outputs.
func outputGradients(ctx context.Context, c *corpus.Corpus, m *trained, objective influence.Objective) (influence.Queries, error) {
	b, err := c.LoadQueries()
	if err != nil {
		return influence.Queries{}, err
	}
	if err := b.NeedLabels(); err != nil {
		return influence.Queries{}, err
	}
	q, _, err := influence.QueryGradients(ctx, m.Task, m.Params, influence.Batch{X: kernels.F32(b.Len(), b.Width, b.X), Y: b.Y, IDs: b.Row}, b.ID, objective)
	return q, err
}

// score makes the pass and writes its results.
func (r *ScoreResult) score(ctx context.Context, o scoreOptions, f *runfile.Folder, c *corpus.Corpus, features *store.Store, device kernels.Device, p *scorePlan) error {
	players := c.Players(corpus.RoleData)
	names := players.Names
	r.names, r.scorer, r.query, r.rowID = names, p.scorer, p.queries, features.RowID
	group := make([]int32, features.Len())
	for i, row := range features.RowIDs() {
		group[i] = players.Of(row)
	}
	totals, err := influence.Totalise(ctx, device, p.scorer, features.Raw(), p.queries, influence.TotalsOptions{K: o.Top, Group: group, Groups: len(names)})
	if err != nil {
		return err
	}
	if err := features.Unchanged(); err != nil {
		return err
	}
	r.Seconds = f.Stage("scan")
	r.totals, r.Contributors, r.Top, r.Bytes, r.Operations = totals, len(names), totals.K, totals.Bytes, totals.Ops
	meta := shapley.Meta{Method: o.Method, Measurement: p.measured, Sign: "positive: the contributor's samples helped the output", Unit: p.scorer.Unit(), Hashes: p.hashes}
	scores, err := shapley.Quantise(totals.Sum, totals.Unit, names, outputRows(c), meta)
	if err != nil {
		return err
	}
	if err := shapley.WriteScores(f.Dir, scores); err != nil {
		return err
	}
	if err := writeScoreTables(f, c, r, scores); err != nil {
		return err
	}
	f.Stage("write")
	return nil
}

// outputRows are the rows of the score matrix: every output of one training run.
func outputRows(c *corpus.Corpus) []shapley.Output {
	out := make([]shapley.Output, len(c.Queries))
	for i, q := range c.Queries {
		out[i] = shapley.Output{ID: q.ID, Earned: q.Weight.Big()}
	}
	return out
}

func (r *ScoreResult) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %d outputs × %d samples, totals for %d contributors, unit %s (%.2f s", r.Method, r.Outputs, r.Samples, r.Contributors, r.Unit, r.Seconds)
	if r.Operations > 0 {
		fmt.Fprintf(w, ", %.1f GFLOP/s", float64(r.Operations)/1e9/max(r.Seconds, 1e-9))
	}
	fmt.Fprintf(w, ")\n%s\n", r.Out)
}

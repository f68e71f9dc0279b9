package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"attrib/bench"
	"attrib/bench/report"
	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/atomicfile"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/store"
	"attrib/train"
)

// Sizes of the demo. The permutations are few enough that the estimator's error can be seen.
const (
	demoTop          = 8
	demoPermutations = 2048
)

var (
	demoFractions = []float64{.05, .1, .2, .3}
	demoSeeds     = []int64{1, 2, 3}
)

// demoRetraining is what the retrain stage found.
type demoRetraining struct{ removal *bench.Removal }

// retrain removes what the scores call most helpful, most harmful, and a random part, and trains again from scratch.
func (d *demo) retrain(ctx context.Context) (string, error) {
	data, err := loadData(d.made.corpus, corpus.SplitTrain)
	if err != nil {
		return "", err
	}
	scores, err := d.sampleScores(ctx, data.Len())
	if err != nil {
		return "", err
	}
	measure, err := d.meanLogProb()
	if err != nil {
		return "", err
	}
	show := d.env.progress("retrain", "models")
	r, err := bench.Remove(ctx, demoModel(), data, demoRankings(scores), measure, bench.RemovalOptions{
		Parts: demoFractions, Seeds: demoSeeds, Workers: d.env.workers,
		Progress: func(done, total int) { show(int64(done), int64(total)) },
	})
	if err != nil {
		return "", err
	}
	d.made.retraining = &demoRetraining{r}
	last := len(r.Parts) - 1
	return fmt.Sprintf("%d models; mean log-probability %.2f, without the %.0f %% that help most %.2f, without as many at random %.2f",
		r.Models, r.Curves[0].Mean[0], 100*r.Parts[last], r.Curves[0].Mean[last], r.Curves[1].Mean[last]), nil
}

// sampleScores are the mean over outputs of τ of every training sample: one query, whose gradient is the mean of the
// outputs', since the method is linear in it.
func (d *demo) sampleScores(ctx context.Context, n int) ([]float64, error) {
	features, err := store.Open(ctx, d.path("store"))
	if err != nil {
		return nil, err
	}
	defer features.Close()
	device, err := d.env.openDevice()
	if err != nil {
		return nil, err
	}
	defer device.Close()
	fitted, ok := d.made.score.scorer.(*influence.Similarity)
	if !ok {
		return nil, fmt.Errorf("method %q is not linear in the outputs", d.made.score.Method)
	}
	scorer := *fitted // the curvature is kept, the store was closed meanwhile
	scorer.Features, scorer.Device = features, device
	scores := make([]float64, n)
	all := influence.Queries{IDs: []string{"all outputs"}, Gradients: meanRow(d.made.score.query.Gradients)}
	err = scorer.Score(ctx, all, func(_ int, row0 int64, m kernels.Matrix) error {
		for j, v := range m.Row(0) {
			scores[row0+int64(j)] = float64(v)
		}
		return nil
	})
	return scores, err
}

// meanRow is the mean of the rows, as one row.
func meanRow(m kernels.Matrix) kernels.Matrix {
	sum := make([]float64, m.Cols)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			sum[j] += float64(v)
		}
	}
	out := make([]float32, len(sum))
	for j, v := range sum {
		out[j] = float32(v / float64(m.Rows))
	}
	return kernels.F32(1, len(out), out)
}

// demoRankings are the three orders of removal; the random one is another for every training seed.
func demoRankings(scores []float64) []bench.Ranking {
	helpful := make([]int, len(scores))
	for i := range helpful {
		helpful[i] = i
	}
	slices.SortStableFunc(helpful, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	harmful := slices.Clone(helpful)
	slices.Reverse(harmful)
	return []bench.Ranking{
		{Name: "most helpful first", Rows: func(int64) []int { return helpful }},
		{Name: "at random", Rows: func(seed int64) []int {
			p := make([]int, len(scores))
			philox.New([32]byte{'r', 'e', 'm', 'o', 'v', 'e'}, uint64(seed)).Perm(p)
			return p
		}},
		{Name: "most harmful first", Rows: func(int64) []int { return harmful }},
	}
}

// meanLogProb measures the mean log-probability that a model gives the outputs' labels.
func (d *demo) meanLogProb() (bench.Measure, error) {
	b, err := d.made.corpus.LoadQueries()
	if err != nil {
		return nil, err
	}
	m := demoModel()
	net, err := train.NewNetwork(m)
	if err != nil {
		return nil, err
	}
	queries := train.Data{X: kernels.F32(b.Len(), b.Width, b.X), Y: b.Y}
	return func(p train.Params) (float64, error) {
		loss, _, err := train.Evaluate(m, net, p, queries)
		return -loss, err
	}, nil
}

// report writes report.html.
func (d *demo) report(context.Context) (string, error) {
	page, err := d.page()
	if err != nil {
		return "", err
	}
	d.result.Report = d.path("report.html")
	return d.result.Report, atomicfile.Write(d.result.Report, func(w io.Writer) error { return report.Write(w, page) })
}

func (d *demo) page() (report.Page, error) {
	c, r := d.made.corpus, &d.result
	output, err := d.reportOutput()
	return report.Page{
		Title: "Who contributed what: handwritten digits",
		Lead: fmt.Sprintf("A network was trained on %d handwritten digits from %d contributors, some of whom copy, mislabel or split their data. "+
			"Its %d outputs earned %s base units. The method “%s” scored every training image for every output; a %s game turned the scores into shares; "+
			"the shares were paid out on an embedded chain, claimed, and recomputed from their evidence.",
			c.Count(corpus.SplitTrain), countData(c), len(c.Queries), r.Pool, d.made.score.Method, d.made.value.Shares.Game.Name),
		Facts: []report.Fact{
			{Label: "paid out", Value: r.Pool, Note: "base units, to the last one"},
			{Label: "verified", Value: yesNo(r.Verified), Note: "root " + r.Root},
			{Label: "expected misallocation", Value: percentOr(&r.ExpectedMisallocation), Note: "estimator and sampling together"},
		},
		Shares: d.reportShares(), Currency: "base units (wei) of the embedded chain", Errors: d.reportErrors(),
		Output: output, Removal: d.reportRemoval(), Stages: d.reportStages(), Commands: d.says, Notes: d.reportNotes(),
	}, err
}

func countData(c *corpus.Corpus) int {
	return len(c.Players(corpus.RoleData).Names)
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "NO"
}

func (d *demo) reportShares() []report.Share {
	var rows []report.Share
	for _, s := range d.result.Contributors {
		row := report.Share{ID: s.ID, Role: s.Role, About: s.plan, Value: s.Share, Low: s.ShareLow, High: s.ShareHigh, Exact: math.NaN(), Amount: s.Amount, Claimed: s.Claimed}
		if s.ExactShare != nil {
			row.Exact = *s.ExactShare
		}
		rows = append(rows, row)
	}
	return rows
}

func (d *demo) reportErrors() []report.Fact {
	e, part := d.made.value.Shares, d.dataPart()
	exact := ""
	if e.MisallocationAgainstExact != nil {
		exact = fmt.Sprintf("; against the exact values it is %s", percent(*e.MisallocationAgainstExact*part))
	}
	return []report.Fact{
		{Label: "Estimator", Value: percentOr(d.result.Errors.Estimator), Note: fmt.Sprintf("Monte-Carlo error of the Shapley values, from %d permutations%s", e.Estimator.Permutations, exact)},
		{Label: "Sampling", Value: percentOr(d.result.Errors.Sampling), Note: "these outputs are a sample of those that might have earned: bootstrap over outputs"},
		{Label: "Harm, never paid", Value: percent(e.Harm), Note: "negative scores as a part of the positive ones; the game clips them output by output"},
		{Label: "Method", Value: percentOr(d.result.Errors.Method), Note: "how far the recipe lies from retraining the model for every coalition of contributors"},
	}
}

// reportOutput shows the output that one training image harms most.
func (d *demo) reportOutput() (*report.Output, error) {
	c, t := d.made.corpus, d.made.score.totals
	worst := 0
	for q := range c.Queries {
		if t.WorstScore[q*t.K] < t.WorstScore[worst*t.K] {
			worst = q
		}
	}
	query := c.Queries[worst]
	pixels, err := c.QueryFeatures(query)
	if err != nil {
		return nil, err
	}
	out := &report.Output{ID: query.ID, Image: report.Gray(8, 8, pixels),
		About: fmt.Sprintf("Output %s, attributed for the class %d; of all outputs the one that a single training image harms most.", query.ID, *query.Label)}
	if out.Helpful, err = d.examples(t.TopID[worst*t.K:(worst+1)*t.K], t.TopScore[worst*t.K:]); err != nil {
		return nil, err
	}
	out.Harmful, err = d.examples(t.WorstID[worst*t.K:(worst+1)*t.K], t.WorstScore[worst*t.K:])
	return out, err
}

func (d *demo) examples(ids []int64, scores []float32) ([]report.Example, error) {
	c := d.made.corpus
	want, out := map[int64]int{}, make([]report.Example, len(ids))
	for k, id := range ids {
		row := d.made.score.rowID(id)
		want[row] = k
		out[k] = report.Example{ID: c.SampleID(row), Score: float64(scores[k]), About: fmt.Sprintf("label %d, %s", c.Label(row), c.Owner(row))}
	}
	err := c.Samples(func(row int64, s corpus.Sample) error {
		k, ok := want[row]
		if !ok {
			return nil
		}
		pixels, err := c.Features(s)
		out[k].Image = report.Gray(8, 8, pixels)
		return err
	})
	return out, err
}

func (d *demo) reportRemoval() *report.Removal {
	r := d.made.retraining.removal
	out := &report.Removal{
		About: "The training images were ranked by the mean of their scores over all outputs. Then the network was trained again from scratch without the first part of the ranking " +
			"(those images weigh zero; batches and order stay). If the scores mean anything, the outputs suffer most without the most helpful images, less without as many at random, " +
			"and least without the most harmful ones.",
		YLabel: "mean log-probability of the outputs' classes, over " + fmt.Sprint(len(demoSeeds)) + " training seeds", Models: r.Models, Seconds: r.Seconds,
	}
	for _, c := range r.Curves {
		out.Curves = append(out.Curves, report.Curve{Name: c.Name, Part: r.Parts, Y: c.Mean, Low: c.Low, High: c.High})
	}
	return out
}

func (d *demo) reportStages() []report.Fact {
	var rows []report.Fact
	for _, s := range d.result.Stages {
		rows = append(rows, report.Fact{Label: s.Name, Value: fmt.Sprintf("%.1f s", s.Seconds), Note: s.note})
	}
	return rows
}

func (d *demo) reportNotes() []string {
	notes := []string{
		"A score is τ = ∂m/∂w: the change of the output's goodness m (here its log-probability) per unit of the sample's weight in training. Positive: it helped.",
		"The digits are the test set of “Optical Recognition of Handwritten Digits” by E. Alpaydin and C. Kaynak (UCI Machine Learning Repository, CC BY 4.0), as distributed with scikit-learn. Who owns which digit is made up.",
		"The contributors' keys are public test keys, and the chain ended with the demo.",
		"Exact copies share one credit in a saturating game only in part: copying a rival still pays here. Near-duplicate credit units, which end that, are not part of this demo.",
	}
	for _, w := range d.made.value.Weights.Warnings {
		notes = append(notes, "Warning: "+w)
	}
	return notes
}

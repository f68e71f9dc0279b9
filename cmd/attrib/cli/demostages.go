package cli

import (
	"context"
	"fmt"
	"math/big"
	"path/filepath"

	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/scenario"
	"attrib/policy"
	"attrib/settle"
	"attrib/settle/embedded"
	"attrib/train"
)

// demoParts is what the demo's stages hand on to later ones.
type demoParts struct {
	corpus *corpus.Corpus
	score  *ScoreResult
	value  *ValueResult
	post   *PostResult
	paid   map[string]*big.Int // claimed by contributor

	chain      *embedded.Chain
	url        string
	stop       context.CancelFunc
	served     *embedded.Server
	retraining *demoRetraining
}

// demoModel is the demo's network, tanh MLP 64-32-10.
func demoModel() train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "digits-mlp", Input: 64,
		Layers: []train.Layer{
			{Name: "fc1", Type: train.Dense, In: 64, Out: 32, Activation: train.Tanh},
			{Name: "fc2", Type: train.Dense, In: 32, Out: 10, Activation: train.None},
		},
		Loss: train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9, WeightDecay: 1e-3},
		Epochs:    30, Batch: 100,
	}
}

func (d *demo) corpus(context.Context) (string, error) {
	dir := d.path("corpus")
	if err := scenario.Write(dir, scenario.Options{DataOnly: !d.opt.Roles, ChainID: embedded.DefaultChainID}); err != nil {
		return "", err
	}
	if !d.opt.Roles {
		p := policy.Default()
		p.Roles = map[policy.Role]int{policy.Data: policy.Whole}
		if err := policy.Write(filepath.Join(dir, policy.PolicyFile), p); err != nil {
			return "", err
		}
	}
	if err := demoModel().Write(d.path("model.json")); err != nil {
		return "", err
	}
	d.say("corpus check %s --require-claims", dir)
	c, err := corpus.Open(dir)
	if err != nil {
		return "", err
	}
	d.made.corpus = c
	rules := corpus.ClaimRules{Require: true, ChainID: embedded.DefaultChainID}
	return fmt.Sprintf("%d samples by %d contributors, %d outputs that earned %s", c.Count(corpus.SplitTrain), len(c.Contributors), len(c.Queries), c.Earned()), c.CheckClaims(rules)
}

func (d *demo) train(ctx context.Context) (string, error) {
	o := trainOptions{Corpus: d.path("corpus"), Model: d.path("model.json"), CheckpointEvery: 10}
	o.stage = d.sub("train", "train", map[string]string{"corpus": o.Corpus, "model": o.Model, "checkpoint-every": "10"})
	d.say("train --corpus %s --model %s --out %s", o.Corpus, o.Model, o.Out)
	r, err := runTrain(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d parameters, %.1f %% of the held-out digits right", r.Parameters, 100**r.HeldOutAccuracy), nil
}

func (d *demo) index(ctx context.Context) (string, error) {
	o := indexOptions{Corpus: d.path("corpus"), modelFlags: modelFlags{Model: d.path("train")}}
	o.stage = d.sub("store", "index", map[string]string{"corpus": o.Corpus, "model": o.Model})
	d.say("index --corpus %s --model %s --out %s", o.Corpus, o.Model, o.Out)
	r, err := runIndex(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d gradients of width %d", r.Rows, r.Width), nil
}

func (d *demo) score(ctx context.Context) (string, error) {
	o := scoreOptions{Corpus: d.path("corpus"), Store: d.path("store"), modelFlags: modelFlags{Model: d.path("train")},
		Method: "influence", Objective: "log-prob", Damping: influence.DefaultDamping, Top: demoTop}
	o.stage = d.sub("scores", "score", map[string]string{"corpus": o.Corpus, "store": o.Store, "model": o.Model, "method": o.Method,
		"objective": o.Objective, "damping": fmt.Sprint(o.Damping), "top": fmt.Sprint(o.Top)})
	d.say("score --corpus %s --model %s --store %s --top %d --out %s", o.Corpus, o.Model, o.Store, o.Top, o.Out)
	r, err := runScore(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	d.made.score = r
	return fmt.Sprintf("%s: %d outputs × %d samples", r.Method, r.Outputs, r.Samples), nil
}

func (d *demo) valueOptions() valueOptions {
	o := valueOptions{Scores: d.path("scores"), Corpus: d.path("corpus"), Estimator: "permutations", Permutations: demoPermutations, Bootstrap: 1000, Seed: d.opt.Seed}
	o.stage = d.sub("value", "value", map[string]string{"scores": o.Scores, "corpus": o.Corpus, "policy": "", "game": "", "function": "", "estimator": o.Estimator,
		"permutations": fmt.Sprint(o.Permutations), "epsilon": "0", "bootstrap": fmt.Sprint(o.Bootstrap), "method-error": "", "seed": o.Seed})
	return o
}

func (d *demo) valueCommand(o valueOptions) string {
	s := fmt.Sprintf("value --scores %s --corpus %s --estimator %s --permutations %d --out %s", o.Scores, o.Corpus, o.Estimator, o.Permutations, o.Out)
	if o.Seed != "" {
		s += " --seed " + o.Seed
	}
	return s
}

func (d *demo) value(ctx context.Context) (string, error) {
	o := d.valueOptions()
	d.say("%s", d.valueCommand(o))
	r, err := runValue(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	d.made.value, d.result.Seed = r, r.Seed.Value
	d.folder.Record.Seeds = map[string]string{"value": r.Seed.Value, "source": r.Seed.Source}
	s := r.Shares
	note := fmt.Sprintf("%s game, %d permutations", s.Game.Name, s.Estimator.Permutations)
	if s.MisallocationAgainstExact != nil {
		note += fmt.Sprintf("; estimator error stated %s, against the exact value %s", percentOr(s.Errors.Estimator), percentOr(s.MisallocationAgainstExact))
	}
	return note, nil
}

// fillContributors joins weights, amounts and claims into the demo's table.
func (d *demo) fillContributors() {
	w, exact := d.made.value.Weights, map[string]*float64{}
	for _, s := range d.made.value.Shares.Contributors {
		exact[s.ID] = s.ExactShare
	}
	data := d.dataPart()
	epoch, _ := settle.Load(filepath.Join(d.path("epoch-1"), evidenceDir))
	amounts := map[string]string{}
	for _, p := range epoch.Payees {
		amounts[p.ID] = p.Amount.Dec()
	}
	for i, id := range w.ID {
		c := DemoContributor{ID: id, Role: string(w.Role[i]), Share: float64(w.Weight[i]) / policy.Total, ShareLow: w.Low[i], ShareHigh: w.High[i],
			Amount: amounts[id], Claimed: d.made.paid[id].String(), plan: d.plan(id)}
		if v := exact[id]; v != nil {
			part := *v * data
			c.ExactShare = &part
		}
		d.result.Contributors = append(d.result.Contributors, c)
	}
	d.result.Errors = DemoErrors(w.Err)
	d.result.ExpectedMisallocation = d.made.value.Shares.ExpectedMisallocation * data
}

// dataPart is the part of the pool that goes to data contributors.
func (d *demo) dataPart() float64 {
	part, w := 0.0, d.made.value.Weights
	for i := range w.ID {
		if w.Role[i] == policy.Data {
			part += float64(w.Weight[i]) / policy.Total
		}
	}
	return part
}

// plan is what the scenario says a contributor does.
func (d *demo) plan(id string) string {
	i, _ := d.made.corpus.Lookup(id)
	plan, _ := d.made.corpus.Contributors[i].Meta["plan"].(string)
	return plan
}

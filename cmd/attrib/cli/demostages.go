package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"

	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/scenario"
	"attrib/internal/strictjson"
	"attrib/policy"
	"attrib/settle"
	"attrib/settle/chain"
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

// startChain serves the embedded chain, makes a ledger on it and funds it with what the outputs earned.
func (d *demo) startChain(ctx context.Context) (string, error) {
	c, err := embedded.New(embedded.Options{})
	if err != nil {
		return "", err
	}
	serving, stop := context.WithCancel(ctx)
	server, err := c.Serve(serving, "127.0.0.1:0")
	if err != nil {
		stop()
		c.Close()
		return "", err
	}
	d.made.chain, d.made.stop, d.made.url, d.made.served = c, stop, server.URL, server
	if err := d.writeKeys(); err != nil {
		return "", err
	}
	d.says = append(d.says, "attrib chain --keys "+d.path("keys")+" &")
	return d.makeLedger(ctx)
}

func (d *demo) stopChain() {
	if d.made.chain == nil {
		return
	}
	d.made.stop()
	_ = d.made.served.Wait()
	_ = d.made.chain.Close()
	d.made.chain = nil
}

// writeKeys writes the public test keys of the development accounts and of the contributors.
func (d *demo) writeKeys() error {
	if err := writeKeys(d.path("keys")); err != nil {
		return err
	}
	for _, p := range d.made.corpus.Contributors {
		text := hex.EncodeToString(crypto.FromECDSA(scenario.Key(p.ID)))
		if err := writeKey(d.path("keys", p.ID+".key"), text); err != nil {
			return err
		}
	}
	return nil
}

// flags are the flags of a settle command signed by a key of the keys folder.
func (d *demo) flags(key string) chainFlags {
	return chainFlags{keyFlags: keyFlags{File: d.path("keys", key+".key")}, RPC: d.made.url, Ledger: d.path("ledger.json"), Confirmations: 1, Dev: true}
}

func (d *demo) makeLedger(ctx context.Context) (string, error) {
	window := 24 * time.Hour
	o := deployOptions{chainFlags: d.flags("dev0"), Token: zeroToken, Arbiter: embedded.Account(1).Hex(), Window: window, Resolution: window,
		Expiry: "2126-01-01T00:00:00Z", Bond: "10000000000000000", Reward: "10000000000000000"}
	d.say("settle deploy --key-file %s --arbiter %s --window 24h --ledger %s --dev", o.File, o.Arbiter, o.Ledger)
	deployment, err := runDeploy(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	client, _, err := o.open(ctx, true)
	if err != nil {
		return "", err
	}
	defer client.Close()
	pool, _ := uint256.FromBig(d.made.corpus.Earned())
	d.say("settle fund --key-file %s --ledger %s --amount %s --dev", o.File, o.Ledger, pool.Dec())
	if _, err := client.Fund(ctx, pool); err != nil {
		return "", err
	}
	d.say("settle stake --key-file %s --ledger %s --amount %s --dev", o.File, o.Ledger, o.Reward)
	if _, err := client.Stake(ctx, uint256.MustFromDecimal(o.Reward)); err != nil {
		return "", err
	}
	d.result.Contract, d.result.ChainID, d.result.Pool = deployment.Contract, deployment.ChainID, pool.Dec()
	return fmt.Sprintf("ledger %s holds the %s that the outputs earned", deployment.Contract, pool.Dec()), nil
}

func (d *demo) valueOptions() valueOptions {
	o := valueOptions{Scores: d.path("scores"), Corpus: d.path("corpus"), Estimator: "permutations", Permutations: demoPermutations, Bootstrap: 1000, Seed: d.opt.Seed}
	o.stage = d.sub("value", "value", map[string]string{"scores": o.Scores, "corpus": o.Corpus, "policy": "", "game": "", "function": "", "estimator": o.Estimator,
		"permutations": fmt.Sprint(o.Permutations), "epsilon": "0", "bootstrap": fmt.Sprint(o.Bootstrap), "method-error": "", "seed": o.Seed})
	return o
}

// commit fixes the inputs on chain before the seed exists.
func (d *demo) commit(ctx context.Context) (string, error) {
	o := d.valueOptions()
	o.Prepare = true
	d.say("%s --prepare", d.valueCommand(o))
	r, err := runValue(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	c := commitOptions{chainFlags: d.flags("dev0"), Value: o.Out}
	d.say("settle commit --key-file %s --ledger %s --value %s --dev", c.File, c.Ledger, c.Value)
	seed, err := runCommit(ctx, d.env, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("inputs %s… fixed in block %d, before anybody can know the seed", r.InputHash[:10], seed.CommitBlock), nil
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

func (d *demo) post(ctx context.Context) (string, error) {
	o := postOptions{chainFlags: d.flags("dev0"), Value: d.path("value"), Pool: d.result.Pool, Accept: d.opt.Seed != ""}
	o.stage = d.sub("epoch-1", "settle post", map[string]string{"value": o.Value, "pool": o.Pool, "ledger": o.Ledger})
	d.say("settle post --key-file %s --ledger %s --value %s --pool %s --out %s --dev", o.File, o.Ledger, o.Value, o.Pool, o.Out)
	r, err := runPost(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	d.made.post, d.result.Root, d.result.EvidenceHash = r, r.Root, r.EvidenceHash
	return fmt.Sprintf("root %s… for %d payees", r.Root[:10], r.Payees), nil
}

func (d *demo) finalise(ctx context.Context) (string, error) {
	f := d.flags("dev0")
	d.say("settle finalise --key-file %s --ledger %s --epoch 1 --dev", f.File, f.Ledger)
	client, _, err := f.open(ctx, true)
	if err != nil {
		return "", err
	}
	defer client.Close()
	_, err = finalise(ctx, client, 1)
	return "nobody challenged it in its window of 24 hours, which the embedded chain lets pass", err
}

// claim gives every payee gas money and lets each claim with its own key.
func (d *demo) claim(ctx context.Context) (string, error) {
	dir := filepath.Join(d.path("epoch-1"), evidenceDir)
	epoch, err := settle.Load(dir)
	if err != nil {
		return "", err
	}
	if err := d.sendGas(ctx, payable(epoch)); err != nil {
		return "", err
	}
	d.made.paid = map[string]*big.Int{}
	show := d.env.progress("claim", "payees")
	for i, p := range epoch.Payees {
		d.made.paid[p.ID] = new(big.Int)
		if p.Cumulative.IsZero() {
			continue
		}
		results, err := runClaim(ctx, d.env, claimOptions{chainFlags: d.flags(p.ID), Evidence: dir})
		if err != nil {
			return "", err
		}
		d.made.paid[p.ID].SetString(results[0].Amount, 10)
		show(int64(i+1), int64(len(epoch.Payees)))
	}
	d.say("settle claim --key-file %s --ledger %s --evidence %s --dev    # and so on for each", d.path("keys", epoch.Payees[0].ID+".key"), d.path("ledger.json"), dir)
	return fmt.Sprintf("%d payees claimed with their own keys", len(payable(epoch))), nil
}

func (d *demo) sendGas(ctx context.Context, accounts []common.Address) error {
	client, _, err := d.flags("dev0").open(ctx, true)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, a := range accounts {
		call := chain.Call{Operation: "gas", Words: "send gas money to " + a.Hex(), To: &a, Value: big.NewInt(1e16)}
		if _, err := client.Send(ctx, call, nil); err != nil {
			return err
		}
	}
	return nil
}

// verify checks the posted root in a process that knows the evidence folder and what is on chain, and nothing else.
func (d *demo) verify(ctx context.Context) (string, error) {
	client, _, err := d.flags("dev0").open(ctx, false)
	if err != nil {
		return "", err
	}
	defer client.Close()
	posted, err := client.PostedEpoch(ctx, 1)
	if err != nil {
		return "", err
	}
	args := []string{"verify", filepath.Join(d.path("epoch-1"), evidenceDir), "--evidence-hash", posted.Evidence.Hex(), "--root", posted.Root.Hex()}
	d.say("%s", strings.Join(args, " "))
	d.result.Verified, err = d.env.verifyApart(ctx, args)
	d.fillContributors()
	return "recomputed in a process of its own from the evidence and the posted hash", err
}

// verifyApart runs attrib verify as a process of its own where this process is the program, and here in tests.
func (e *env) verifyApart(ctx context.Context, args []string) (bool, error) {
	args = append(args, "--json", "--quiet")
	var out strings.Builder
	if e.self == "" {
		code := Run(ctx, args, &out, e.err, e.registry)
		if code != exitOK {
			return false, fmt.Errorf("attrib verify ended with exit code %d", code)
		}
	} else {
		cmd := exec.CommandContext(ctx, e.self, args...)
		cmd.Stdout, cmd.Stderr = &out, e.err
		cmd.Env = os.Environ()
		if err := cmd.Run(); err != nil {
			return false, fmt.Errorf("attrib verify: %w", err)
		}
	}
	var r VerifyResult
	if err := strictjson.Unmarshal([]byte(out.String()), &r); err != nil {
		return false, err
	}
	return r.Verified, nil
}

// fillContributors joins weights, amounts and claims into the demo's table.
func (d *demo) fillContributors() {
	w, exact := d.made.value.Weights, map[string]*float64{}
	for _, s := range d.made.value.Shares.Contributors {
		exact[s.ID] = s.ExactShare
	}
	data := 0.0
	for i := range w.ID {
		if w.Role[i] == policy.Data {
			data += float64(w.Weight[i]) / policy.Total
		}
	}
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

// plan is what the scenario says a contributor does.
func (d *demo) plan(id string) string {
	i, _ := d.made.corpus.Lookup(id)
	plan, _ := d.made.corpus.Contributors[i].Meta["plan"].(string)
	return plan
}

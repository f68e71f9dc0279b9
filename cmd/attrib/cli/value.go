package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/policy"
	"attrib/settle"
	"attrib/shapley"
)

// evidenceDir is the bundle in the folders of value and settle post.
const evidenceDir = "evidence"

type valueOptions struct {
	stage
	Scores       string
	Corpus       string
	Policy       string
	Game         string
	Function     string
	Estimator    string
	Permutations int64
	Epsilon      float64
	Bootstrap    int
	MethodError  string
	Seed         string
	SeedFile     string
	Prepare      bool
}

// ValueResult is what attrib value prints.
type ValueResult struct {
	Schema    string          `json:"schema"`
	Out       string          `json:"out"`
	InputHash string          `json:"inputHash"`
	Seed      *settle.Seed    `json:"seed"`
	Shares    *policy.Shares  `json:"shares"`
	Weights   *policy.Weights `json:"weights"`
}

func newValue(e *env) *cobra.Command {
	var o valueOptions
	cmd := &cobra.Command{
		Use:   "value",
		Short: "Shares per contributor with three errors kept apart, and payout weights",
		Long: `Values a game on the quantised scores, splits the pool by role, and writes the evidence that a verifier recomputes
everything from: inputs, shares.json and weights.json. The seed of a Monte-Carlo estimate comes, in this order, from
--seed, from a commit on chain (attrib settle commit), or from the hash of the inputs. With --prepare only the inputs
are written and their hash is printed, so that it can be committed before the seed exists.`,
		Example: "  attrib value --scores out/scores --corpus corpus --out out/value --estimator permutations",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			result, err := runValue(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			return e.print(result, result.text)
		},
	}
	f := cmd.Flags()
	o.outFlags.register(f)
	f.StringVar(&o.Scores, "scores", "", "folder that attrib score wrote")
	f.StringVar(&o.Corpus, "corpus", "", "corpus folder: contributors, what outputs earned, approvals")
	f.StringVar(&o.Policy, "policy", "", "policy.json; default: the one in the corpus folder, or 70/10/10/10 by role")
	f.StringVar(&o.Game, "game", "", "additive, coverage or saturating; default: the policy's")
	f.StringVar(&o.Function, "function", "", "of the saturating game: log1p or sqrt; default: the policy's")
	f.StringVar(&o.Estimator, "estimator", "auto", "auto, exact or permutations")
	f.Int64Var(&o.Permutations, "permutations", shapley.DefaultPermutations, "budget of the Monte-Carlo estimator")
	f.Float64Var(&o.Epsilon, "epsilon", 0, "stop when the expected misallocation is at most this; 0: use the budget")
	f.IntVar(&o.Bootstrap, "bootstrap", 1000, "bootstrap replicates over outputs, for the sampling error")
	f.StringVar(&o.MethodError, "method-error", "", "measured error of the method (attrib.method-error/1); default: not measured")
	f.StringVar(&o.Seed, "seed", "", "64 hex digits or a number; default: from the commit, or from the inputs")
	f.StringVar(&o.SeedFile, "seed-file", "", "seed.json of another run of the same inputs")
	f.BoolVar(&o.Prepare, "prepare", false, "write the inputs only and print their hash")
	require(cmd, "scores", "corpus", "out")
	return cmd
}

func runValue(ctx context.Context, e *env, o valueOptions) (*ValueResult, error) {
	if o.Seed != "" {
		if _, err := parseSeed(o.Seed); err != nil {
			return nil, err
		}
	}
	in, files, err := o.inputs()
	if err != nil {
		return nil, err
	}
	device, err := e.openWalker() // before anything is written
	if err != nil {
		return nil, err
	}
	defer device.Close()
	f, err := o.begin(files)
	if err != nil {
		return nil, err
	}
	result, err := o.prepare(f, in)
	if err == nil && o.Prepare {
		f.Abort() // to be gone on with
		return result, nil
	}
	if err == nil {
		err = o.compute(ctx, e, device, f, in, result)
	}
	if err := end(f, err); err != nil {
		return nil, err
	}
	return result, nil
}

// prepare writes the inputs of the evidence and hashes them.
func (o valueOptions) prepare(f *runfile.Folder, in policy.Inputs) (*ValueResult, error) {
	dir := f.Path(evidenceDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := policy.WriteInputs(dir, in); err != nil {
		return nil, err
	}
	hash, err := settle.InputHash(dir)
	f.Stage("prepare")
	return &ValueResult{Schema: "attrib.value-result/1", Out: o.Out, InputHash: hash.Hex()}, err
}

func (o valueOptions) compute(ctx context.Context, e *env, device *walker, f *runfile.Folder, in policy.Inputs, result *ValueResult) error {
	dir := f.Path(evidenceDir)
	seed, err := o.seed(dir, common.HexToHash(result.InputHash))
	if err != nil {
		return err
	}
	f.Record.Seeds = map[string]string{"value": seed.Value, "source": seed.Source}
	if seed.Source == settle.SeedGiven && in.Recipe.Estimator != "exact" {
		e.log.Debug("the seed was not drawn from a commit", "seed", seed.Value)
	}
	out, err := policy.ComputeOn(ctx, in, seed.Bytes(), device.machine(e))
	if err != nil {
		return device.explain(e, err)
	}
	device.record(e, f, out.Shares.Estimator)
	f.Stage("value")
	if err := strictjson.WriteFile(filepath.Join(dir, settle.FileSeed), seed); err != nil {
		return err
	}
	if err := policy.WriteResult(dir, out); err != nil {
		return err
	}
	for _, w := range out.Weights.Warnings {
		f.Warn(errors.New(w))
	}
	result.Seed, result.Shares, result.Weights = &seed, out.Shares, out.Weights
	return nil
}

// seed is the given one, the committed one, or one that follows from the inputs.
func (o valueOptions) seed(dir string, inputHash common.Hash) (settle.Seed, error) {
	if o.Seed != "" {
		value, err := parseSeed(o.Seed)
		return settle.GivenSeed(inputHash, value), err
	}
	var s settle.Seed
	path := filepath.Join(dir, settle.FileSeed)
	if o.SeedFile != "" {
		path = o.SeedFile
	}
	err := strictjson.ReadFile(path, &s)
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.SeedFile == "":
		return settle.GivenSeed(inputHash, crypto.Keccak256Hash([]byte("attrib seed from inputs"), inputHash[:])), nil
	case err != nil:
		return s, err
	case s.InputHash != inputHash.Hex():
		return s, fmt.Errorf("%s: field inputHash: the commit was made for inputs %s, these are %s", path, s.InputHash, inputHash)
	}
	return s, nil
}

// parseSeed reads 32 bytes in hexadecimal, or a whole number.
func parseSeed(s string) (common.Hash, error) {
	digits := strings.TrimPrefix(s, "0x")
	if b, err := hex.DecodeString(digits); err == nil && len(b) == 32 {
		return common.BytesToHash(b), nil
	}
	n, err := shapley.ParseWhole(s)
	if err != nil || n.BitLen() > 256 {
		return common.Hash{}, usage(fmt.Errorf("--seed %q is neither 64 hexadecimal digits nor a number below 2^256", s))
	}
	return common.BigToHash(n), nil
}

// inputs gathers everything that shares follow from, and the files it came from.
func (o valueOptions) inputs() (in policy.Inputs, files []string, err error) {
	if err := runfile.Check(o.Scores); err != nil {
		return in, nil, fmt.Errorf("--scores: %w", err)
	}
	if in.Scores, err = shapley.ReadScores(o.Scores); err != nil {
		return in, nil, err
	}
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return in, nil, err
	}
	if got := in.Scores.Meta.Hashes["corpus"]; got != "" && got != c.Hash() {
		return in, nil, fmt.Errorf("%s: the scores were made from another corpus (hash %s, %s has %s)", o.Scores, got, o.Corpus, c.Hash())
	}
	if got := in.Scores.Meta.Hashes["outputs"]; got != "" && got != c.QueriesHash() {
		return in, nil, fmt.Errorf("%s: the outputs in %s are not those that were scored (hash %s, now %s): score them again", o.Scores, o.Corpus, got, c.QueriesHash())
	}
	files = append(corpusFiles(c), filepath.Join(o.Scores, "scores.json"), filepath.Join(o.Scores, "scores.int.safetensors"))
	if in.Policy, err = o.policy(&files); err != nil {
		return in, nil, err
	}
	if in.Recipe, err = o.recipe(&files); err != nil {
		return in, nil, err
	}
	in.Contributors, in.Outputs, in.Clusters = payees(c), outputs(c), policy.NoClusters()
	return in, files, nil
}

func (o valueOptions) policy(files *[]string) (*policy.Policy, error) {
	path := o.Policy
	if path == "" {
		path = filepath.Join(o.Corpus, policy.PolicyFile)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			path = ""
		}
	}
	p := policy.Default()
	if path != "" {
		var err error
		if p, err = policy.Read[policy.Policy](path); err != nil {
			return nil, err
		}
		*files = append(*files, path)
	}
	if o.Game != "" {
		p.Game = policy.GameSpec{Name: o.Game}
	}
	if o.Function != "" {
		p.Game.Function = o.Function
	}
	if err := p.Validate(); err != nil {
		return nil, usage(err)
	}
	return p, nil
}

func (o valueOptions) recipe(files *[]string) (*policy.Recipe, error) {
	r := policy.DefaultRecipe()
	r.Estimator, r.Permutations, r.Epsilon, r.Bootstrap = o.Estimator, o.Permutations, o.Epsilon, o.Bootstrap
	if o.MethodError != "" {
		m, err := policy.Read[policy.MethodError](o.MethodError)
		if err != nil {
			return nil, err
		}
		r.MethodError = m
		*files = append(*files, o.MethodError)
	}
	if err := r.Validate(); err != nil {
		return nil, usage(err)
	}
	return r, nil
}

// payees lists everybody who may be paid, in the corpus's order.
func payees(c *corpus.Corpus) *policy.Contributors {
	counts := c.TrainCounts()
	out := &policy.Contributors{Schema: policy.ContributorsSchema}
	for i, p := range c.Contributors {
		line := policy.Contributor{ID: p.ID, Address: p.Address, Role: policy.Role(p.Role)}
		if p.Role == corpus.RoleData {
			line.Unit, line.Samples = p.Unit, counts[i]
		}
		out.Contributors = append(out.Contributors, line)
	}
	return out
}

// outputs lists what every output earned, and who prompted and approved it.
func outputs(c *corpus.Corpus) *policy.Outputs {
	reviewers := map[string][]string{}
	for _, a := range c.Approvals {
		if a.Verdict == corpus.Approved {
			reviewers[a.Query] = append(reviewers[a.Query], a.By)
		}
	}
	out := &policy.Outputs{Schema: policy.OutputsSchema}
	for _, q := range c.Queries {
		line := policy.Output{ID: q.ID, Earned: q.Weight.String(), PromptBy: q.PromptBy, ReviewedBy: reviewers[q.ID]}
		if q.ReviewedBy != "" && len(line.ReviewedBy) == 0 {
			line.ReviewedBy = []string{q.ReviewedBy}
		}
		out.Outputs = append(out.Outputs, line)
	}
	return out
}

func (r *ValueResult) text(w io.Writer) {
	fmt.Fprintf(w, "inputs %s\n", r.InputHash)
	if r.Shares == nil {
		fmt.Fprintf(w, "\nThe inputs are written and no seed is drawn yet. Next:\n  attrib settle commit --value %s --ledger LEDGER --rpc URL --key-file FILE\nor the same command without --prepare.\n", r.Out)
		return
	}
	fmt.Fprintf(w, "%s game, %s\n\n", r.Shares.Game.Name, r.Shares.Estimator.Form)
	rows := [][]string{{"CONTRIBUTOR", "SHARE OF DATA", "LOW", "HIGH", "EXACT"}}
	for _, s := range r.Shares.Contributors {
		exact := "–"
		if s.ExactShare != nil {
			exact = percent(*s.ExactShare)
		}
		rows = append(rows, []string{s.ID, percent(s.Share), percent(s.ShareLow), percent(s.ShareHigh), exact})
	}
	table(w, rows)
	fmt.Fprintf(w, "\nexpected misallocation: estimator %s, sampling %s, method %s\n",
		percentOr(r.Shares.Errors.Estimator), percentOr(r.Shares.Errors.Sampling), percentOr(r.Shares.Errors.Method))
	for _, s := range r.Weights.Warnings {
		fmt.Fprintln(w, "warning:", s)
	}
}

func percent(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }

func percentOr(v *float64) string {
	if v == nil {
		return "not measured"
	}
	return fmt.Sprintf("%.3f %%", 100**v)
}

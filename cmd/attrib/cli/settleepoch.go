package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"attrib/internal/atomicfile"
	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/policy"
	"attrib/settle"
	"attrib/settle/chain"
)

type commitOptions struct {
	chainFlags
	Value string
	Epoch uint64
}

func newCommit(e *env) *cobra.Command {
	var o commitOptions
	cmd := &cobra.Command{
		Use:   "commit",
		Short: "Fix the inputs of an epoch on chain and draw the seed from the next block",
		Long: `Commits the hash of the inputs that attrib value --prepare wrote, waits for the next block, and writes the seed
(keccak256 of input hash and block hash) into the folder, where attrib value finds it. Nobody can choose the seed.`,
		Example: "  attrib settle commit --ledger ledger.json --key-file dev0.key --value out/value --dev",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			seed, err := runCommit(cmd.Context(), e, o)
			if err != nil || seed == nil {
				return err
			}
			return e.print(seed, func(w io.Writer) {
				if seed.Source == settle.SeedGiven {
					fmt.Fprintf(w, "inputs %s committed\nThey were valued before, with the seed %s that the commit does not vouch for.\n", seed.InputHash, seed.Value)
					return
				}
				fmt.Fprintf(w, "inputs %s committed in block %d\nseed   %s\n", seed.InputHash, seed.CommitBlock, seed.Value)
			})
		},
	}
	o.register(cmd, true)
	f := cmd.Flags()
	f.StringVar(&o.Value, "value", "", "folder that attrib value --prepare wrote")
	f.Uint64Var(&o.Epoch, "epoch", 0, "default: the one in turn")
	require(cmd, "value")
	return cmd
}

func runCommit(ctx context.Context, e *env, o commitOptions) (*settle.Seed, error) {
	dir := filepath.Join(o.Value, evidenceDir)
	hash, err := settle.InputHash(dir)
	if err != nil {
		return nil, fmt.Errorf("--value: %w", err)
	}
	client, _, err := o.open(ctx, !o.Calldata)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	epoch, err := epochInTurn(ctx, client, o.Epoch)
	if err != nil {
		return nil, err
	}
	if o.Calldata {
		return nil, e.printCalls([]chain.Call{chain.CommitCall(client.Ledger(), epoch, hash)}, client.ChainID())
	}
	return commitSeed(ctx, client, epoch, hash, dir)
}

// commitSeed commits the inputs and leaves the seed beside them, unless they were valued already with a seed that was
// given: that one stays with the shares that follow from it.
func commitSeed(ctx context.Context, client *chain.Client, epoch uint64, hash common.Hash, dir string) (*settle.Seed, error) {
	record, err := client.Commit(ctx, epoch, hash)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, settle.FileSeed)
	if _, err := os.Stat(filepath.Join(dir, settle.FileShares)); err == nil {
		var given settle.Seed
		return &given, strictjson.ReadFile(path, &given)
	}
	seed, err := client.Seed(ctx, record)
	if err != nil {
		return nil, err
	}
	return &seed, strictjson.WriteFile(path, seed)
}

func epochInTurn(ctx context.Context, c *chain.Client, wanted uint64) (uint64, error) {
	if wanted != 0 {
		return wanted, nil
	}
	s, err := c.Status(ctx)
	if err != nil {
		return 0, err
	}
	return s.Epoch, nil
}

type postOptions struct {
	stage
	chainFlags
	Value    string
	Pool     string
	Previous string
	Epoch    uint64
	DryRun   bool
	Accept   bool
}

// PostResult is what attrib settle post prints.
type PostResult struct {
	Schema       string      `json:"schema"`
	Out          string      `json:"out"`
	Epoch        uint64      `json:"epoch"`
	ChainID      uint64      `json:"chainId"`
	Contract     string      `json:"contract"`
	Pool         string      `json:"pool"`
	Root         string      `json:"root"`
	EvidenceHash string      `json:"evidenceHash"`
	Payees       int         `json:"payees"`
	Posted       *SendResult `json:"posted"`
}

func newPost(e *env) *cobra.Command {
	var o postOptions
	cmd := &cobra.Command{
		Use:   "post",
		Short: "Divide a pool by the weights, seal the evidence, and post the root",
		Long: `Divides --pool by the weights in --value (whole base units, largest remainder), builds the Merkle tree, completes the
evidence bundle in --out, and posts root and evidence hash. From the second epoch on, --previous names the evidence
of the epoch before, since claims are cumulative.`,
		Example: "  attrib settle post --ledger ledger.json --key-file dev0.key --value out/value --pool 1000000000000000000 --out out/epoch-1 --dev",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			result, err := runPost(cmd.Context(), e, o)
			if err != nil || result == nil {
				return err
			}
			return e.print(result, result.text)
		},
	}
	o.outFlags.register(cmd.Flags())
	o.chainFlags.register(cmd, true)
	f := cmd.Flags()
	f.StringVar(&o.Value, "value", "", "folder that attrib value wrote")
	f.StringVar(&o.Pool, "pool", "", "what the epoch pays, in base units")
	f.StringVar(&o.Previous, "previous", "", "evidence folder of the previous epoch")
	f.Uint64Var(&o.Epoch, "epoch", 0, "default: the one in turn")
	f.BoolVar(&o.Accept, "accept-warnings", false, "post in spite of warnings that block settlement")
	f.BoolVar(&o.DryRun, "dry-run", false, "make the bundle, do not post")
	require(cmd, "value", "pool", "out")
	return cmd
}

func runPost(ctx context.Context, e *env, o postOptions) (*PostResult, error) {
	posting, err := o.posting()
	if err != nil {
		return nil, err
	}
	if err := o.vouched(posting.Seed); err != nil {
		return nil, err
	}
	client, _, err := o.open(ctx, !o.Calldata && !o.DryRun)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := o.target(ctx, client, posting); err != nil {
		return nil, err
	}
	f, err := o.begin([]string{filepath.Join(o.Value, evidenceDir, settle.FileWeights)})
	if err != nil {
		return nil, err
	}
	result, err := o.post(ctx, e, f, client, posting)
	if err := end(f, err); err != nil {
		return nil, err
	}
	return result, nil
}

// post seals the bundle, checks it, and sends what is to be sent. Once the transaction may be on its way the bundle is
// kept, whatever happens.
func (o postOptions) post(ctx context.Context, e *env, f *runfile.Folder, client *chain.Client, posting *settle.Posting) (*PostResult, error) {
	epoch, err := seal(filepath.Join(o.Value, evidenceDir), f.Path(evidenceDir), *posting)
	if err != nil {
		return nil, err
	}
	f.Stage("seal")
	if err := selfCheck(ctx, e, f.Path(evidenceDir), epoch); err != nil {
		return nil, err
	}
	f.Stage("check")
	result := postResult(o.Out, epoch)
	switch {
	case o.Calldata:
		return nil, e.printCalls([]chain.Call{chain.PostCall(epoch)}, client.ChainID())
	case o.DryRun:
		return result, nil
	}
	sent, err := client.Post(ctx, epoch)
	var refused *chain.Revert
	if err != nil && !errors.As(err, &refused) {
		err = unfinished{err}
	}
	if err != nil {
		return nil, err
	}
	r := sendResult(client, sent)
	result.Posted = &r
	f.Stage("post")
	return result, nil
}

// vouched refuses a Monte-Carlo estimate whose seed somebody chose: he may have tried many.
func (o postOptions) vouched(seed settle.Seed) error {
	shares, err := policy.Read[policy.Shares](filepath.Join(o.Value, evidenceDir, policy.SharesFile))
	if err != nil {
		return fmt.Errorf("--value: %w", err)
	}
	if shares.Estimator.Exact || seed.Source == settle.SeedFromCommit || o.Accept {
		return nil
	}
	return blockingWarnings{fmt.Errorf("%s: the seed of the estimate was given and not drawn from a commit, so whoever gave it may have tried many: "+
		"run attrib value --prepare, attrib settle commit, attrib value; or post with --accept-warnings", o.Value)}
}

// selfCheck recomputes the bundle before anybody sees it: what does not verify is not posted.
func selfCheck(ctx context.Context, e *env, dir string, epoch *settle.Epoch) error {
	report, err := settle.Verify(ctx, dir, epoch.Evidence, settle.VerifyOptions{Compute: settle.PolicyCompute(e.workers)})
	if err != nil {
		return err
	}
	if err := report.Err(); err != nil {
		return mismatch{fmt.Errorf("%s is not posted: %w", dir, err)}
	}
	return nil
}

// posting reads what the bundle does not say: pool, seed, and what the epoch before left.
func (o postOptions) posting() (*settle.Posting, error) {
	pool, err := settle.ParseAmount(o.Pool)
	if err != nil {
		return nil, usage(fmt.Errorf("--pool: %w", err))
	}
	if pool.IsZero() {
		return nil, usage(errors.New("--pool is zero: there is nothing to pay"))
	}
	p := &settle.Posting{Pool: pool}
	path := filepath.Join(o.Value, evidenceDir, settle.FileSeed)
	if err := strictjson.ReadFile(path, &p.Seed); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: not found: finish attrib value first", path)
	} else if err != nil {
		return nil, err
	}
	if err := runfile.Check(o.Value); err != nil {
		return nil, fmt.Errorf("--value: %w", err)
	}
	if o.Previous != "" {
		p.Previous, err = settle.LoadPrevious(o.Previous)
	}
	return p, err
}

// target fills in what the ledger says.
func (o postOptions) target(ctx context.Context, client *chain.Client, p *settle.Posting) error {
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	p.Number, p.ChainID, p.Ledger, p.Token = o.Epoch, client.ChainID(), client.Ledger(), s.Token
	if p.Number == 0 {
		p.Number = s.Epoch
	}
	if p.Number > 1 && p.Previous == nil {
		return usage(fmt.Errorf("--previous is missing: epoch %d adds to what the epoch before made claimable", p.Number))
	}
	if p.Previous != nil && p.Number == s.LastFinalised+1 && p.Previous.Root != s.Root {
		return fmt.Errorf("--previous %s has root %s, but the ledger finalised epoch %d with root %s: name the evidence of that epoch", o.Previous, p.Previous.Root, s.LastFinalised, s.Root)
	}
	return nil
}

// seal copies the computed bundle and completes it with the epoch.
func seal(from, to string, p settle.Posting) (*settle.Epoch, error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil, fmt.Errorf("--value: %w", err)
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := atomicfile.WriteBytes(filepath.Join(to, entry.Name()), data); err != nil {
			return nil, err
		}
	}
	return settle.Prepare(to, p)
}

func postResult(out string, ep *settle.Epoch) *PostResult {
	return &PostResult{Schema: "attrib.post-result/1", Out: out, Epoch: ep.Number, ChainID: ep.ChainID, Contract: ep.Ledger.Hex(),
		Pool: ep.Pool.Dec(), Root: ep.Root.Hex(), EvidenceHash: ep.Evidence.Hex(), Payees: len(ep.Payees)}
}

func (r *PostResult) text(w io.Writer) {
	fmt.Fprintf(w, "epoch %d: %s base units to %d payees\nroot     %s\nevidence %s\n", r.Epoch, r.Pool, r.Payees, r.Root, r.EvidenceHash)
	if r.Posted != nil {
		r.Posted.text(w)
	}
	fmt.Fprintf(w, "anyone can check it:\n  attrib verify %s --evidence-hash %s --root %s\n", filepath.Join(r.Out, evidenceDir), r.EvidenceHash, r.Root)
}

func newChallenge(e *env) *cobra.Command {
	var c chainFlags
	var epoch uint64
	var evidence string
	cmd := &cobra.Command{
		Use:     "challenge",
		Short:   "Object to a pending root, with the ledger's bond",
		Example: "  attrib settle challenge --ledger ledger.json --key-file watcher.key --epoch 1 --evidence-hash 0x5c0f…",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			hash, err := hashFlag("evidence-hash", evidence)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return e.act(ctx, c, func(client *chain.Client) ([]chain.Call, error) {
				s, err := disputed(ctx, client, hash)
				if err != nil {
					return nil, err
				}
				return []chain.Call{chain.ChallengeCall(client.Ledger(), epoch, hash, s.Bond.ToBig())}, nil
			}, func(client *chain.Client) (*chain.Outcome, error) {
				if _, err := disputed(ctx, client, hash); err != nil {
					return nil, err
				}
				return client.Challenge(ctx, epoch, hash)
			})
		},
	}
	c.register(cmd, true)
	f := cmd.Flags()
	f.Uint64Var(&epoch, "epoch", 0, "the pending epoch")
	f.StringVar(&evidence, "evidence-hash", "", "hash of one's own bundle: what the root should have been made from")
	require(cmd, "epoch", "evidence-hash")
	return cmd
}

// disputed refuses to risk a bond on the very evidence that was posted.
func disputed(ctx context.Context, client *chain.Client, hash common.Hash) (*chain.Status, error) {
	s, err := client.Status(ctx)
	if err == nil && s.PendingEvidence == hash {
		err = fmt.Errorf("--evidence-hash %s is the one that was posted: there is nothing to object to", hash)
	}
	return s, err
}

func newResolve(e *env) *cobra.Command {
	var upheld, rejected bool
	cmd := newEpochCommand(e, "resolve", "Decide a challenge (the arbiter's)",
		"  attrib settle resolve --ledger ledger.json --key-file arbiter.key --epoch 1 --rejected",
		func(c *chain.Client, epoch uint64) chain.Call { return chain.ResolveCall(c.Ledger(), epoch, upheld) },
		func(ctx context.Context, c *chain.Client, epoch uint64) (*chain.Outcome, error) {
			return c.Resolve(ctx, epoch, upheld)
		})
	cmd.Flags().BoolVar(&upheld, "upheld", false, "the challenge is right: the root is dropped")
	cmd.Flags().BoolVar(&rejected, "rejected", false, "the challenge is wrong: the window goes on")
	cmd.MarkFlagsOneRequired("upheld", "rejected")
	cmd.MarkFlagsMutuallyExclusive("upheld", "rejected")
	return cmd
}

func newExpire(e *env) *cobra.Command {
	return newEpochCommand(e, "expire", "Drop a root whose challenge nobody resolved in time",
		"  attrib settle expire --ledger ledger.json --key-file any.key --epoch 1",
		func(c *chain.Client, epoch uint64) chain.Call { return chain.ExpireCall(c.Ledger(), epoch) },
		func(ctx context.Context, c *chain.Client, epoch uint64) (*chain.Outcome, error) {
			return c.Expire(ctx, epoch)
		})
}

func newFinalise(e *env) *cobra.Command {
	return newEpochCommand(e, "finalise", "Make a root claimable after its window (anyone)",
		"  attrib settle finalise --ledger ledger.json --key-file any.key --epoch 1 --dev",
		func(c *chain.Client, epoch uint64) chain.Call { return chain.FinaliseCall(c.Ledger(), epoch) }, finalise)
}

// finalise waits for the window on a development chain; elsewhere it says until when the window is open.
func finalise(ctx context.Context, c *chain.Client, epoch uint64) (*chain.Outcome, error) {
	s, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	if s.LastFinalised < epoch {
		if err := c.PassWindow(ctx); err != nil {
			return nil, err
		}
	}
	return c.Finalise(ctx, epoch)
}

func newEpochCommand(e *env, use, short, example string, call func(*chain.Client, uint64) chain.Call,
	send func(context.Context, *chain.Client, uint64) (*chain.Outcome, error)) *cobra.Command {
	var c chainFlags
	var epoch uint64
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		return e.act(ctx, c, one(func(client *chain.Client) chain.Call { return call(client, epoch) }),
			func(client *chain.Client) (*chain.Outcome, error) { return send(ctx, client, epoch) })
	}}
	c.register(cmd, true)
	cmd.Flags().Uint64Var(&epoch, "epoch", 0, "the epoch")
	require(cmd, "epoch")
	return cmd
}

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
	previous     common.Hash
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
	if posting.Previous != nil {
		result.previous = posting.Previous.Evidence
	}
	switch {
	case o.Calldata:
		return nil, e.printCalls([]chain.Call{chain.PostCall(epoch)}, client.ChainID())
	case o.DryRun:
		return result, nil
	}
	if err := postable(ctx, client, epoch); err != nil {
		return nil, err
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

// postable refuses, before anything is sent, an epoch that the ledger has with another root.
func postable(ctx context.Context, client *chain.Client, epoch *settle.Epoch) error {
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	pending := s.Epoch == epoch.Number && (s.State == chain.Posted || s.State == chain.Challenged)
	if pending && s.PendingRoot != epoch.Root {
		return fmt.Errorf("epoch %d is posted already, with root %s; this bundle has %s", epoch.Number, s.PendingRoot, epoch.Root)
	}
	if s.LastFinalised > epoch.Number || s.LastFinalised == epoch.Number && s.Root != epoch.Root {
		return fmt.Errorf("epoch %d is over: the ledger finalised epoch %d with root %s; this bundle has %s", epoch.Number, s.LastFinalised, s.Root, epoch.Root)
	}
	return nil
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
	previous := ""
	if r.previous != (common.Hash{}) {
		previous = " --previous-evidence-hash " + r.previous.Hex()
	}
	fmt.Fprintf(w, "anyone can check it:\n  attrib verify %s --evidence-hash %s --root %s%s\n", filepath.Join(r.Out, evidenceDir), r.EvidenceHash, r.Root, previous)
}

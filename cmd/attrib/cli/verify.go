package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"attrib/settle"
)

type verifyOptions struct {
	chainFlags
	Number       uint64
	Dir          string
	EvidenceHash string
	Root         string
	Previous     string
	SeedBlock    string
}

// VerifyResult is what attrib verify prints.
type VerifyResult struct {
	Schema    string           `json:"schema"`
	Verified  bool             `json:"verified"`
	Evidence  string           `json:"evidence"`
	Root      string           `json:"root,omitempty"`
	Epoch     uint64           `json:"epoch,omitempty"`
	Pool      string           `json:"pool,omitempty"`
	Payees    int              `json:"payees,omitempty"`
	Findings  []settle.Finding `json:"findings"`
	Unchecked []string         `json:"unchecked,omitempty"`
}

func newVerify(e *env) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify EVIDENCE",
		Short: "Recompute a posted root from its evidence bundle and say where it differs",
		Long: `Authenticates the files of an evidence bundle against the posted hash and recomputes shares, weights, amounts and
the Merkle root from its inputs alone, bit for bit. Exit 4 when anything differs; the file and the field are named.
With --ledger the posted hash is read from the chain, and root, totals and the block of the seed are compared too.`,
		Example: "  attrib verify out/epoch-1/evidence --ledger ledger.json --rpc http://127.0.0.1:8545",
		Args:    oneArg("an evidence folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = args[0]
			result, err := runVerify(cmd.Context(), e, o)
			if result != nil {
				if err := e.print(result, result.text); err != nil {
					return err
				}
			}
			return err
		},
	}
	f := cmd.Flags()
	o.chainFlags.register(cmd, false)
	f.Lookup("ledger").DefValue, o.Ledger = "", ""
	f.Uint64Var(&o.Number, "epoch", 0, "with --ledger: default: the bundle's")
	f.StringVar(&o.EvidenceHash, "evidence-hash", "", "the evidence hash that was posted on chain")
	f.StringVar(&o.Root, "root", "", "the Merkle root that was posted; default: not compared")
	f.StringVar(&o.Previous, "previous-evidence-hash", "", "the evidence hash posted for the previous epoch; default: not compared")
	f.StringVar(&o.SeedBlock, "seed-block-hash", "", "hash of the block after the commit; default: not compared")
	cmd.MarkFlagsOneRequired("evidence-hash", "ledger")
	cmd.MarkFlagsMutuallyExclusive("evidence-hash", "ledger")
	cmd.MarkFlagsMutuallyExclusive("seed-block-hash", "ledger") // the ledger knows it
	return cmd
}

// onChain asks the ledger what was posted.
func (o verifyOptions) onChain(ctx context.Context, opts *settle.VerifyOptions) (common.Hash, error) {
	number := o.Number
	if number == 0 {
		epoch, err := settle.Load(o.Dir)
		if err != nil {
			return common.Hash{}, fmt.Errorf("%w (name the epoch with --epoch)", err)
		}
		number = epoch.Number
	}
	client, _, err := o.open(ctx, false)
	if err != nil {
		return common.Hash{}, err
	}
	defer client.Close()
	posted, err := client.PostedEpoch(ctx, number)
	if err != nil {
		return common.Hash{}, err
	}
	opts.Posted = &posted.Posted
	block, err := client.SeedBlock(ctx, posted.CommitBlock)
	if err != nil {
		return common.Hash{}, err
	}
	opts.SeedBlock = &block
	if number > 1 && opts.PreviousEvidence == nil {
		before, err := client.PostedEpoch(ctx, number-1)
		if err != nil {
			return common.Hash{}, err
		}
		opts.PreviousEvidence = &before.Evidence
	}
	return posted.Evidence, nil
}

func runVerify(ctx context.Context, e *env, o verifyOptions) (*VerifyResult, error) {
	opts := settle.VerifyOptions{Compute: settle.PolicyCompute(e.workers)}
	posted, root, err := o.hashes(&opts)
	if err != nil {
		return nil, err
	}
	if o.Ledger != "" {
		if posted, err = o.onChain(ctx, &opts); err != nil {
			return nil, err
		}
	}
	report, err := settle.Verify(ctx, o.Dir, posted, opts)
	if err != nil {
		return nil, err
	}
	result := verifyResult(report)
	if o.Root != "" && report.Epoch != nil && report.Epoch.Root != root {
		result.Findings = append(result.Findings, settle.Finding{File: settle.FileEpoch, Field: "/root", Detail: fmt.Sprintf("recomputed %s, posted %s", report.Epoch.Root, root)})
	}
	result.Verified = len(result.Findings) == 0
	if result.Verified {
		return result, nil
	}
	first := result.Findings[0]
	return result, mismatch{errors.New("verification failed: " + first.String())}
}

// hashes reads the flags that are hashes; what is not given stays nil, all mistakes are reported together.
func (o verifyOptions) hashes(opts *settle.VerifyOptions) (posted, root common.Hash, err error) {
	var bad []error
	read := func(name, value string) common.Hash {
		h, err := hashFlag(name, value)
		bad = append(bad, err)
		return h
	}
	posted, root = read("evidence-hash", o.EvidenceHash), read("root", o.Root)
	if previous := read("previous-evidence-hash", o.Previous); o.Previous != "" {
		opts.PreviousEvidence = &previous
	}
	if block := read("seed-block-hash", o.SeedBlock); o.SeedBlock != "" {
		opts.SeedBlock = &block
	}
	return posted, root, errors.Join(bad...)
}

func verifyResult(r *settle.Report) *VerifyResult {
	out := &VerifyResult{Schema: "attrib.verify-result/1", Evidence: r.Evidence.Hex(), Unchecked: r.Unchecked}
	out.Findings = append([]settle.Finding{}, r.Findings...)
	if r.Epoch != nil {
		out.Root, out.Epoch, out.Payees = r.Epoch.Root.Hex(), r.Epoch.Number, len(r.Epoch.Payees)
		out.Pool = r.Epoch.Pool.Dec()
	}
	return out
}

// hashFlag reads a hash; without a value it is zero. A zero that was given is refused: no one means it.
func hashFlag(name, value string) (common.Hash, error) {
	if value == "" {
		return common.Hash{}, nil
	}
	var h common.Hash
	if err := h.UnmarshalText([]byte(value)); err != nil {
		return h, usage(fmt.Errorf("--%s %q is not 0x and 64 hexadecimal digits", name, value))
	}
	if h == (common.Hash{}) {
		return h, usage(fmt.Errorf("--%s is zero: the zero hash is what an unset value reads as, and no posted one", name))
	}
	return h, nil
}

func (r *VerifyResult) text(w io.Writer) {
	if r.Verified {
		fmt.Fprintf(w, "verified: epoch %d, %d payees, pool %s\nroot     %s\nevidence %s\n", r.Epoch, r.Payees, r.Pool, r.Root, r.Evidence)
	}
	for _, f := range r.Findings {
		fmt.Fprintln(w, "differs:", f)
	}
	for _, u := range r.Unchecked {
		fmt.Fprintln(w, "not checked:", u)
	}
}

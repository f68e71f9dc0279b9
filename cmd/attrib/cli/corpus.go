package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/policy"
)

func newCorpus(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "corpus", Short: "Check a corpus folder, sign and verify claims", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newCorpusCheck(e), newCorpusSign(e), newCorpusNew(e))
	return cmd
}

func newCorpusCheck(e *env) *cobra.Command {
	var rules corpus.ClaimRules
	var at string
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Check samples, contributors, outputs and claims, and report what is there",
		Long: `Reads the whole corpus folder and checks ids, addresses, content hashes and claims. Every mistake is reported with
its file, line and field. Claims past their deadline are mistakes; --at sets the time they are held against.`,
		Example: "  attrib corpus check corpus --require-claims",
		Args:    oneArg("a corpus folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			var err error
			if rules.Now, err = claimTime(at); err != nil {
				return err
			}
			report, err := corpus.Check(args[0], rules)
			if err := errors.Join(err, checkPolicy(args[0])); err != nil {
				return err
			}
			return e.print(report, func(w io.Writer) { printCorpus(w, report) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&rules.Require, "require-claims", false, "a data contributor without a signed claim is a mistake")
	f.Uint64Var(&rules.ChainID, "chain-id", 0, "claims must be for this chain; 0: any")
	f.StringVar(&at, "at", "now", "time that deadlines are held against: now, or RFC 3339")
	return cmd
}

// checkPolicy reads the folder's policy.json where there is one.
func checkPolicy(dir string) error {
	path := filepath.Join(dir, policy.PolicyFile)
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	_, err := policy.Read[policy.Policy](path)
	return err
}

func claimTime(at string) (time.Time, error) {
	if at == "now" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return t, usage(fmt.Errorf("--at %q is neither \"now\" nor a time such as 2027-01-31T00:00:00Z", at))
	}
	return t, nil
}

func printCorpus(w io.Writer, r *corpus.Report) {
	fmt.Fprintf(w, "%d samples (%d for training, %s", r.Samples, r.Train, r.Kind)
	if r.Width > 0 {
		fmt.Fprintf(w, " of width %d", r.Width)
	}
	fmt.Fprintf(w, ", %d classes), %d outputs that earned %s\ncorpus %s\n\n", r.Classes, r.Queries, r.Earned, r.Hash)
	rows := [][]string{{"CONTRIBUTOR", "ROLE", "SAMPLES", "SHARED", "CLAIM", "ADDRESS"}}
	for _, c := range r.Contributors {
		rows = append(rows, []string{c.ID, string(c.Role), fmt.Sprint(c.Samples), fmt.Sprint(c.Shared), c.Claim, c.Address})
	}
	table(w, rows)
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
}

func newCorpusSign(e *env) *cobra.Command {
	var opts corpus.SignOptions
	var contributor, until string
	var key keyFlags
	cmd := &cobra.Command{
		Use:   "sign DIR",
		Short: "Sign a contributor's claim to its samples (EIP-712) and put it into the folder",
		Long: `Makes the claim that these samples, under this licence, pay this address; signs it with the key of the payout
address; and writes it into the contributor's line. Other lines keep their bytes.`,
		Example: "  attrib corpus sign corpus --contributor ada --key-file ada.key --chain-id 1 --deadline 2027-12-31T00:00:00Z",
		Args:    oneArg("a corpus folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			deadline, err := time.Parse(time.RFC3339, until)
			if err != nil {
				return usage(fmt.Errorf("--deadline %q is not a time such as 2027-12-31T00:00:00Z", until))
			}
			if deadline.Before(time.Now()) {
				return usage(fmt.Errorf("--deadline %s is over: the claim would be void", until))
			}
			opts.Deadline = uint64(deadline.Unix())
			private, err := key.load()
			if err != nil {
				return err
			}
			claim, err := corpus.Sign(args[0], contributor, claimSigner(private), opts)
			if err != nil {
				return err
			}
			return e.print(claim, func(w io.Writer) {
				fmt.Fprintf(w, "%s claims content %s for %s under %q until %s\n", claim.Contributor, claim.ContentRoot, claim.Payout, claim.Licence, until)
			})
		},
	}
	f := cmd.Flags()
	key.register(f)
	f.StringVar(&contributor, "contributor", "", "id of the contributor")
	f.StringVar(&until, "deadline", "", "time after which the claim is void (RFC 3339)")
	f.Uint64Var(&opts.ChainID, "chain-id", 0, "chain the payout is on")
	f.Uint64Var(&opts.Nonce, "nonce", 0, "default: one more than that of the claim it replaces")
	f.StringVar(&opts.Licence, "licence", "", "default: the one licence of the contributor's samples")
	require(cmd, "contributor", "deadline", "chain-id", "key-file")
	return cmd
}

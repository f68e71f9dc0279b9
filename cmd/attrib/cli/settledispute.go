package cli

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"attrib/settle/chain"
)

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

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/settle"
	"attrib/settle/chain"
)

// zeroToken stands for the chain's native currency.
const zeroToken = "native"

type deployOptions struct {
	chainFlags
	Token, Owner, Poster, Arbiter string
	Window, Resolution            time.Duration
	Expiry                        string
	Bond, Reward                  string
	Force                         bool
}

func newDeploy(e *env) *cobra.Command {
	var o deployOptions
	cmd := &cobra.Command{
		Use:   "deploy",
		Short: "Create a ledger contract and write where it is",
		Long: `Creates the ledger of settle/contracts for one token and writes --ledger. The arbiter must not be the poster.
Amounts are in base units (wei for the native currency).`,
		Example: "  attrib settle deploy --rpc http://127.0.0.1:8545 --key-file dev0.key --arbiter 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --ledger ledger.json --dev",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := runDeploy(cmd.Context(), e, o)
			if err != nil || d == nil {
				return err
			}
			return e.print(d, func(w io.Writer) {
				fmt.Fprintf(w, "ledger %s on chain %d, block %d\n%s\n", d.Contract, d.ChainID, d.Block, o.Ledger)
			})
		},
	}
	o.register(cmd, true)
	f := cmd.Flags()
	f.Uint64Var(&o.ChainID, "chain-id", 0, "expected chain id; 0: whatever the node serves")
	f.StringVar(&o.Token, "token", zeroToken, "ERC-20 address, or native")
	f.StringVar(&o.Owner, "owner", "", "default: the key's address")
	f.StringVar(&o.Poster, "poster", "", "default: the key's address")
	f.StringVar(&o.Arbiter, "arbiter", "", "resolves challenges; another account than the poster")
	f.DurationVar(&o.Window, "window", 72*time.Hour, "how long a posted root can be challenged")
	f.DurationVar(&o.Resolution, "resolution", 7*24*time.Hour, "how long the arbiter has to resolve a challenge")
	f.StringVar(&o.Expiry, "expiry", "2126-01-01T00:00:00Z", "time from which undistributed funds may be swept (RFC 3339)")
	f.StringVar(&o.Bond, "bond", "10000000000000000", "wei a challenger deposits")
	f.StringVar(&o.Reward, "reward", "10000000000000000", "wei a successful challenger gets from the poster's stake")
	f.BoolVar(&o.Force, "force", false, "overwrite a --ledger file that names another ledger")
	require(cmd, "arbiter")
	return cmd
}

func runDeploy(ctx context.Context, e *env, o deployOptions) (*chain.Deployment, error) {
	key, err := o.load()
	if err != nil {
		return nil, err
	}
	config, err := o.config(key.Address())
	if err != nil {
		return nil, err
	}
	client, err := o.dial(ctx, chain.Options{ChainID: o.ChainID}, true)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if o.Calldata {
		return nil, e.printCalls([]chain.Call{chain.DeployCall(config)}, client.ChainID())
	}
	if err := o.replaces(config, client.ChainID()); err != nil {
		return nil, err
	}
	d, err := client.Deploy(ctx, config)
	if err != nil {
		return nil, err
	}
	return d, d.Write(o.Ledger)
}

// replaces refuses to forget where another ledger is.
func (o deployOptions) replaces(c chain.Config, chainID uint64) error {
	old, err := chain.ReadDeployment(o.Ledger)
	if errors.Is(err, fs.ErrNotExist) || o.Force {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--ledger: %w", err)
	}
	same := old.ChainID == chainID && old.Token == c.Token.Hex() && old.Owner == c.Owner.Hex() && old.Poster == c.Poster.Hex() && old.Arbiter == c.Arbiter.Hex() &&
		old.Window == c.Window && old.ResolutionPeriod == c.ResolutionPeriod && old.Expiry == c.Expiry && old.Bond == c.Bond.String() && old.Reward == c.Reward.String()
	if same {
		return nil // what was begun is found in the journal
	}
	return fmt.Errorf("--ledger %s says where ledger %s on chain %d is, which was made with other terms: name another file, or --force to forget it", o.Ledger, old.Contract, old.ChainID)
}

func (o deployOptions) config(self common.Address) (c chain.Config, err error) {
	if o.Token != zeroToken {
		if c.Token, err = settle.ParseToken(o.Token); err != nil {
			return c, usage(fmt.Errorf("--token: %w", err))
		}
	}
	for name, part := range map[string]struct {
		text string
		to   *common.Address
	}{"owner": {o.Owner, &c.Owner}, "poster": {o.Poster, &c.Poster}, "arbiter": {o.Arbiter, &c.Arbiter}} {
		*part.to = self
		if part.text == "" {
			continue
		}
		if *part.to, err = settle.ParseAddress(part.text); err != nil {
			return c, usage(fmt.Errorf("--%s: %w", name, err))
		}
	}
	if o.Window < time.Second || o.Resolution < time.Second {
		return c, usage(fmt.Errorf("--window %s and --resolution %s must be at least a second", o.Window, o.Resolution))
	}
	expiry, err := time.Parse(time.RFC3339, o.Expiry)
	if err != nil {
		return c, usage(fmt.Errorf("--expiry %q is not a time such as 2126-01-01T00:00:00Z", o.Expiry))
	}
	c.Window, c.ResolutionPeriod, c.Expiry = uint64(o.Window.Seconds()), uint64(o.Resolution.Seconds()), uint64(expiry.Unix())
	bond, err := settle.ParseAmount(o.Bond)
	if err != nil {
		return c, usage(fmt.Errorf("--bond: %w", err))
	}
	reward, err := settle.ParseAmount(o.Reward)
	if err != nil {
		return c, usage(fmt.Errorf("--reward: %w", err))
	}
	c.Bond, c.Reward = bond.ToBig(), reward.ToBig()
	return c, nil
}

func newFund(e *env) *cobra.Command {
	return newAmountCommand(e, "fund", "Add to what the ledger can pay out",
		"  attrib settle fund --ledger ledger.json --key-file dev0.key --amount 1000000000000000000 --dev",
		func(ctx context.Context, c *chain.Client, d *chain.Deployment, a *uint256.Int) ([]chain.Call, error) {
			token, err := settle.ParseToken(d.Token)
			return chain.FundCalls(c.Ledger(), token, a), err
		},
		func(ctx context.Context, c *chain.Client, a *uint256.Int) (*chain.Outcome, error) {
			return c.Fund(ctx, a)
		})
}

func newStake(e *env) *cobra.Command {
	return newAmountCommand(e, "stake", "Add to the poster's stake, which pays a successful challenger",
		"  attrib settle stake --ledger ledger.json --key-file dev0.key --amount 10000000000000000 --dev",
		func(_ context.Context, c *chain.Client, _ *chain.Deployment, a *uint256.Int) ([]chain.Call, error) {
			return []chain.Call{chain.StakeCall(c.Ledger(), a)}, nil
		},
		func(ctx context.Context, c *chain.Client, a *uint256.Int) (*chain.Outcome, error) {
			return c.Stake(ctx, a)
		})
}

func newAmountCommand(e *env, use, short, example string,
	calls func(context.Context, *chain.Client, *chain.Deployment, *uint256.Int) ([]chain.Call, error),
	send func(context.Context, *chain.Client, *uint256.Int) (*chain.Outcome, error)) *cobra.Command {
	var c chainFlags
	var amount string
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		a, err := settle.ParseAmount(amount)
		if err != nil {
			return usage(fmt.Errorf("--amount: %w", err))
		}
		if a.IsZero() {
			return usage(fmt.Errorf("--amount is zero"))
		}
		ctx := cmd.Context()
		return e.act(ctx, c, func(client *chain.Client) ([]chain.Call, error) {
			d, err := chain.ReadDeployment(c.Ledger)
			if err != nil {
				return nil, err
			}
			return calls(ctx, client, d, a)
		}, func(client *chain.Client) (*chain.Outcome, error) { return send(ctx, client, a) })
	}}
	c.register(cmd, true)
	cmd.Flags().StringVar(&amount, "amount", "", "base units, a whole number")
	require(cmd, "amount")
	return cmd
}

func newAnchor(e *env) *cobra.Command {
	var c chainFlags
	var folder, contributor, root string
	cmd := &cobra.Command{
		Use:     "anchor",
		Short:   "Record on chain that a contributor's content was known now",
		Example: "  attrib settle anchor --ledger ledger.json --key-file ada.key --corpus corpus --contributor ada --dev",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			content, err := contentRoot(folder, contributor, root)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return e.act(ctx, c, one(func(client *chain.Client) chain.Call { return chain.AnchorCall(client.Ledger(), content) }),
				func(client *chain.Client) (*chain.Outcome, error) { return client.Anchor(ctx, content) })
		},
	}
	c.register(cmd, true)
	f := cmd.Flags()
	f.StringVar(&root, "root", "", "the content root; or give --corpus and --contributor")
	f.StringVar(&folder, "corpus", "", "corpus folder")
	f.StringVar(&contributor, "contributor", "", "whose samples")
	return cmd
}

func contentRoot(folder, contributor, root string) (common.Hash, error) {
	if root != "" {
		return hashFlag("root", root)
	}
	if folder == "" || contributor == "" {
		return common.Hash{}, usage(fmt.Errorf("give --root, or --corpus and --contributor"))
	}
	c, err := corpus.Open(folder)
	if err != nil {
		return common.Hash{}, err
	}
	i, ok := c.Lookup(contributor)
	if !ok {
		return common.Hash{}, fmt.Errorf("%s: there is no contributor %q", folder, contributor)
	}
	return c.ContentRoot(i), nil
}

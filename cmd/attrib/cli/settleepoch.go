package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"attrib/internal/strictjson"
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
	seed, err := client.Seed(ctx, record) // also waits for the block that a post needs
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, settle.FileSeed)
	if _, err := os.Stat(filepath.Join(dir, settle.FileShares)); err == nil {
		var given settle.Seed
		return &given, strictjson.ReadFile(path, &given)
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

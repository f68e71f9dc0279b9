package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"attrib/internal/atomicfile"
	"attrib/settle/embedded"
)

type chainOptions struct {
	Listen  string
	ChainID uint64
	Keys    string
}

func newChain(e *env) *cobra.Command {
	var o chainOptions
	cmd := &cobra.Command{
		Use:   "chain",
		Short: "Serve a throw-away chain on this machine while the command runs",
		Long: `Serves the embedded chain as JSON-RPC on a loopback address until it is interrupted. A block is made for every
transaction; evm_mine and evm_increaseTime work. The accounts and their keys are the well-known test ones of
development chains, written to --keys: never send value to them on a real network. The chain is gone afterwards.`,
		Example: "  attrib chain --listen 127.0.0.1:8545 --keys keys",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := runChain(cmd.Context(), e, o)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // an interrupt is how this command ends
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8545", "loopback address; port 0 takes a free one")
	f.Uint64Var(&o.ChainID, "chain-id", embedded.DefaultChainID, "chain id")
	f.StringVar(&o.Keys, "keys", "", "folder for the development accounts' key files; default: none are written")
	return cmd
}

func runChain(ctx context.Context, e *env, o chainOptions) error {
	c, err := embedded.New(embedded.Options{ChainID: o.ChainID})
	if err != nil {
		return err
	}
	defer c.Close()
	server, err := c.Serve(ctx, o.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "chain %d at %s\n", c.ChainID(), server.URL)
	for i, key := range embedded.Keys() {
		fmt.Fprintf(e.out, "dev%d %s\n", i, key.Address().Hex())
	}
	if o.Keys != "" {
		if err := writeKeys(o.Keys); err != nil {
			return err
		}
	}
	return server.Wait()
}

// writeKeys puts the public development keys into files that the settle commands read.
func writeKeys(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i, text := range embedded.KeyTexts() {
		if err := writeKey(filepath.Join(dir, fmt.Sprintf("dev%d.key", i)), text); err != nil {
			return err
		}
	}
	return nil
}

func writeKey(path, text string) error {
	if old, err := os.ReadFile(path); err == nil && string(old) != text+"\n" {
		return fmt.Errorf("%s holds another key and is left as it is: name another folder", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := atomicfile.WriteBytes(path, []byte(text+"\n")); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

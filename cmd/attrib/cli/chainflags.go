package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"attrib/corpus"
	"attrib/settle"
	"attrib/settle/chain"
)

// keyFlags say where a private key is. Keys are read from files only, so that none stands in a shell's history.
type keyFlags struct{ File, Keystore, Password string }

func (k *keyFlags) register(f *pflag.FlagSet) {
	f.StringVar(&k.File, "key-file", "", "file with a raw private key in hexadecimal, readable by its owner only")
	f.StringVar(&k.Keystore, "keystore", "", "encrypted keystore file (Web3 Secret Storage)")
	f.StringVar(&k.Password, "password-file", "", "file with the keystore's password")
}

func (k keyFlags) load() (*chain.Key, error) {
	switch {
	case k.File != "" && k.Keystore != "":
		return nil, usage(errors.New("give --key-file or --keystore, not both"))
	case k.File != "":
		return chain.LoadKey(k.File)
	case k.Keystore != "" && k.Password == "":
		return nil, usage(errors.New("--password-file is missing: it unlocks the --keystore"))
	case k.Keystore != "":
		return chain.LoadKeystore(k.Keystore, k.Password)
	}
	return nil, usage(errors.New("no key is given: use --key-file, or --keystore with --password-file"))
}

// claimSigner signs claims with the key.
func claimSigner(k *chain.Key) corpus.Signer {
	return func(c *corpus.Claim) ([]byte, error) { return k.SignDigest(c.Digest()) }
}

// chainFlags say which ledger on which node, and who signs.
type chainFlags struct {
	keyFlags
	RPC           string
	Ledger        string
	ChainID       uint64
	Confirmations uint64
	Journal       string
	Dev           bool
	Calldata      bool
}

func (c *chainFlags) register(cmd *cobra.Command, signs bool) {
	f := cmd.Flags()
	f.StringVar(&c.RPC, "rpc", defaultRPC(), "JSON-RPC address of a node; default: $ATTRIB_RPC, or that of attrib chain")
	f.StringVar(&c.Ledger, "ledger", "ledger.json", "file that settle deploy wrote")
	if !signs {
		return
	}
	c.keyFlags.register(f)
	f.Uint64Var(&c.Confirmations, "confirmations", 1, "blocks until a transaction counts as done")
	f.StringVar(&c.Journal, "journal", "", "folder of the transaction journal; default: \"transactions\" beside the ledger file")
	f.BoolVar(&c.Dev, "dev", false, "the chain mines on demand: mine blocks and pass time while waiting (attrib chain and anvil, loopback only)")
	f.BoolVar(&c.Calldata, "calldata", false, "print the unsigned transaction for a multisig or a wallet instead of sending")
}

func defaultRPC() string {
	if url := os.Getenv("ATTRIB_RPC"); url != "" {
		return url
	}
	return "http://127.0.0.1:8545"
}

// open connects to the ledger; with sign it reads the key too.
func (c chainFlags) open(ctx context.Context, sign bool) (*chain.Client, *chain.Deployment, error) {
	d, err := chain.ReadDeployment(c.Ledger)
	if err != nil {
		return nil, nil, fmt.Errorf("--ledger: %w", err)
	}
	at, err := settle.ParseAddress(d.Contract)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: contract: %w", c.Ledger, err)
	}
	client, err := c.dial(ctx, chain.Options{ChainID: d.ChainID, Ledger: at, FromBlock: d.Block}, sign)
	return client, d, err
}

func (c chainFlags) dial(ctx context.Context, o chain.Options, sign bool) (*chain.Client, error) {
	if sign {
		key, err := c.load()
		if err != nil {
			return nil, err
		}
		o.Key, o.Confirmations = key, c.Confirmations
		o.Journal = c.Journal
		if o.Journal == "" {
			o.Journal = filepath.Join(filepath.Dir(c.Ledger), "transactions", key.Address().Hex())
		}
		if err := os.MkdirAll(o.Journal, 0o755); err != nil {
			return nil, err
		}
	}
	if c.Dev {
		if err := loopback(c.RPC); err != nil {
			return nil, err
		}
		o.Development = true
	}
	return chain.Dial(ctx, c.RPC, o)
}

// loopback refuses to mine or to pass time anywhere but on this machine.
func loopback(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return usage(fmt.Errorf("--rpc: %w", err))
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage(fmt.Errorf("--dev is for chains on this machine, and %s is not", host))
	}
	return nil
}

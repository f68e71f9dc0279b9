package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
)

// Options of a Client. The zero value reads from whatever chain the node serves and sends nothing.
type Options struct {
	ChainID       uint64         // expected chain id; 0: whatever the node serves
	Ledger        common.Address // zero: none yet, only Deploy is possible
	FromBlock     uint64         // block of the ledger's deployment: events are looked for from here. Default 0
	Key           Signer         // nil: reading only
	Journal       string         // folder of the transaction journal; empty: kept in memory, a crash forgets
	Confirmations uint64         // blocks from a transaction's own on until it counts as done. Default 1
	MaxFeePerGas  *big.Int       // ceiling in wei of what a unit of gas may cost. Default 500 gwei
	Dev           DevChain       // set for a chain that mines on demand; see Development
	Development   bool           // Dial: the node is such a chain and knows evm_mine and evm_increaseTime
	Attempts      int            // how often an RPC call is tried when the node does not answer. Default 5
	Pause         time.Duration  // before the second attempt, doubling. Default 250 ms
	Timeout       time.Duration  // of one RPC call. Default 30 s
	Poll          time.Duration  // between looks for a receipt or block. Default 1 s
	BumpAfter     time.Duration  // unmined for so long: replaced at a higher fee. Default 1 min
	GiveUpAfter   time.Duration  // unmined for so long: an error, the journal goes on next time. Default 15 min
	Host          string         // name of the node in errors. Default from Dial's URL, else "the embedded chain"
}

// DevChain lets a waiting client make time pass on a development chain.
type DevChain interface {
	Mine(ctx context.Context) error
	IncreaseTime(ctx context.Context, by time.Duration) error
}

func (o Options) withDefaults() Options {
	set(&o.Confirmations, 1)
	set(&o.Attempts, 5)
	set(&o.Pause, 250*time.Millisecond)
	set(&o.Timeout, 30*time.Second)
	set(&o.Poll, time.Second)
	set(&o.BumpAfter, time.Minute)
	set(&o.GiveUpAfter, 15*time.Minute)
	set(&o.Host, "the embedded chain")
	if o.MaxFeePerGas == nil {
		o.MaxFeePerGas = big.NewInt(500e9)
	}
	return o
}

func set[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// Validate reports all violations at once.
func (o Options) Validate() error {
	var errs []error
	if o.Attempts < 0 {
		errs = append(errs, errors.New("option Attempts is negative"))
	}
	for _, d := range []time.Duration{o.Pause, o.Timeout, o.Poll, o.BumpAfter, o.GiveUpAfter} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("a duration is negative: %s", d))
		}
	}
	if o.MaxFeePerGas != nil && o.MaxFeePerGas.Sign() <= 0 {
		errs = append(errs, errors.New("option MaxFeePerGas is not positive"))
	}
	return errors.Join(errs...)
}

// Client reads and writes one ledger. It is safe for concurrent use; transactions go one after the other.
type Client struct {
	opts    Options
	backend Backend
	node    endpoint
	chainID uint64
	mu      sync.Mutex // one transaction at a time
	journal *journal
	close   func()
}

// WrongChain says that the node serves another chain than the one expected.
type WrongChain struct {
	Host      string
	Want, Got uint64
}

func (w *WrongChain) Error() string {
	return fmt.Sprintf("wrong chain: the node at %s serves chain id %d, expected is %d; nothing was sent", w.Host, w.Got, w.Want)
}

// Dial connects to a JSON-RPC node (http, https, ws, wss or an IPC path).
func Dial(ctx context.Context, rawURL string, o Options) (*Client, error) {
	host := hostOf(rawURL)
	if err := checkScheme(rawURL); err != nil {
		return nil, err
	}
	if o.Host == "" {
		o.Host = host
	}
	connection, err := rpc.DialContext(ctx, rawURL)
	if err != nil {
		return nil, &Unreachable{host, "a connection", 1, err}
	}
	if o.Development {
		o.Dev = NewDev(connection)
	}
	eth := ethclient.NewClient(connection)
	c, err := New(ctx, eth, o)
	if err != nil {
		eth.Close()
		return nil, err
	}
	c.close = eth.Close
	return c, nil
}

// checkScheme refuses addresses that no attempt can help.
func checkScheme(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return errors.New("the RPC address is not a URL: want http://host:port or the path of an IPC socket")
	}
	if !slices.Contains([]string{"", "http", "https", "ws", "wss"}, u.Scheme) {
		return fmt.Errorf("the RPC address has scheme %q: want http, https, ws, wss or the path of an IPC socket", u.Scheme)
	}
	return nil
}

// hostOf is the part of a URL that is safe to print: paths and user names hold access tokens.
func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return "the given address"
	}
	return u.Host
}

// New makes a client over a backend, checks the chain id and opens the journal.
func New(ctx context.Context, b Backend, o Options) (*Client, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	c := &Client{opts: o, backend: b, close: func() {}, node: endpoint{o.Host, o.Attempts, o.Pause, o.Timeout}}
	id, err := ask(ctx, c.node, "eth_chainId", b.ChainID)
	if err != nil {
		return nil, err
	}
	if !id.IsUint64() {
		return nil, fmt.Errorf("the node at %s serves chain id %s, which does not fit 64 bits", o.Host, id)
	}
	c.chainID = id.Uint64()
	if o.ChainID != 0 && o.ChainID != c.chainID {
		return nil, &WrongChain{o.Host, o.ChainID, c.chainID}
	}
	if err := c.checkLedger(ctx); err != nil {
		return nil, err
	}
	c.journal, err = openJournal(o.Journal)
	return c, err
}

// checkLedger asks for code: calls to an address without any succeed and do nothing.
func (c *Client) checkLedger(ctx context.Context) error {
	if c.opts.Ledger == (common.Address{}) {
		return nil
	}
	code, err := ask(ctx, c.node, "eth_getCode", func(ctx context.Context) ([]byte, error) {
		return c.backend.CodeAt(ctx, c.opts.Ledger, nil)
	})
	if err == nil && len(code) == 0 {
		err = fmt.Errorf("there is no contract at %s on chain %d", c.opts.Ledger.Hex(), c.chainID)
	}
	return err
}

// Close gives the journal and the connection back.
func (c *Client) Close() error {
	c.close()
	return c.journal.close()
}

// ChainID is the chain the node serves.
func (c *Client) ChainID() uint64 { return c.chainID }

// Ledger is the contract's address.
func (c *Client) Ledger() common.Address { return c.opts.Ledger }

// Account is the address that signs; zero for a client that only reads.
func (c *Client) Account() common.Address {
	if c.opts.Key == nil {
		return common.Address{}
	}
	return c.opts.Key.Address()
}

// As is a client for the same ledger that signs with another key. It keeps its journal in the folder given, and must
// be closed by itself.
func (c *Client) As(key Signer, journal string) (*Client, error) {
	o := c.opts
	o.Key, o.Journal = key, journal
	d := &Client{opts: o, backend: c.backend, node: c.node, chainID: c.chainID, close: func() {}}
	var err error
	d.journal, err = openJournal(journal)
	return d, err
}

package embedded

import (
	"context"
	"errors"
	"math/big"
	"reflect"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/params"

	"attrib/settle/chain"
)

// DefaultChainID is the id that development chains have by custom.
const DefaultChainID = 1337

// Options of a chain. The zero value works.
type Options struct {
	ChainID uint64   // Default DefaultChainID
	Balance *big.Int // wei of every development account. Default 10,000 ether
}

// Chain is a running chain. It is safe for concurrent use.
type Chain struct {
	mu      sync.Mutex // the backend makes one block at a time
	backend *simulated.Backend
	client  *ethclient.Client
	chainID uint64
}

// New starts a chain. Close it when done.
func New(o Options) (*Chain, error) {
	if o.ChainID == 0 {
		o.ChainID = DefaultChainID
	}
	if o.Balance == nil {
		o.Balance = new(big.Int).Mul(big.NewInt(10_000), big.NewInt(params.Ether))
	}
	alloc := types.GenesisAlloc{}
	for _, k := range Keys() {
		alloc[k.Address()] = types.Account{Balance: o.Balance}
	}
	b := simulated.NewBackend(alloc, configure(o.ChainID))
	client, err := clientOf(b)
	if err != nil {
		b.Close()
		return nil, err
	}
	c := &Chain{backend: b, client: client, chainID: o.ChainID}
	c.backend.Commit() // some calls want a block besides the first
	return c, nil
}

// clientOf takes the ethclient, and with it the connection into the node, out of the backend's client, whose interface
// hides it. A test stands by for the day this changes.
func clientOf(b *simulated.Backend) (*ethclient.Client, error) {
	field := reflect.Indirect(reflect.ValueOf(b.Client())).FieldByName("Client")
	if field.IsValid() && field.CanInterface() {
		if client, ok := field.Interface().(*ethclient.Client); ok {
			return client, nil
		}
	}
	return nil, errors.New("the simulated backend of this version of go-ethereum does not give its client")
}

// configure sets the chain id, which the backend fixes at 1337, and the forks up to Osaka: the backend's default
// goes on to forks that no public chain has.
func configure(chainID uint64) func(*node.Config, *ethconfig.Config) {
	return func(_ *node.Config, e *ethconfig.Config) {
		config := *params.AllDevChainProtocolChanges
		config.ChainID = new(big.Int).SetUint64(chainID)
		config.BogotaTime = nil
		e.Genesis.Config = &config
		e.NetworkId = chainID
	}
}

// Close stops the chain; what was on it is gone.
func (c *Chain) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backend.Close()
}

// ChainID is the chain's id.
func (c *Chain) ChainID() uint64 { return c.chainID }

// Mine makes a block.
func (c *Chain) Mine(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backend.Commit()
	return nil
}

// IncreaseTime makes a block that is later than the last one by this much.
func (c *Chain) IncreaseTime(_ context.Context, by time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backend.AdjustTime(by)
}

// Backend is the chain as a client sees it: every transaction that is sent is in a block when the call returns.
func (c *Chain) Backend() chain.Backend { return &mining{c.client, c} }

// Client makes a client for a ledger on this chain.
func (c *Chain) Client(ctx context.Context, o chain.Options) (*chain.Client, error) {
	o.Dev = c
	if o.Poll == 0 {
		o.Poll = 10 * time.Millisecond
	}
	return chain.New(ctx, c.Backend(), o)
}

// ethClient has another name than the method Client, so that embedding it keeps the method.
type ethClient = *ethclient.Client

// mining makes a block for every transaction.
type mining struct {
	ethClient
	chain *Chain
}

func (m *mining) SendTransaction(ctx context.Context, tx *types.Transaction) error {
	m.chain.mu.Lock()
	defer m.chain.mu.Unlock()
	if err := m.ethClient.SendTransaction(ctx, tx); err != nil {
		return err
	}
	m.chain.backend.Commit()
	return nil
}

// Account is a development account's address.
func Account(i int) common.Address { return Keys()[i].Address() }

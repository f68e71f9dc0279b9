package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
)

func (c *Client) blockNumber(ctx context.Context) (uint64, error) {
	return ask(ctx, c.node, "eth_blockNumber", c.backend.BlockNumber)
}

func (c *Client) head(ctx context.Context) (*types.Header, error) {
	return ask(ctx, c.node, "eth_getBlockByNumber", func(ctx context.Context) (*types.Header, error) { return c.backend.HeaderByNumber(ctx, nil) })
}

// errNoLedger says that an operation needs a ledger.
var errNoLedger = errors.New("no ledger address was given")

// view reads one value of the ledger at the latest block.
func view[T any](ctx context.Context, c *Client, name string, data []byte, unpack func([]byte) (T, error)) (T, error) {
	var zero T
	if c.opts.Ledger == (common.Address{}) {
		return zero, errNoLedger
	}
	raw, err := ask(ctx, c.node, "eth_call", func(ctx context.Context) ([]byte, error) {
		return c.backend.CallContract(ctx, ethereum.CallMsg{To: &c.opts.Ledger, Data: data}, nil)
	})
	if err != nil {
		return zero, fmt.Errorf("reading %s: %w", name, explain(err))
	}
	v, err := unpack(raw)
	if err != nil {
		return zero, fmt.Errorf("reading %s: the contract at %s is no ledger of this version: %w", name, c.opts.Ledger.Hex(), err)
	}
	return v, nil
}

// blockHash asks the node for a block's hash. It is not computed from the header: chains add fields to headers.
func (c *Client) blockHash(ctx context.Context, number uint64) (common.Hash, error) {
	type hasRPC interface{ Client() *rpc.Client }
	b, ok := c.backend.(hasRPC)
	if !ok {
		h, err := ask(ctx, c.node, "eth_getBlockByNumber", func(ctx context.Context) (*types.Header, error) {
			return c.backend.HeaderByNumber(ctx, new(big.Int).SetUint64(number))
		})
		if err != nil {
			return common.Hash{}, err
		}
		return h.Hash(), nil
	}
	var block *struct{ Hash common.Hash }
	_, err := ask(ctx, c.node, "eth_getBlockByNumber", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, b.Client().CallContext(ctx, &block, "eth_getBlockByNumber", fmt.Sprintf("0x%x", number), false)
	})
	if err == nil && block == nil {
		err = fmt.Errorf("block %d is not there", number)
	}
	if err != nil {
		return common.Hash{}, err
	}
	return block.Hash, nil
}

// logRange is how many blocks are asked for at a time; many nodes refuse more.
const logRange = 10_000

// logs lists the ledger's events with these topics, oldest first.
func (c *Client) logs(ctx context.Context, topics ...[]common.Hash) ([]types.Log, error) {
	head, err := c.blockNumber(ctx)
	if err != nil {
		return nil, err
	}
	var out []types.Log
	for from := c.opts.FromBlock; from <= head; from += logRange {
		q := ethereum.FilterQuery{FromBlock: new(big.Int).SetUint64(from), ToBlock: new(big.Int).SetUint64(min(head, from+logRange-1)),
			Addresses: []common.Address{c.opts.Ledger}, Topics: topics}
		part, err := ask(ctx, c.node, "eth_getLogs", func(ctx context.Context) ([]types.Log, error) { return c.backend.FilterLogs(ctx, q) })
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// event finds the ledger's event of one kind in a receipt.
func event[E any](c *Client, receipt *types.Receipt, name string, unpack func(*types.Log) (*E, error)) (*E, error) {
	for _, log := range receipt.Logs {
		if log.Address == c.opts.Ledger && len(log.Topics) > 0 && log.Topics[0] == abiLedger.GetABI().Events[name].ID {
			return unpack(log)
		}
	}
	return nil, fmt.Errorf("transaction %s succeeded, but the ledger recorded no %s event in it", receipt.TxHash, name)
}

// waitBlock waits until the chain has a block, making it if the chain mines on demand.
func (c *Client) waitBlock(ctx context.Context, number uint64) error {
	for {
		head, err := c.blockNumber(ctx)
		if err == nil && head >= number {
			return nil
		}
		if err == nil && c.opts.Dev != nil {
			err = c.opts.Dev.Mine(ctx)
		} else if err == nil {
			err = sleep(ctx, c.opts.Poll)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted while waiting for block %d: %w", number, ctx.Err())
		}
		if err != nil {
			return err
		}
	}
}

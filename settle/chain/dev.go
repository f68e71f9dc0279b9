package chain

import (
	"context"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
)

// rpcDev drives a development chain with the methods of anvil, hardhat and attrib chain.
type rpcDev struct{ client *rpc.Client }

// NewDev is the DevChain behind a JSON-RPC connection that knows evm_mine and evm_increaseTime.
func NewDev(client *rpc.Client) DevChain { return rpcDev{client} }

func (d rpcDev) Mine(ctx context.Context) error {
	return d.client.CallContext(ctx, nil, "evm_mine")
}

func (d rpcDev) IncreaseTime(ctx context.Context, by time.Duration) error {
	if err := d.client.CallContext(ctx, nil, "evm_increaseTime", int64(by/time.Second)); err != nil {
		return err
	}
	return d.Mine(ctx)
}

// PassWindow lets a development chain's time pass until the pending root can be finalised. On any other chain it only
// says until when the window is open.
func (c *Client) PassWindow(ctx context.Context) error {
	o, err := c.openEpoch(ctx)
	if err != nil {
		return err
	}
	head, err := c.head(ctx)
	if err != nil || head.Time >= o.Open.WindowEnd {
		return err
	}
	if c.opts.Dev == nil {
		return &Revert{Name: "WindowOpen", Text: "the window is not over: the root can be finalised from " + Time(o.Open.WindowEnd) + " on, the chain's time is " + Time(head.Time)}
	}
	return c.opts.Dev.IncreaseTime(ctx, time.Duration(o.Open.WindowEnd-head.Time)*time.Second)
}

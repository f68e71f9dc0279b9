package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
)

// Outcome is a transaction that is done.
type Outcome struct {
	Operation string
	Hash      common.Hash // zero when Already and the transaction is not known
	Block     uint64
	GasUsed   uint64
	Already   bool // found done, or brought to its end from the journal: nothing new was sent
	Receipt   *types.Receipt
}

// errNoKey says that a client only reads.
var errNoKey = errors.New("no key was given, so nothing can be sent: give a key, or print the call data for a wallet")

// Send brings the journal's open transactions to their end and then does the call, unless one of them was this very
// call. Already, when not nil, is asked in between whether the contract shows the call's effect.
func (c *Client) Send(ctx context.Context, call Call, already func(context.Context) (bool, error)) (*Outcome, error) {
	if c.opts.Key == nil {
		return nil, fmt.Errorf("%s: %w", call.Operation, errNoKey)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out, err := c.send(ctx, call, already)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call.Operation, err)
	}
	return out, nil
}

func (c *Client) send(ctx context.Context, call Call, already func(context.Context) (bool, error)) (*Outcome, error) {
	before, err := c.resume(ctx, call.key())
	if before != nil || err != nil {
		return before, err
	}
	if already != nil {
		if done, err := already(ctx); done || err != nil {
			return &Outcome{Operation: call.Operation, Already: true}, err
		}
	}
	gas, err := c.preflight(ctx, call)
	if err != nil {
		return nil, err
	}
	tx, err := c.sign(ctx, call, gas)
	if err != nil {
		return nil, err
	}
	r, err := c.journal.begin(call, c.Account(), c.chainID)
	if err != nil {
		return nil, err
	}
	if err := c.broadcast(ctx, r, tx); err != nil {
		return nil, err
	}
	return c.await(ctx, r)
}

// preflight tries the call against the pending block, so that a refusal costs nothing, and prices it.
func (c *Client) preflight(ctx context.Context, call Call) (gas uint64, err error) {
	msg := ethereum.CallMsg{From: c.Account(), To: call.To, Value: call.value(), Data: call.Data}
	_, err = ask(ctx, c.node, "eth_call", func(ctx context.Context) ([]byte, error) { return c.backend.PendingCallContract(ctx, msg) })
	if err != nil {
		return 0, c.funds(ctx, explain(err))
	}
	gas, err = ask(ctx, c.node, "eth_estimateGas", func(ctx context.Context) (uint64, error) { return c.estimate(ctx, msg) })
	if err != nil {
		return 0, c.funds(ctx, explain(err))
	}
	if gas += gas / 5; gas > maxGas { // a fifth more: storage that others write meanwhile
		return 0, fmt.Errorf("needs %d gas, more than the %d that one transaction may have", gas, maxGas)
	}
	return gas, nil
}

// estimate uses the pending block where the backend can: time and block number of the latest one may still forbid
// what the next one allows.
func (c *Client) estimate(ctx context.Context, msg ethereum.CallMsg) (uint64, error) {
	type atBlock interface {
		EstimateGasAtBlock(context.Context, ethereum.CallMsg, *big.Int) (uint64, error)
	}
	if b, ok := c.backend.(atBlock); ok {
		return b.EstimateGasAtBlock(ctx, msg, big.NewInt(-1)) // pending
	}
	return c.backend.EstimateGas(ctx, msg)
}

// funds adds the balance to a complaint about it.
func (c *Client) funds(ctx context.Context, err error) error {
	if !strings.Contains(err.Error(), "insufficient funds") {
		return err
	}
	balance, asked := ask(ctx, c.node, "eth_getBalance", func(ctx context.Context) (*big.Int, error) { return c.backend.BalanceAt(ctx, c.Account(), nil) })
	if asked != nil {
		return err
	}
	return fmt.Errorf("account %s has %s wei, which is not enough for the value and the gas: %w", c.Account().Hex(), balance, err)
}

func (c *Client) sign(ctx context.Context, call Call, gas uint64) (*types.Transaction, error) {
	f, err := c.suggest(ctx)
	if err != nil {
		return nil, err
	}
	nonce, err := ask(ctx, c.node, "eth_getTransactionCount", func(ctx context.Context) (uint64, error) { return c.backend.PendingNonceAt(ctx, c.Account()) })
	if err != nil {
		return nil, err
	}
	id := new(big.Int).SetUint64(c.chainID)
	return c.opts.Key.SignTx(types.NewTx(&types.DynamicFeeTx{ChainID: id, Nonce: nonce, GasTipCap: f.tip, GasFeeCap: f.cap,
		Gas: gas, To: call.To, Value: call.value(), Data: call.Data}), id)
}

// broadcast writes the attempt down, then sends it.
func (c *Client) broadcast(ctx context.Context, r *record, tx *types.Transaction) error {
	if err := c.journal.attempt(r, tx); err != nil {
		return err
	}
	err := c.push(ctx, tx)
	if err == nil {
		return nil
	}
	if rejected(err) && len(r.attempts) == 1 {
		err = errors.Join(err, c.journal.finish(r, kindDropped, common.Hash{}, 0, "refused by the node: "+err.Error()))
	}
	return c.funds(ctx, err)
}

// push sends bytes that are in the journal. That they are known, or mined already, is as good as sent.
func (c *Client) push(ctx context.Context, tx *types.Transaction) error {
	_, err := ask(ctx, c.node, "eth_sendRawTransaction", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.backend.SendTransaction(ctx, tx)
	})
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	for _, harmless := range []string{"already known", "already imported", "known transaction", "nonce too low", "underpriced"} {
		if strings.Contains(text, harmless) {
			return nil
		}
	}
	return err
}

// rejected says that the node answered and will not have the transaction. Giving it up is safe: whatever is sent
// next has the same nonce, so only one of them can ever be mined.
func rejected(err error) bool {
	var answer rpc.Error
	return errors.As(err, &answer) && !transient(err)
}

package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// resume brings the journal's open transactions of this account to their end. The outcome of one that did what key
// says is returned: it was this very call, cut short.
func (c *Client) resume(ctx context.Context, key string) (*Outcome, error) {
	var found *Outcome
	for _, r := range c.journal.open(c.Account(), c.chainID) {
		out, err := c.resumeOne(ctx, r)
		if err != nil {
			return nil, err
		}
		if out != nil && r.key == key {
			out.Already = true
			found = out
		}
	}
	return found, nil
}

// resumeOne ends a transaction that an earlier run began; nil when it was never broadcast or its nonce went to another.
func (c *Client) resumeOne(ctx context.Context, r *record) (*Outcome, error) {
	if len(r.attempts) == 0 {
		return nil, c.journal.finish(r, kindDropped, common.Hash{}, 0, "never signed")
	}
	last := r.last()
	receipt, err := c.receipt(ctx, r)
	if err != nil {
		return nil, err
	}
	if receipt == nil {
		nonce, err := ask(ctx, c.node, "eth_getTransactionCount", func(ctx context.Context) (uint64, error) { return c.backend.NonceAt(ctx, c.Account(), nil) })
		if err != nil {
			return nil, err
		}
		if nonce > last.Nonce() {
			return c.outrun(ctx, r)
		}
		if err := c.push(ctx, last); rejected(err) {
			return nil, c.journal.finish(r, kindDropped, common.Hash{}, 0, "refused by the node: "+err.Error())
		} else if err != nil {
			return nil, fmt.Errorf("sending transaction %s of the journal again: %w", last.Hash(), err)
		}
	}
	out, err := c.await(ctx, r)
	var revert *Revert
	if errors.As(err, &revert) {
		return nil, nil // it is in the journal as failed; what is wanted now is tried anew
	}
	return out, err
}

// outrun ends a transaction whose nonce is used up. The receipt is looked for once more, since it may have come
// between the two questions.
func (c *Client) outrun(ctx context.Context, r *record) (*Outcome, error) {
	receipt, err := c.receipt(ctx, r)
	if err != nil {
		return nil, err
	}
	if receipt != nil {
		return c.await(ctx, r)
	}
	return nil, c.journal.finish(r, kindDropped, common.Hash{}, 0, "its nonce was used by another transaction")
}

// await waits until one of the attempts is mined deep enough. A receipt that vanishes (a reorganisation) is waited
// for again; an attempt that stays unmined is replaced at a higher fee.
func (c *Client) await(ctx context.Context, r *record) (*Outcome, error) {
	out, err := c.watch(ctx, r)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted: transaction %s was broadcast and is not confirmed yet; the same command goes on waiting: %w", r.last().Hash(), ctx.Err())
	}
	return out, err
}

func (c *Client) watch(ctx context.Context, r *record) (*Outcome, error) {
	started := time.Now()
	pushed := started
	pause := min(10*time.Millisecond, c.opts.Poll)
	for {
		receipt, err := c.receipt(ctx, r)
		if err != nil {
			return nil, err
		}
		if receipt != nil {
			deep, err := c.deepEnough(ctx, receipt)
			if err != nil {
				return nil, err
			}
			if deep {
				return c.conclude(ctx, r, receipt)
			}
		}
		if receipt == nil && time.Since(pushed) > c.opts.BumpAfter {
			if err := c.replace(ctx, r); err != nil {
				return nil, err
			}
			pushed = time.Now()
		}
		if time.Since(started) > c.opts.GiveUpAfter {
			return nil, fmt.Errorf("transaction %s is not mined after %s; it may still be: run the same command again to go on waiting", r.last().Hash(), c.opts.GiveUpAfter)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, c.opts.Poll)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// receipt looks for any of the attempts; at most one can be mined, since they share a nonce.
func (c *Client) receipt(ctx context.Context, r *record) (*types.Receipt, error) {
	for _, tx := range r.attempts {
		receipt, err := ask(ctx, c.node, "eth_getTransactionReceipt", func(ctx context.Context) (*types.Receipt, error) {
			return c.backend.TransactionReceipt(ctx, tx.Hash())
		})
		if err == nil {
			return receipt, nil
		}
		if !errors.Is(err, ethereum.NotFound) && !indexing(err) {
			return nil, err
		}
	}
	return nil, nil
}

// indexing is what geth answers for a receipt right after it started.
func indexing(err error) bool { return err.Error() == "transaction indexing is in progress" }

func (c *Client) deepEnough(ctx context.Context, receipt *types.Receipt) (bool, error) {
	head, err := c.blockNumber(ctx)
	return err == nil && head+1 >= receipt.BlockNumber.Uint64()+c.opts.Confirmations, err
}

// replace sends the last attempt again at a higher fee, as long as the ceiling allows; at the ceiling it is sent as
// it was, in case the node forgot it.
func (c *Client) replace(ctx context.Context, r *record) error {
	last := r.last()
	old := feesOf(last)
	now := old.raised()
	if now.cap.Cmp(c.opts.MaxFeePerGas) > 0 || len(r.attempts) == maxAttempts {
		return c.push(ctx, last)
	}
	id := new(big.Int).SetUint64(c.chainID)
	tx, err := c.opts.Key.SignTx(types.NewTx(&types.DynamicFeeTx{ChainID: id, Nonce: last.Nonce(), GasTipCap: now.tip,
		GasFeeCap: now.cap, Gas: last.Gas(), To: last.To(), Value: last.Value(), Data: last.Data()}), id)
	if err != nil {
		return err
	}
	return c.broadcast(ctx, r, tx)
}

// maxAttempts bounds the replacements of one transaction.
const maxAttempts = 20

// conclude writes down how a transaction ended.
func (c *Client) conclude(ctx context.Context, r *record, receipt *types.Receipt) (*Outcome, error) {
	block := receipt.BlockNumber.Uint64()
	if receipt.Status == types.ReceiptStatusSuccessful {
		err := c.journal.finish(r, kindDone, receipt.TxHash, block, "")
		return &Outcome{r.op, receipt.TxHash, block, receipt.GasUsed, false, receipt}, err
	}
	why := c.whyFailed(ctx, r, receipt)
	if err := c.journal.finish(r, kindFailed, receipt.TxHash, block, why.Error()); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("transaction %s was mined in block %d but reverted: %w", receipt.TxHash, block, why)
}

// whyFailed repeats a reverted transaction as a call to learn the reason.
func (c *Client) whyFailed(ctx context.Context, r *record, receipt *types.Receipt) error {
	tx := r.last()
	msg := ethereum.CallMsg{From: c.Account(), To: tx.To(), Gas: tx.Gas(), Value: tx.Value(), Data: tx.Data()}
	_, err := ask(ctx, c.node, "eth_call", func(ctx context.Context) ([]byte, error) {
		return c.backend.CallContract(ctx, msg, receipt.BlockNumber)
	})
	var revert *Revert
	if err != nil && errors.As(explain(err), &revert) {
		return revert
	}
	if receipt.GasUsed >= tx.Gas() {
		return &Revert{Text: "it ran out of gas"}
	}
	return &Revert{Text: "the contract refused without a reason that could be repeated"}
}

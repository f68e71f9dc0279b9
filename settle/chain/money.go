package chain

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/settle"
	"attrib/settle/ledger"
)

// Fund adds to the pool: native currency, or a token with the approval that it needs.
func (c *Client) Fund(ctx context.Context, amount *uint256.Int) (*Outcome, error) {
	token, err := view(ctx, c, "the token", abiLedger.PackToken(), abiLedger.UnpackToken)
	if err != nil {
		return nil, err
	}
	calls := FundCalls(c.opts.Ledger, token, amount)
	for _, call := range calls[:len(calls)-1] {
		if _, err := c.Send(ctx, call, nil); err != nil {
			return nil, err
		}
	}
	out, err := c.Send(ctx, calls[len(calls)-1], nil)
	if err != nil {
		return nil, err
	}
	_, err = event(c, out.Receipt, "Funded", abiLedger.UnpackFundedEvent)
	return out, err
}

// Stake adds to the account's stake.
func (c *Client) Stake(ctx context.Context, wei *uint256.Int) (*Outcome, error) {
	return c.Send(ctx, StakeCall(c.opts.Ledger, wei), nil)
}

// Unstake turns free stake into credit, which Withdraw pays.
func (c *Client) Unstake(ctx context.Context, wei *uint256.Int) (*Outcome, error) {
	return c.Send(ctx, UnstakeCall(c.opts.Ledger, wei), nil)
}

// Withdraw pays the account's credit (bonds, rewards, freed stake) to a recipient.
func (c *Client) Withdraw(ctx context.Context, recipient common.Address) (*Outcome, error) {
	return c.Send(ctx, WithdrawCall(c.opts.Ledger, recipient), nil)
}

// Anchor records that the account knew a content root now.
func (c *Client) Anchor(ctx context.Context, root common.Hash) (*Outcome, error) {
	out, err := c.Send(ctx, AnchorCall(c.opts.Ledger, root), nil)
	if err != nil {
		return nil, err
	}
	_, err = event(c, out.Receipt, "Anchored", abiLedger.UnpackAnchoredEvent)
	return out, err
}

// Payment is a claim that was paid.
type Payment struct {
	Outcome
	Account, Recipient common.Address
	Amount, Cumulative *uint256.Int
}

// Claim pays an account of a finalised epoch what it is owed. The client's key may be anybody's: only the account is
// paid. Nothing left to claim is ErrAlreadyClaimed.
func (c *Client) Claim(ctx context.Context, e *settle.Epoch, account common.Address) (*Payment, error) {
	claim, err := c.claimOf(e, account)
	if err != nil {
		return nil, err
	}
	return c.pay(ctx, e, claim, account, ClaimCall(c.opts.Ledger, claim))
}

// ClaimTo pays what an account is owed to another recipient. The signature is the account's, over ClaimTo.Digest; nil
// when the client's key is the account's own.
func (c *Client) ClaimTo(ctx context.Context, e *settle.Epoch, account, recipient common.Address, deadline *big.Int, signature []byte) (*Payment, error) {
	claim, err := c.claimOf(e, account)
	if err != nil {
		return nil, err
	}
	return c.pay(ctx, e, claim, recipient, ClaimToCall(c.opts.Ledger, claim, recipient, deadline, signature))
}

func (c *Client) claimOf(e *settle.Epoch, account common.Address) (settle.Claim, error) {
	if err := c.fits(e); err != nil {
		return settle.Claim{}, err
	}
	return e.Claim(account)
}

func (c *Client) pay(ctx context.Context, e *settle.Epoch, claim settle.Claim, recipient common.Address, call Call) (*Payment, error) {
	out, err := c.Send(ctx, call, func(ctx context.Context) (bool, error) { return false, c.claimable(ctx, e, claim) })
	if err != nil {
		return nil, err
	}
	paid, err := event(c, out.Receipt, "Claimed", abiLedger.UnpackClaimedEvent)
	if err != nil {
		return nil, err
	}
	if paid.Account != claim.Account || paid.Recipient != recipient {
		return nil, fmt.Errorf("claim: the ledger paid %s for %s", paid.Recipient.Hex(), paid.Account.Hex())
	}
	return &Payment{*out, paid.Account, paid.Recipient, uint256.MustFromBig(paid.Amount), uint256.MustFromBig(paid.CumulativeAmount)}, nil
}

// claimable says in words why a claim would be refused.
func (c *Client) claimable(ctx context.Context, e *settle.Epoch, claim settle.Claim) error {
	root, err := view(ctx, c, "the root", abiLedger.PackRoot(), abiLedger.UnpackRoot)
	if err != nil {
		return err
	}
	if root != e.Root {
		o, err := c.openEpoch(ctx)
		if err != nil {
			return err
		}
		if e.Number >= o.Epoch {
			return &Revert{Name: "InvalidProof", Text: fmt.Sprintf("epoch %d is %s, so it cannot be claimed yet", e.Number, c.stateOf(o, e.Number))}
		}
		return &Revert{Name: "InvalidProof", Text: fmt.Sprintf("the ledger pays by the root of epoch %d, this bundle is of epoch %d: take the amount and the proof from the last one", o.Epoch-1, e.Number)}
	}
	claimed, err := c.Claimed(ctx, claim.Account)
	if err != nil {
		return err
	}
	if !claimed.Lt(claim.Cumulative) {
		return &Revert{Name: "NothingToClaim", Text: fmt.Sprintf("%s has already claimed: it is owed %s in all and was paid %s", claim.Account.Hex(), claim.Cumulative.Dec(), claimed.Dec())}
	}
	return nil
}

func (c *Client) stateOf(o ledger.OpenEpochOutput, epoch uint64) State {
	if epoch == o.Epoch {
		return State(o.Open.State)
	}
	return Future
}

// Claimed is everything ever paid on behalf of an account.
func (c *Client) Claimed(ctx context.Context, account common.Address) (*uint256.Int, error) {
	return c.amount(ctx, "claimed", abiLedger.PackClaimed(account), abiLedger.UnpackClaimed)
}

// StakeOf is an account's stake in wei.
func (c *Client) StakeOf(ctx context.Context, account common.Address) (*uint256.Int, error) {
	return c.amount(ctx, "the stake", abiLedger.PackStakeOf(account), abiLedger.UnpackStakeOf)
}

// CreditOf is what an account may withdraw, in wei.
func (c *Client) CreditOf(ctx context.Context, account common.Address) (*uint256.Int, error) {
	return c.amount(ctx, "the credit", abiLedger.PackCreditOf(account), abiLedger.UnpackCreditOf)
}

// Nonce is the next nonce of an account's authorisations.
func (c *Client) Nonce(ctx context.Context, account common.Address) (*uint256.Int, error) {
	return c.amount(ctx, "the nonce", abiLedger.PackNonces(account), abiLedger.UnpackNonces)
}

func (c *Client) amount(ctx context.Context, name string, data []byte, unpack func([]byte) (*big.Int, error)) (*uint256.Int, error) {
	v, err := view(ctx, c, name, data, unpack)
	if err != nil {
		return nil, err
	}
	return uint256.MustFromBig(v), nil
}

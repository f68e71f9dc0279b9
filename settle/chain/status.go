package chain

import (
	"context"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

// Status is where a ledger stands. Amounts are base units of its token; bond and reward are wei.
type Status struct {
	ChainID                       uint64
	Ledger, Token                 common.Address
	Owner, Poster, Arbiter        common.Address
	Paused                        bool
	Window, ResolutionPeriod      uint64 // seconds
	Expiry                        uint64 // UNIX time
	Bond, Reward                  *uint256.Int
	LastFinalised                 uint64
	Root                          common.Hash  // of the last finalised epoch
	CumulativeTotal, TotalClaimed *uint256.Int // owed in all, paid in all
	Deposited, Available          *uint256.Int // put in; put in and not swept
	Owed                          *uint256.Int // promised and not paid, a pending root in full
	Epoch                         uint64       // in turn
	State                         State        // of the epoch in turn
	InputHash, PendingRoot        common.Hash
	PendingEvidence               common.Hash
	PendingTotal                  *uint256.Int
	CommitBlock, WindowEnd        uint64
	Challenger                    common.Address
	ChallengeEvidence             common.Hash
	ChallengeDeadline             uint64
}

// Status reads the ledger.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	s := &Status{ChainID: c.chainID, Ledger: c.opts.Ledger}
	for _, read := range []func(context.Context, *Status) error{c.readRoles, c.readTerms, c.readTotals, c.readOpen} {
		if err := read(ctx, s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// reading collects views and keeps the first error.
type reading struct {
	ctx context.Context
	c   *Client
	err error
}

func get[T any](r *reading, to *T, name string, data []byte, unpack func([]byte) (T, error)) {
	if r.err == nil {
		*to, r.err = view(r.ctx, r.c, name, data, unpack)
	}
}

func (r *reading) amount(to **uint256.Int, name string, data []byte, unpack func([]byte) (*big.Int, error)) {
	if r.err == nil {
		*to, r.err = r.c.amount(r.ctx, name, data, unpack)
	}
}

func (c *Client) readRoles(ctx context.Context, s *Status) error {
	r := &reading{ctx: ctx, c: c}
	get(r, &s.Token, "the token", abiLedger.PackToken(), abiLedger.UnpackToken)
	get(r, &s.Owner, "the owner", abiLedger.PackOwner(), abiLedger.UnpackOwner)
	get(r, &s.Poster, "the poster", abiLedger.PackPoster(), abiLedger.UnpackPoster)
	get(r, &s.Arbiter, "the arbiter", abiLedger.PackArbiter(), abiLedger.UnpackArbiter)
	get(r, &s.Paused, "paused", abiLedger.PackPaused(), abiLedger.UnpackPaused)
	return r.err
}

func (c *Client) readTerms(ctx context.Context, s *Status) error {
	r := &reading{ctx: ctx, c: c}
	get(r, &s.Window, "the window", abiLedger.PackWindow(), abiLedger.UnpackWindow)
	get(r, &s.ResolutionPeriod, "the resolution period", abiLedger.PackResolutionPeriod(), abiLedger.UnpackResolutionPeriod)
	get(r, &s.Expiry, "the expiry", abiLedger.PackExpiry(), abiLedger.UnpackExpiry)
	r.amount(&s.Bond, "the bond", abiLedger.PackBond(), abiLedger.UnpackBond)
	r.amount(&s.Reward, "the reward", abiLedger.PackReward(), abiLedger.UnpackReward)
	return r.err
}

func (c *Client) readTotals(ctx context.Context, s *Status) error {
	r := &reading{ctx: ctx, c: c}
	var root [32]byte
	get(r, &root, "the root", abiLedger.PackRoot(), abiLedger.UnpackRoot)
	get(r, &s.LastFinalised, "the last epoch", abiLedger.PackLastFinalised(), abiLedger.UnpackLastFinalised)
	r.amount(&s.CumulativeTotal, "the total", abiLedger.PackCumulativeTotal(), abiLedger.UnpackCumulativeTotal)
	r.amount(&s.TotalClaimed, "the total claimed", abiLedger.PackTotalClaimed(), abiLedger.UnpackTotalClaimed)
	r.amount(&s.Deposited, "the deposits", abiLedger.PackDeposited(), abiLedger.UnpackDeposited)
	r.amount(&s.Available, "what is available", abiLedger.PackAvailable(), abiLedger.UnpackAvailable)
	r.amount(&s.Owed, "what is owed", abiLedger.PackOwed(), abiLedger.UnpackOwed)
	s.Root = root
	return r.err
}

func (c *Client) readOpen(ctx context.Context, s *Status) error {
	o, err := c.openEpoch(ctx)
	if err != nil {
		return err
	}
	s.Epoch, s.State = o.Epoch, State(o.Open.State)
	s.InputHash, s.PendingRoot, s.PendingEvidence = o.Open.InputHash, o.Open.Root, o.Open.EvidenceHash
	s.CommitBlock, s.WindowEnd = o.Open.CommitBlock, o.Open.WindowEnd
	s.PendingTotal = uint256.MustFromBig(o.Open.CumulativeTotal)
	d, err := view(ctx, c, "the dispute", abiLedger.PackDispute(), abiLedger.UnpackDispute)
	s.Challenger, s.ChallengeEvidence, s.ChallengeDeadline = d.Open.Challenger, d.Open.EvidenceHash, d.Deadline
	return err
}

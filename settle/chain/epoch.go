package chain

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
	"attrib/settle"
	"attrib/settle/ledger"
)

// SchemaCommit is the schema of commit.json.
const SchemaCommit = "attrib.commit/1"

// CommitRecord is commit.json: which block the inputs of an epoch were committed in.
type CommitRecord struct {
	Schema      string `json:"schema"`
	ChainID     uint64 `json:"chainId"`
	Contract    string `json:"contract"`
	Epoch       uint64 `json:"epoch"`
	InputHash   string `json:"inputHash"`
	Block       uint64 `json:"block"`
	Transaction string `json:"transaction"` // empty when the commit was found made
}

// Write writes commit.json.
func (r *CommitRecord) Write(path string) error { return strictjson.WriteFile(path, r) }

// ReadCommit reads commit.json.
func ReadCommit(path string) (*CommitRecord, error) {
	r := new(CommitRecord)
	if err := strictjson.ReadFile(path, r); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(r.Schema, SchemaCommit); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Commit fixes the inputs of the next epoch. A commit of the same inputs that is there already is returned as it is;
// one of other inputs is an error.
func (c *Client) Commit(ctx context.Context, epoch uint64, inputHash common.Hash) (*CommitRecord, error) {
	out, err := c.Send(ctx, CommitCall(c.opts.Ledger, epoch, inputHash), func(ctx context.Context) (bool, error) {
		return c.committed(ctx, epoch, inputHash)
	})
	if err != nil {
		return nil, err
	}
	r := &CommitRecord{Schema: SchemaCommit, ChainID: c.chainID, Contract: c.opts.Ledger.Hex(), Epoch: epoch, InputHash: inputHash.Hex()}
	if out.Receipt == nil {
		o, err := c.openEpoch(ctx)
		r.Block = o.Open.CommitBlock
		return r, err
	}
	e, err := event(c, out.Receipt, "Committed", abiLedger.UnpackCommittedEvent)
	if err != nil {
		return nil, err
	}
	if e.Epoch != epoch || e.InputHash != inputHash {
		return nil, fmt.Errorf("commit: the ledger recorded epoch %d with inputs %s", e.Epoch, common.Hash(e.InputHash))
	}
	r.Block, r.Transaction = e.CommitBlock, out.Hash.Hex()
	return r, nil
}

func (c *Client) openEpoch(ctx context.Context) (ledger.OpenEpochOutput, error) {
	return view(ctx, c, "the open epoch", abiLedger.PackOpenEpoch(), abiLedger.UnpackOpenEpoch)
}

// committed says whether the epoch in turn is committed to just these inputs.
func (c *Client) committed(ctx context.Context, epoch uint64, inputHash common.Hash) (bool, error) {
	o, err := c.openEpoch(ctx)
	if err != nil || o.Epoch != epoch || State(o.Open.State) == Open {
		return false, err
	}
	if o.Open.InputHash != inputHash {
		return false, fmt.Errorf("epoch %d is committed to other inputs, %s (these are %s): a commit binds; only the arbiter can void it", epoch, common.Hash(o.Open.InputHash), inputHash)
	}
	return true, nil
}

// Seed waits for the block after the commit and makes the seed from its hash. It waits until that block has as many
// confirmations as transactions need, since a reorganisation would change the seed.
func (c *Client) Seed(ctx context.Context, r *CommitRecord) (settle.Seed, error) {
	if err := c.waitBlock(ctx, r.Block+c.opts.Confirmations); err != nil {
		return settle.Seed{}, err
	}
	hash, err := c.blockHash(ctx, r.Block+1)
	if err != nil {
		return settle.Seed{}, err
	}
	return settle.CommittedSeed(common.HexToHash(r.InputHash), r.Block, hash), nil
}

// SeedBlock is the hash of the block after a commit, for verifying a seed.
func (c *Client) SeedBlock(ctx context.Context, commitBlock uint64) (common.Hash, error) {
	return c.blockHash(ctx, commitBlock+1)
}

// Post posts a settled epoch. A post of the same root and evidence that is there already is noticed.
func (c *Client) Post(ctx context.Context, e *settle.Epoch) (*Outcome, error) {
	if err := c.fits(e); err != nil {
		return nil, err
	}
	out, err := c.Send(ctx, PostCall(e), func(ctx context.Context) (bool, error) {
		if done, err := c.posted(ctx, e); done || err != nil {
			return done, err
		}
		return false, c.canPost(ctx, e)
	})
	if err != nil || out.Receipt == nil {
		return out, err
	}
	p, err := event(c, out.Receipt, "Posted", abiLedger.UnpackPostedEvent)
	if err != nil {
		return nil, err
	}
	if p.Root != e.Root || p.EvidenceHash != e.Evidence || p.CumulativeTotal.Cmp(e.CumulativeTotal.ToBig()) != 0 {
		return nil, fmt.Errorf("post: the ledger recorded root %s with evidence %s", common.Hash(p.Root), common.Hash(p.EvidenceHash))
	}
	return out, nil
}

// fits checks that an epoch was settled for this chain and this ledger.
func (c *Client) fits(e *settle.Epoch) error {
	if e.ChainID != c.chainID {
		return &WrongChain{c.opts.Host, e.ChainID, c.chainID}
	}
	if e.Ledger != c.opts.Ledger {
		return fmt.Errorf("epoch %d was settled for the ledger at %s, not %s: its proofs would be worthless there", e.Number, e.Ledger.Hex(), c.opts.Ledger.Hex())
	}
	return nil
}

// posted says whether just this epoch is posted, or finalised.
func (c *Client) posted(ctx context.Context, e *settle.Epoch) (bool, error) {
	o, err := c.openEpoch(ctx)
	if err != nil {
		return false, err
	}
	state := State(o.Open.State)
	switch {
	case e.Number > o.Epoch:
		return false, &Revert{Name: "WrongEpoch", Text: fmt.Sprintf("epoch out of order: epoch %d is next, not %d", o.Epoch, e.Number)}
	case e.Number < o.Epoch:
		p, err := c.PostedEpoch(ctx, e.Number)
		if err != nil {
			return false, err
		}
		if p.Root != e.Root || p.Evidence != e.Evidence {
			return false, fmt.Errorf("epoch %d is finalised with another root, %s", e.Number, p.Root)
		}
		return true, nil
	case state != Posted && state != Challenged:
		return false, nil
	case o.Open.Root == e.Root && o.Open.EvidenceHash == e.Evidence:
		return true, nil
	}
	return false, fmt.Errorf("epoch %d is %s with another root, %s: a pending root can be dropped, never replaced", e.Number, state, common.Hash(o.Open.Root))
}

// canPost compares with what was deposited and staked, to say how much is missing.
func (c *Client) canPost(ctx context.Context, e *settle.Epoch) error {
	s, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if e.CumulativeTotal.Gt(s.Available) {
		return &Revert{Name: "Insolvent", Text: fmt.Sprintf("not enough deposited: after epoch %d the ledger owes %s in all and holds %s; fund %s more",
			e.Number, e.CumulativeTotal.Dec(), s.Available.Dec(), new(uint256.Int).Sub(e.CumulativeTotal, s.Available).Dec())}
	}
	stake, err := c.StakeOf(ctx, c.Account())
	if err == nil && stake.Lt(s.Reward) {
		err = &Revert{Name: "StakeTooLow", Text: fmt.Sprintf("the poster must have staked %s wei, it has %s: stake %s more",
			s.Reward.Dec(), stake.Dec(), new(uint256.Int).Sub(s.Reward, stake).Dec())}
	}
	return err
}

// PostedRecord is what the ledger's events say about an epoch.
type PostedRecord struct {
	settle.Posted
	Evidence    common.Hash
	CommitBlock uint64
	WindowEnd   uint64
	Block       uint64
}

// PostedEpoch reads the last posting of an epoch from the ledger's events.
func (c *Client) PostedEpoch(ctx context.Context, epoch uint64) (*PostedRecord, error) {
	if c.opts.Ledger == (common.Address{}) {
		return nil, errNoLedger
	}
	logs, err := c.logs(ctx, []common.Hash{abiLedger.GetABI().Events["Posted"].ID}, []common.Hash{common.BigToHash(new(big.Int).SetUint64(epoch))})
	if err != nil {
		return nil, err
	}
	if len(logs) == 0 {
		return nil, fmt.Errorf("epoch %d was never posted to the ledger at %s", epoch, c.opts.Ledger.Hex())
	}
	log := logs[len(logs)-1]
	p, err := abiLedger.UnpackPostedEvent(&log)
	if err != nil {
		return nil, err
	}
	token, err := view(ctx, c, "the token", abiLedger.PackToken(), abiLedger.UnpackToken)
	if err != nil {
		return nil, err
	}
	return &PostedRecord{settle.Posted{Number: p.Epoch, ChainID: c.chainID, Ledger: c.opts.Ledger, Token: token, Root: p.Root, InputHash: p.InputHash,
		CumulativeTotal: uint256.MustFromBig(p.CumulativeTotal), Leaves: p.Leaves}, p.EvidenceHash, p.CommitBlock, p.WindowEnd, log.BlockNumber}, nil
}

// Finalise makes the pending root the one that is claimed against. Too early is an error that says when.
func (c *Client) Finalise(ctx context.Context, epoch uint64) (*Outcome, error) {
	return c.Send(ctx, FinaliseCall(c.opts.Ledger, epoch), func(ctx context.Context) (bool, error) {
		last, err := view(ctx, c, "the last epoch", abiLedger.PackLastFinalised(), abiLedger.UnpackLastFinalised)
		return last >= epoch, err
	})
}

// Challenge objects to the pending root, with the bond the ledger asks for. Evidence is the hash of one's own bundle.
func (c *Client) Challenge(ctx context.Context, epoch uint64, evidence common.Hash) (*Outcome, error) {
	bond, err := view(ctx, c, "the bond", abiLedger.PackBond(), abiLedger.UnpackBond)
	if err != nil {
		return nil, err
	}
	return c.Send(ctx, ChallengeCall(c.opts.Ledger, epoch, evidence, bond), nil)
}

// Resolve decides the open challenge: upheld drops the root, rejected lets the window go on.
func (c *Client) Resolve(ctx context.Context, epoch uint64, upheld bool) (*Outcome, error) {
	return c.Send(ctx, ResolveCall(c.opts.Ledger, epoch, upheld), nil)
}

// Expire drops a root whose challenge nobody resolved in time.
func (c *Client) Expire(ctx context.Context, epoch uint64) (*Outcome, error) {
	return c.Send(ctx, ExpireCall(c.opts.Ledger, epoch), nil)
}

// VoidCommit gives up a commit that cannot be posted; the arbiter's.
func (c *Client) VoidCommit(ctx context.Context, epoch uint64) (*Outcome, error) {
	return c.Send(ctx, VoidCommitCall(c.opts.Ledger, epoch), nil)
}

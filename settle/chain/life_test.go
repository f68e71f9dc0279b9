package chain_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/settle"
	"attrib/settle/chain"
	"attrib/settle/embedded"
)

// Roles of the development accounts; payees come after.
const (
	owner = iota
	poster
	arbiter
	challenger
	firstPayee
)

func ether(n uint64) *uint256.Int {
	return new(uint256.Int).Mul(uint256.NewInt(n), uint256.NewInt(1e18))
}

// world is a ledger with a client for every role, on any chain.
type world struct {
	t      *testing.T
	open   func(chain.Options) *chain.Client
	ledger common.Address
	token  common.Address
}

func (w *world) client(role int, journal string) *chain.Client {
	w.t.Helper()
	return w.open(chain.Options{Ledger: w.ledger, Key: embedded.Keys()[role], Journal: journal})
}

// embeddedWorld has an embedded chain of its own.
func embeddedWorld(t *testing.T) (*world, *embedded.Chain) {
	t.Helper()
	c, err := embedded.New(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	w := &world{t: t}
	w.open = func(o chain.Options) *chain.Client {
		client, err := c.Client(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client
	}
	return w, c
}

// config is a ledger with a window of a day.
func config(token common.Address) chain.Config {
	a := embedded.Account
	return chain.Config{Token: token, Owner: a(owner), Poster: a(poster), Arbiter: a(arbiter), Window: 86400, ResolutionPeriod: 3600,
		Expiry: 4_000_000_000, Bond: ether(1).ToBig(), Reward: ether(2).ToBig()}
}

func (w *world) deploy(erc20 bool) *chain.Deployment {
	w.t.Helper()
	ctx := w.t.Context()
	c := w.client(owner, "")
	if erc20 {
		var err error
		if w.token, err = c.DeployToken(ctx, "Test", "TST", 6, uint256.NewInt(1_000_000)); err != nil {
			w.t.Fatal(err)
		}
	}
	d, err := c.Deploy(ctx, config(w.token))
	if err != nil {
		w.t.Fatal(err)
	}
	w.ledger = common.HexToAddress(d.Contract)
	return d
}

// settleEpoch makes an epoch without a bundle.
func (w *world) settleEpoch(c *chain.Client, n, pool uint64, previous *settle.Epoch, weights ...uint64) *settle.Epoch {
	w.t.Helper()
	s := settle.Settlement{Number: n, ChainID: c.ChainID(), Ledger: w.ledger, Token: w.token, Pool: uint256.NewInt(pool)}
	if previous != nil {
		s.Previous = &settle.Previous{Epoch: previous.Number, Root: previous.Root, Payees: previous.Payees}
	}
	left := settle.WeightTotal
	for i, share := range weights {
		part := settle.WeightTotal / 100 * share
		if i == len(weights)-1 {
			part = left
		}
		left -= part
		s.Shares = append(s.Shares, settle.Share{ID: fmt.Sprintf("p%d", i), Address: embedded.Account(firstPayee + i), Weight: part})
	}
	e, err := settle.Settle(s)
	if err != nil {
		w.t.Fatal(err)
	}
	e.InputHash, e.Evidence = common.BigToHash(big.NewInt(int64(1000+n))), common.BigToHash(big.NewInt(int64(2000+n)))
	return e
}

func do[T any](w *world) func(T, error) T {
	return func(v T, err error) T {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, what string, err error, is error, want string) {
	t.Helper()
	if err == nil || is != nil && !errors.Is(err, is) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want %v with %q", what, err, is, want)
	}
}

// lifeCycle is everything a ledger goes through, on whatever chain the world has.
func lifeCycle(t *testing.T, w *world, erc20 bool) {
	ctx := t.Context()
	out := do[*chain.Outcome](w)
	d := w.deploy(erc20)
	own, post, judge, critic := w.client(owner, ""), w.client(poster, filepath.Join(t.TempDir(), "journal")), w.client(arbiter, ""), w.client(challenger, "")
	out(own.Anchor(ctx, common.HexToHash("0xabc")))

	e := w.settleEpoch(post, 1, 1000, nil, 50, 30, 13, 7)
	_, err := post.Post(ctx, e)
	refused(t, "nothing deposited", err, chain.ErrInsolvent, "after epoch 1 the ledger owes 1000 in all and holds 0; fund 1000 more")
	out(own.Fund(ctx, uint256.NewInt(1000)))
	_, err = post.Post(ctx, e)
	refused(t, "no stake", err, nil, "stake 2000000000000000000 more")
	out(post.Stake(ctx, ether(2)))
	_, err = post.Post(ctx, e)
	refused(t, "no commit", err, nil, "open (nothing committed)")

	record := do[*chain.CommitRecord](w)(post.Commit(ctx, 1, e.InputHash))
	again := do[*chain.CommitRecord](w)(post.Commit(ctx, 1, e.InputHash))
	if again.Block != record.Block || again.Transaction != "" {
		t.Errorf("second commit %+v, first %+v", again, record)
	}
	_, err = post.Commit(ctx, 1, common.HexToHash("0x99"))
	refused(t, "other inputs", err, nil, "a commit binds")
	seed := do[settle.Seed](w)(post.Seed(ctx, record))
	block := do[common.Hash](w)(post.SeedBlock(ctx, record.Block))
	if seed.Value != settle.DeriveSeed(e.InputHash, block).Hex() || seed.CommitBlock != record.Block {
		t.Errorf("seed %+v does not follow from block %s", seed, block)
	}

	out(post.Post(ctx, e))
	if o := out(post.Post(ctx, e)); !o.Already {
		t.Error("the second post was sent")
	}
	other := w.settleEpoch(post, 1, 999, nil, 50, 50)
	_, err = post.Post(ctx, other)
	refused(t, "another root", err, nil, "can be dropped, never replaced")
	_, err = own.Finalise(ctx, 1)
	refused(t, "window open", err, chain.ErrWindowOpen, "the root can be finalised from 20")
	_, err = own.Claim(ctx, e, embedded.Account(firstPayee))
	refused(t, "not finalised", err, chain.ErrProof, "epoch 1 is posted, so it cannot be claimed yet")

	// upheld: the root is dropped, the challenger gets bond and reward
	out(critic.Challenge(ctx, 1, common.HexToHash("0xc0ffee")))
	s := do[*chain.Status](w)(own.Status(ctx))
	if s.State != chain.Challenged || s.Challenger != embedded.Account(challenger) || s.PendingRoot != e.Root {
		t.Errorf("status %+v", s)
	}
	_, err = own.Finalise(ctx, 1)
	refused(t, "challenged", err, nil, `epoch 1 is challenged`)
	_, err = own.Resolve(ctx, 1, true)
	refused(t, "not the arbiter", err, nil, "is not the ledger's arbiter")
	out(judge.Resolve(ctx, 1, true))
	if credit := do[*uint256.Int](w)(own.CreditOf(ctx, embedded.Account(challenger))); !credit.Eq(ether(3)) {
		t.Errorf("challenger's credit %s", credit)
	}
	out(critic.Withdraw(ctx, embedded.Account(challenger)))

	// posted anew, challenged again, rejected: the window restarts
	out(post.Stake(ctx, ether(2)))
	record = do[*chain.CommitRecord](w)(post.Commit(ctx, 1, e.InputHash))
	do[settle.Seed](w)(post.Seed(ctx, record))
	out(post.Post(ctx, e))
	out(critic.Challenge(ctx, 1, common.HexToHash("0xc0ffee")))
	out(judge.Resolve(ctx, 1, false))
	if err := own.PassWindow(ctx); err != nil {
		t.Fatal(err)
	}
	out(own.Finalise(ctx, 1))
	if o := out(own.Finalise(ctx, 1)); !o.Already {
		t.Error("the second finalise was sent")
	}
	posted := do[*chain.PostedRecord](w)(own.PostedEpoch(ctx, 1))
	if posted.Root != e.Root || posted.Evidence != e.Evidence || posted.InputHash != e.InputHash || !posted.CumulativeTotal.Eq(e.CumulativeTotal) || posted.Leaves != e.Leaves || posted.Token != w.token {
		t.Errorf("posted %+v", posted)
	}

	// forged proofs
	forged := *e
	forged.Payees = append([]settle.Payee(nil), e.Payees...)
	forged.Payees[3].Cumulative = uint256.NewInt(500)
	_, err = own.Claim(ctx, &forged, embedded.Account(firstPayee+3))
	refused(t, "forged amount", err, chain.ErrProof, "does not lead to the ledger's root")
	_, err = own.Claim(ctx, e, embedded.Account(owner))
	refused(t, "no payee", err, nil, "is no payee of epoch 1")

	total := uint64(0)
	for i, want := range []uint64{500, 300, 130} {
		p := do[*chain.Payment](w)(own.Claim(ctx, e, embedded.Account(firstPayee+i)))
		if p.Amount.Uint64() != want {
			t.Errorf("payee %d was paid %s, want %d", i, p.Amount, want)
		}
		total += p.Amount.Uint64()
	}
	_, err = own.Claim(ctx, e, embedded.Account(firstPayee))
	refused(t, "claimed twice", err, chain.ErrAlreadyClaimed, "owed 500 in all and was paid 500")
	if erc20 {
		return
	}

	// second epoch: one payee is new, the fourth claims both at once, to another address
	e2 := w.settleEpoch(post, 2, 1000, e, 40, 30, 13, 7, 10)
	_, err = post.Post(ctx, w.settleEpoch(post, 2, 2000, e, 100))
	refused(t, "too large a pool", err, chain.ErrInsolvent, "owes 3000 in all and holds 1000; fund 2000 more")
	out(own.Fund(ctx, uint256.NewInt(1000)))
	record = do[*chain.CommitRecord](w)(post.Commit(ctx, 2, e2.InputHash))
	do[settle.Seed](w)(post.Seed(ctx, record))
	out(post.Post(ctx, e2))
	if err := own.PassWindow(ctx); err != nil {
		t.Fatal(err)
	}
	out(own.Finalise(ctx, 2))
	_, err = own.Claim(ctx, e, embedded.Account(firstPayee+3))
	refused(t, "old proof", err, chain.ErrProof, "the ledger pays by the root of epoch 2, this bundle is of epoch 1")
	for i, want := range []uint64{400, 300, 130} {
		p := do[*chain.Payment](w)(own.Claim(ctx, e2, embedded.Account(firstPayee+i)))
		if p.Amount.Uint64() != want {
			t.Errorf("epoch 2: payee %d was paid %s, want %d", i, p.Amount, want)
		}
	}
	claimTo(t, w, own, e2, d)
	do[*chain.Payment](w)(own.Claim(ctx, e2, embedded.Account(firstPayee+4)))
	s = do[*chain.Status](w)(own.Status(ctx))
	if s.TotalClaimed.Uint64() != 2000 || !s.Owed.IsZero() || s.LastFinalised != 2 || s.Epoch != 3 || s.State != chain.Open {
		t.Errorf("at the end: %+v", s)
	}
	_, err = post.Post(ctx, w.settleEpoch(post, 2, 500, e, 100))
	refused(t, "posted before", err, nil, "epoch 2 is finalised with another root")
	_, err = post.Post(ctx, w.settleEpoch(post, 4, 500, &settle.Epoch{Number: 3, Root: e2.Root, Payees: e2.Payees}, 100))
	refused(t, "skipped an epoch", err, chain.ErrEpochOrder, "epoch 3 is next, not 4")
}

// claimTo pays the fourth payee's two epochs to a fresh address, on the payee's signature.
func claimTo(t *testing.T, w *world, own *chain.Client, e *settle.Epoch, d *chain.Deployment) {
	ctx := t.Context()
	account, recipient := embedded.Keys()[firstPayee+3], common.HexToAddress("0x00000000000000000000000000000000000f00d5")
	claim := do[settle.Claim](w)(e.Claim(account.Address()))
	nonce := do[*uint256.Int](w)(own.Nonce(ctx, account.Address()))
	deadline := big.NewInt(4_000_000_000)
	digest := chain.ClaimTo{Account: account.Address(), Recipient: recipient, CumulativeAmount: claim.Cumulative.ToBig(), Nonce: nonce.ToBig(), Deadline: deadline}.Digest(own.ChainID(), w.ledger)
	signature, err := account.SignDigest(digest)
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]byte(nil), signature...)
	bad[10] ^= 1
	_, err = own.ClaimTo(ctx, e, account.Address(), recipient, deadline, bad)
	refused(t, "bad signature", err, nil, "is not signed by "+account.Address().Hex())
	p := do[*chain.Payment](w)(own.ClaimTo(ctx, e, account.Address(), recipient, deadline, signature))
	if p.Amount.Uint64() != 140 || p.Recipient != recipient {
		t.Errorf("paid %s to %s, want 70 + 70 to %s", p.Amount, p.Recipient.Hex(), recipient.Hex())
	}
}

func TestLifeCycleOnTheEmbeddedChain(t *testing.T) {
	for name, erc20 := range map[string]bool{"native": false, "token": true} {
		t.Run(name, func(t *testing.T) {
			w, _ := embeddedWorld(t)
			lifeCycle(t, w, erc20)
		})
	}
}

// TestLifeCycleOverRPC is the same through the served chain and Dial.
func TestLifeCycleOverRPC(t *testing.T) {
	c, err := embedded.New(embedded.Options{ChainID: 8453})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s, err := c.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lifeCycle(t, dialled(t, s.URL, 8453), false)
}

// dialled is a world behind a URL.
func dialled(t *testing.T, url string, chainID uint64) *world {
	w := &world{t: t}
	w.open = func(o chain.Options) *chain.Client {
		o.ChainID, o.Development, o.Poll = chainID, true, 20*time.Millisecond
		client, err := chain.Dial(t.Context(), url, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client
	}
	return w
}

func TestWrongChainAndNoLedger(t *testing.T) {
	_, c := embeddedWorld(t)
	_, err := c.Client(t.Context(), chain.Options{ChainID: 1, Host: "node.example"})
	var wrong *chain.WrongChain
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "the node at node.example serves chain id 1337, expected is 1; nothing was sent") {
		t.Errorf("wrong chain: %v", err)
	}
	_, err = c.Client(t.Context(), chain.Options{Ledger: common.HexToAddress("0x1234")})
	refused(t, "no contract", err, nil, "there is no contract at 0x")
	reader, err := c.Client(t.Context(), chain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = reader.Status(t.Context())
	refused(t, "no ledger", err, nil, "no ledger address was given")
	_, err = reader.Anchor(t.Context(), common.HexToHash("0x1"))
	refused(t, "no key", err, nil, "no key was given")
	_, err = c.Client(t.Context(), chain.Options{Attempts: -1, Poll: -1})
	refused(t, "bad options", err, nil, "option Attempts is negative\na duration is negative")
}

func TestSeedWaitsForItsBlock(t *testing.T) {
	w, c := embeddedWorld(t)
	w.deploy(false)
	reader, err := chain.New(t.Context(), c.Backend(), chain.Options{Ledger: w.ledger, Poll: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	record := do[*chain.CommitRecord](w)(w.client(poster, "").Commit(t.Context(), 1, common.HexToHash("0x5")))
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = reader.Seed(short, record)
	refused(t, "the block is not there", err, context.DeadlineExceeded, fmt.Sprintf("waiting for block %d", record.Block+1))
	go func() {
		time.Sleep(20 * time.Millisecond)
		_ = c.Mine(context.Background())
	}()
	if seed := do[settle.Seed](w)(reader.Seed(t.Context(), record)); seed.Source != settle.SeedFromCommit {
		t.Errorf("seed %+v", seed)
	}
}

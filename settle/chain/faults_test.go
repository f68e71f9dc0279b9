package chain_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/holiman/uint256"

	"attrib/settle/chain"
	"attrib/settle/embedded"
)

// flaky stands before a node and drops connections as told: before a request reaches it, or before its answer is given.
type flaky struct {
	*httptest.Server
	mu         sync.Mutex
	dropBefore func(method string) bool
	dropAfter  func(method string) bool
	asked      int
}

func startFlaky(t *testing.T, node string) *flaky {
	f := &flaky{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, method, _ := strings.Cut(string(body), `"method":"`)
		method, _, _ = strings.Cut(method, `"`)
		f.mu.Lock()
		f.asked++
		before, after := f.dropBefore != nil && f.dropBefore(method), f.dropAfter != nil && f.dropAfter(method)
		f.mu.Unlock()
		if before {
			panic(http.ErrAbortHandler)
		}
		answer, err := http.Post(node, "application/json", bytes.NewReader(body))
		if err != nil || after {
			panic(http.ErrAbortHandler)
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *flaky) set(before, after func(string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropBefore, f.dropAfter = before, after
}

func (f *flaky) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// every says yes to one call in n.
func every(n int) func(string) bool {
	k := 0
	return func(string) bool { k++; return k%n == 0 }
}

func always(what string) func(string) bool { return func(method string) bool { return method == what } }

// servedWorld is a deployed ledger behind a flaky node; its clients are impatient.
func servedWorld(t *testing.T) (*world, *flaky) {
	t.Helper()
	c, err := embedded.New(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s, err := c.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := startFlaky(t, s.URL)
	w := &world{t: t}
	w.open = func(o chain.Options) *chain.Client {
		t.Helper()
		o.Development, o.Poll, o.Pause, o.Attempts = true, 5*time.Millisecond, time.Millisecond, 4
		client, err := chain.Dial(t.Context(), f.URL, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client
	}
	w.deploy(false)
	return w, f
}

func (w *world) deposited() uint64 {
	return do[*chain.Status](w)(w.client(owner, "").Status(w.t.Context())).Deposited.Uint64()
}

func TestDroppedCallsAreRepeated(t *testing.T) {
	w, f := servedWorld(t)
	c := w.client(owner, t.TempDir())
	f.set(every(3), nil)
	do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(7)))
	f.set(nil, every(3)) // answers are lost, so transactions arrive twice
	do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(7)))
	f.set(nil, nil)
	if got := w.deposited(); got != 14 {
		t.Errorf("deposited %d, want 14", got)
	}
}

func TestUnreachableNodeIsNamed(t *testing.T) {
	w, f := servedWorld(t)
	c := w.client(owner, "")
	f.set(func(string) bool { return true }, nil)
	before := f.count()
	_, err := c.Status(t.Context())
	var u *chain.Unreachable
	if !errors.As(err, &u) || u.Attempts != 4 || f.count() != before+4 {
		t.Fatalf("%v after %d requests, want Unreachable after 4", err, f.count()-before)
	}
	host := strings.TrimPrefix(f.URL, "http://")
	if !strings.Contains(err.Error(), "the RPC node at "+host+" did not answer eth_call in 4 attempts") || strings.Contains(err.Error(), "http://") {
		t.Errorf("message: %v", err)
	}
	_, err = chain.Dial(t.Context(), f.URL+"/v1/secret-token", chain.Options{Pause: time.Millisecond, Attempts: 2})
	if !errors.As(err, &u) || strings.Contains(err.Error(), "secret-token") {
		t.Errorf("message: %v", err)
	}
}

func TestAddressesThatNoAttemptCanHelp(t *testing.T) {
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret page", http.StatusUnauthorized) }))
	defer door.Close()
	_, err := chain.Dial(t.Context(), door.URL+"/secret-token", chain.Options{})
	refused(t, "no token", err, nil, "refused eth_chainId with HTTP status 401: check the address and its access token")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("message: %v", err)
	}
	_, err = chain.Dial(t.Context(), "ftp://user:secret@host/", chain.Options{})
	refused(t, "scheme", err, nil, `the RPC address has scheme "ftp": want http`)
	_, err = chain.Dial(t.Context(), "http://127.0.0.1:1/", chain.Options{Attempts: 2, Pause: time.Millisecond})
	refused(t, "nobody listens", err, nil, "the RPC node at 127.0.0.1:1 did not answer eth_chainId in 2 attempts")
}

// TestNothingIsDoneTwice stops a funding at every point where it can be stopped, and runs it again.
func TestNothingIsDoneTwice(t *testing.T) {
	for _, c := range []struct {
		name string
		drop func(f *flaky)
	}{
		{"before the journal", func(f *flaky) { f.set(always("eth_estimateGas"), nil) }},
		{"before the node has it", func(f *flaky) { f.set(always("eth_sendRawTransaction"), nil) }},
		{"before the node's answer", func(f *flaky) { f.set(nil, always("eth_sendRawTransaction")) }},
		{"before the receipt", func(f *flaky) { f.set(always("eth_getTransactionReceipt"), nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, f := servedWorld(t)
			dir := t.TempDir()
			first := w.client(owner, dir)
			c.drop(f)
			if _, err := first.Fund(t.Context(), uint256.NewInt(5)); err == nil {
				if c.name != "before the node's answer" { // "nonce too low" tells it
					t.Fatal("the node was away, yet the funding succeeded")
				}
			}
			first.Close()
			f.set(nil, nil)
			second := w.client(owner, dir)
			if c.name == "before the node's answer" {
				if got := w.deposited(); got != 5 {
					t.Fatalf("deposited %d", got)
				}
				return
			}
			do[*chain.Outcome](w)(second.Fund(t.Context(), uint256.NewInt(5)))
			if got := w.deposited(); got != 5 {
				t.Errorf("deposited %d, want 5 once", got)
			}
			do[*chain.Outcome](w)(second.Fund(t.Context(), uint256.NewInt(5)))
			if got := w.deposited(); got != 10 {
				t.Errorf("a later wish of the same kind: deposited %d, want 10", got)
			}
		})
	}
}

// TestJournalAfterACrash loses the journal's end, as a crash does.
func TestJournalAfterACrash(t *testing.T) {
	w, _ := servedWorld(t)
	dir := t.TempDir()
	path := filepath.Join(dir, chain.JournalFile)
	c := w.client(owner, dir)
	do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(5)))
	if _, err := w.open(chain.Options{}).As(embedded.Keys()[owner], dir); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a journal was opened twice: %v", err)
	}
	c.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines)-1, whole)
	}
	// mined, but the end was not written, or only in part
	for _, left := range [][]byte{bytes.Join(lines[:2], nil), append(bytes.Join(lines[:2], nil), `{"schema":"attrib.jour`...)} {
		if err := os.WriteFile(path, left, 0o600); err != nil {
			t.Fatal(err)
		}
		c = w.client(owner, dir)
		if out := do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(5))); !out.Already || out.Block == 0 {
			t.Errorf("outcome %+v, want the earlier transaction", out)
		}
		c.Close()
		if again, _ := os.ReadFile(path); !bytes.Equal(again, whole) {
			t.Errorf("journal is\n%s\nwant\n%s", again, whole)
		}
	}
	// nothing signed yet: dropped, and the wish is done anew
	if err := os.WriteFile(path, lines[0], 0o600); err != nil {
		t.Fatal(err)
	}
	c = w.client(owner, dir)
	if out := do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(5))); out.Already {
		t.Error("nothing was signed, yet nothing was sent")
	}
	c.Close()
	if got := w.deposited(); got != 10 {
		t.Errorf("deposited %d", got)
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = w.open(chain.Options{}).As(embedded.Keys()[owner], dir)
	refused(t, "another file", err, nil, chain.JournalFile+`:1: field "schema" is missing`)
}

// TestDeployIsFoundAgain: the ledger that an earlier run made is used.
func TestDeployIsFoundAgain(t *testing.T) {
	w, _ := embeddedWorld(t)
	dir := t.TempDir()
	var at [2]string
	for i := range at {
		c := w.client(owner, dir)
		at[i] = do[*chain.Deployment](w)(c.Deploy(t.Context(), config(common.Address{}))).Contract
		c.Close()
	}
	if at[0] != at[1] {
		t.Errorf("two ledgers: %v", at)
	}
	c := w.client(owner, dir)
	other := config(common.Address{})
	other.Window++
	if d := do[*chain.Deployment](w)(c.Deploy(t.Context(), other)); d.Contract == at[0] {
		t.Error("another configuration gave the same ledger")
	}
	other.Poster = other.Arbiter
	other.Bond = new(big.Int)
	_, err := c.Deploy(t.Context(), other)
	refused(t, "bad configuration", err, nil, "cannot be poster and arbiter at once\nbond must be")
}

// slow is a backend that keeps the first transactions to itself, and can forget receipts.
type slow struct {
	chain.Backend
	swallow int // transactions that are accepted and never mined
	forget  int // receipts that are not found although they are there
	after   int // receipts given before that
	sent    []*types.Transaction
	asked   func() // called when a receipt is asked for. Default: none
}

func (s *slow) SendTransaction(ctx context.Context, tx *types.Transaction) error {
	s.sent = append(s.sent, tx)
	if len(s.sent) <= s.swallow {
		return nil
	}
	return s.Backend.SendTransaction(ctx, tx)
}

func (s *slow) TransactionReceipt(ctx context.Context, h common.Hash) (*types.Receipt, error) {
	if s.asked != nil {
		s.asked()
	}
	r, err := s.Backend.TransactionReceipt(ctx, h)
	if err != nil {
		return nil, err
	}
	if s.after > 0 {
		s.after--
		return r, nil
	}
	if s.forget > 0 {
		s.forget--
		return nil, ethereum.NotFound
	}
	return r, nil
}

func TestUnminedTransactionIsReplaced(t *testing.T) {
	w, c := embeddedWorld(t)
	w.deploy(false)
	b := &slow{Backend: c.Backend(), swallow: 2}
	client, err := chain.New(t.Context(), b, chain.Options{Ledger: w.ledger, Key: embedded.Keys()[owner], Poll: 5 * time.Millisecond, BumpAfter: 30 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	out := do[*chain.Outcome](w)(client.Fund(t.Context(), uint256.NewInt(5)))
	if len(b.sent) != 3 || out.Hash != b.sent[2].Hash() {
		t.Fatalf("%d sent, mined %s", len(b.sent), out.Hash)
	}
	for i := 1; i < 3; i++ {
		old, now := b.sent[i-1], b.sent[i]
		tenth := func(x *big.Int) *big.Int {
			return new(big.Int).Div(new(big.Int).Mul(x, big.NewInt(11)), big.NewInt(10))
		}
		if now.Nonce() != old.Nonce() || now.GasTipCap().Cmp(tenth(old.GasTipCap())) < 0 || now.GasFeeCap().Cmp(tenth(old.GasFeeCap())) < 0 || !bytes.Equal(now.Data(), old.Data()) {
			t.Errorf("attempt %d: tip %s cap %s nonce %d, before %s %s %d", i, now.GasTipCap(), now.GasFeeCap(), now.Nonce(), old.GasTipCap(), old.GasFeeCap(), old.Nonce())
		}
	}
	if got := w.deposited(); got != 5 {
		t.Errorf("deposited %d", got)
	}
}

func TestFeeCeilingAndGivingUp(t *testing.T) {
	w, c := embeddedWorld(t)
	w.deploy(false)
	open := func(b chain.Backend, o chain.Options) *chain.Client {
		o.Ledger, o.Key, o.Poll = w.ledger, embedded.Keys()[owner], 5*time.Millisecond
		client, err := chain.New(t.Context(), b, o)
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	_, err := open(c.Backend(), chain.Options{MaxFeePerGas: big.NewInt(10)}).Fund(t.Context(), uint256.NewInt(5))
	refused(t, "ceiling", err, nil, "the ceiling is 10: wait, or raise the ceiling")
	b := &slow{Backend: c.Backend(), swallow: 99}
	_, err = open(b, chain.Options{BumpAfter: 10 * time.Millisecond, GiveUpAfter: 100 * time.Millisecond, MaxFeePerGas: big.NewInt(3e9)}).Fund(t.Context(), uint256.NewInt(5))
	refused(t, "never mined", err, nil, "is not mined after 100ms; it may still be: run the same command again")
	for _, tx := range b.sent {
		if tx.GasFeeCap().Cmp(big.NewInt(3e9)) > 0 {
			t.Errorf("offered %s, more than the ceiling", tx.GasFeeCap())
		}
	}
	ctx, cancel := context.WithCancel(t.Context()) // by the user, once the transaction is waited for
	defer cancel()
	_, err = open(&slow{Backend: c.Backend(), swallow: 99, asked: cancel}, chain.Options{}).Fund(ctx, uint256.NewInt(6))
	refused(t, "interrupted", err, context.Canceled, "was broadcast and is not confirmed yet; the same command goes on waiting")
}

// TestVanishedReceiptIsWaitedForAgain: a reorganisation takes a receipt back before it has its confirmations.
func TestVanishedReceiptIsWaitedForAgain(t *testing.T) {
	w, c := embeddedWorld(t)
	w.deploy(false)
	b := &slow{Backend: c.Backend(), after: 2, forget: 3}
	client, err := chain.New(t.Context(), b, chain.Options{Ledger: w.ledger, Key: embedded.Keys()[owner], Poll: 5 * time.Millisecond, Confirmations: 3})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 2 {
			time.Sleep(60 * time.Millisecond)
			_ = c.Mine(context.Background())
		}
	}()
	out := do[*chain.Outcome](w)(client.Fund(t.Context(), uint256.NewInt(5)))
	head, err := c.Backend().BlockNumber(t.Context())
	if err != nil || b.forget != 0 || head < out.Block+2 {
		t.Errorf("mined in %d, done at %d, %d receipts left to forget (%v)", out.Block, head, b.forget, err)
	}
}

func TestNotEnoughForGas(t *testing.T) {
	w, _ := embeddedWorld(t)
	w.deploy(false)
	poor, err := chain.ParseKey(strings.Repeat("42", 32))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.open(chain.Options{Ledger: w.ledger, Key: poor}).Fund(t.Context(), uint256.NewInt(5))
	refused(t, "no balance", err, nil, "account "+poor.Address().Hex()+" has 0 wei")
}

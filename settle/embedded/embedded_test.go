package embedded

import (
	"bytes"
	"context"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
)

func start(t *testing.T, o Options) *Chain {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestKeysAreThoseOfTheTestPhrase(t *testing.T) {
	for i, want := range []string{"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"} {
		if got := Account(i).Hex(); got != want {
			t.Errorf("account %d: %s, want %s", i, got, want)
		}
	}
	if len(Keys()) != Accounts {
		t.Errorf("%d keys", len(Keys()))
	}
}

func TestChainIDAndBalance(t *testing.T) {
	c := start(t, Options{ChainID: 424242, Balance: big.NewInt(7e18)})
	id, err := c.Backend().ChainID(t.Context())
	if err != nil || id.Uint64() != 424242 {
		t.Fatalf("chain id %s, %v", id, err)
	}
	balance, err := c.Backend().BalanceAt(t.Context(), Account(Accounts-1), nil)
	if err != nil || balance.Cmp(big.NewInt(7e18)) != 0 {
		t.Fatalf("balance %s, %v", balance, err)
	}
}

func TestServeIsLoopbackOnly(t *testing.T) {
	c := start(t, Options{})
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.168.1.1:80", "example.org:80", "[::]:0", "127.0.0.1"} {
		if s, err := c.Serve(t.Context(), addr); err == nil {
			t.Errorf("%s is served at %s", addr, s.URL)
		}
	}
}

// TestServedChain uses it from another goroutine with nothing but ethclient.
func TestServedChain(t *testing.T) {
	c := start(t, Options{ChainID: 31337})
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.Serve(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	failure := make(chan error, 1)
	go func() { failure <- sendByHand(ctx, s.URL) }()
	if err := <-failure; err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct{ kind, host, body, want string }{
		{"application/json", "", `{"jsonrpc":"2.0","id":1,"method":"admin_peers","params":[]}`, "-32601"},
		{"application/json", "", `[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":"x","method":"net_version"}]`, `"result":"0x7a69"},{"jsonrpc":"2.0","id":"x","result":"31337"`},
		{"application/json", "", `{"jsonrpc":`, "-32700"},
		{"application/json", "", `{"jsonrpc":"2.0","id":1,"method":"evm_increaseTime","params":["-5"]}`, "between 0 and a hundred years"},
		{"application/json", "", `{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":["0x` + strings.Repeat("0", 64) + `"]}`, `"result":null`},
		{"text/plain", "", `{}`, "POST with content type"},
		{"application/json", "evil.example", `{}`, "loopback hosts only"},
	} {
		if got := post(t, s.URL, q.kind, q.host, q.body); !strings.Contains(got, q.want) {
			t.Errorf("%s: %s, want %s", q.body, got, q.want)
		}
	}
	cancel()
	if err := s.Wait(); err != nil {
		t.Errorf("end of serving: %v", err)
	}
}

func post(t *testing.T, url, kind, host, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Host = host
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	data, _ := io.ReadAll(w.Body)
	return string(data)
}

// sendByHand transfers 1 wei, then makes time pass.
func sendByHand(ctx context.Context, url string) error {
	eth, err := ethclient.DialContext(ctx, url)
	if err != nil {
		return err
	}
	defer eth.Close()
	id, err := eth.ChainID(ctx)
	if err != nil {
		return err
	}
	to := Account(1)
	tx, err := Keys()[0].SignTx(types.NewTx(&types.DynamicFeeTx{ChainID: id, GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(1e11), Gas: 21000, To: &to, Value: big.NewInt(1)}), id)
	if err != nil {
		return err
	}
	if err := eth.SendTransaction(ctx, tx); err != nil {
		return err
	}
	if _, err := eth.TransactionReceipt(ctx, tx.Hash()); err != nil {
		return err // the block is made before the answer is given
	}
	before, err := eth.HeaderByNumber(ctx, nil)
	if err != nil {
		return err
	}
	if err := eth.Client().CallContext(ctx, nil, "evm_increaseTime", 3600); err != nil {
		return err
	}
	if err := eth.Client().CallContext(ctx, nil, "evm_mine"); err != nil {
		return err
	}
	after, err := eth.HeaderByNumber(ctx, nil)
	if err == nil && after.Time < before.Time+3600 {
		return errTime(after.Time - before.Time)
	}
	return err
}

type errTime uint64

func (e errTime) Error() string { return "time passed: " + (time.Duration(e) * time.Second).String() }

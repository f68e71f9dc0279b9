package ledger_test

import (
	"context"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"attrib/settle/ledger"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
)

// The files beside the bindings are what the bindings were made from.
func TestBindingsMatchTheirFiles(t *testing.T) {
	for name, meta := range map[string]*bind.MetaData{"ledger": &ledger.LedgerMetaData, "testtoken": &ledger.TestTokenMetaData} {
		bin, err := os.ReadFile(name + ".bin")
		if err != nil {
			t.Fatal(err)
		}
		if "0x"+strings.TrimSpace(string(bin)) != meta.Bin {
			t.Errorf("%s.bin differs from the binding: run settle/contracts/generate.sh", name)
		}
		text, err := os.ReadFile(name + ".abi.json")
		if err != nil {
			t.Fatal(err)
		}
		file, err := abi.JSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		bound, err := meta.ParseABI()
		if err != nil {
			t.Fatal(err)
		}
		sameABI(t, name, file, *bound)
	}
}

func sameABI(t *testing.T, name string, file, bound abi.ABI) {
	t.Helper()
	if len(file.Methods) != len(bound.Methods) || len(file.Events) != len(bound.Events) || len(file.Errors) != len(bound.Errors) {
		t.Errorf("%s.abi.json and the binding have different entries", name)
	}
	for key, m := range file.Methods {
		if m.Sig != bound.Methods[key].Sig {
			t.Errorf("%s: method %s is %s in the binding", name, m.Sig, bound.Methods[key].Sig)
		}
	}
	for key, e := range file.Events {
		if e.ID != bound.Events[key].ID {
			t.Errorf("%s: event %s differs", name, key)
		}
	}
	for key, e := range file.Errors {
		if e.ID != bound.Errors[key].ID {
			t.Errorf("%s: error %s differs", name, key)
		}
	}
}

// Ledger and test token deploy, answer, and refuse with errors that the binding decodes.
func TestDeployReadAndRefuse(t *testing.T) {
	key, _ := crypto.ToECDSA(common.LeftPadBytes([]byte{1}, 32))
	self := crypto.PubkeyToAddress(key.PublicKey)
	sim := simulated.NewBackend(types.GenesisAlloc{self: {Balance: new(big.Int).Lsh(big.NewInt(1), 80)}})
	defer sim.Close()
	opts := bind.NewKeyedTransactor(key, big.NewInt(1337))
	token := deploy(t, sim, opts, ledger.TestTokenMetaData.Bin, ledger.NewTestToken().PackConstructor("Test", "TEST", 6))
	l := ledger.NewLedger()
	at := deploy(t, sim, opts, ledger.LedgerMetaData.Bin, l.PackConstructor(ledger.Config{
		Token: token, Owner: self, Poster: self, Arbiter: common.Address{2},
		Window: 60, ResolutionPeriod: 120, Expiry: uint64(time.Now().Add(240 * time.Hour).Unix()),
		Bond: big.NewInt(3), Reward: big.NewInt(5),
	}))
	contract := l.Instance(sim.Client(), at)
	leaf, err := bind.Call(contract, nil, l.PackLeafOf(self, big.NewInt(7)), l.UnpackLeafOf)
	if want := leafOf(at, self, 7); err != nil || leaf != want {
		t.Errorf("leaf %x, %v, want %x", leaf, err, want)
	}
	open, err := bind.Call(contract, nil, l.PackOpenEpoch(), l.UnpackOpenEpoch)
	if err != nil || open.Epoch != 1 || ledger.State(open.Open.State) != ledger.StateOpen {
		t.Errorf("open epoch %+v, %v", open, err)
	}
	_, err = sim.Client().CallContract(context.Background(), ethereum.CallMsg{From: self, To: &at, Data: l.PackCommit(2, [32]byte{1})}, nil)
	refused, ok := err.(interface{ ErrorData() any })
	if !ok {
		t.Fatalf("commit of epoch 2: %v", err)
	}
	decoded, err := l.UnpackError(common.FromHex(refused.ErrorData().(string)))
	if wrong, ok := decoded.(*ledger.LedgerWrongEpoch); !ok || wrong.Want != 1 || wrong.Got != 2 {
		t.Errorf("decoded %#v, %v", decoded, err)
	}
}

func deploy(t *testing.T, sim *simulated.Backend, opts *bind.TransactOpts, bin string, input []byte) common.Address {
	t.Helper()
	address, tx, err := bind.DeployContract(opts, common.FromHex(bin), sim.Client(), input)
	if err != nil {
		t.Fatal(err)
	}
	sim.Commit()
	receipt, err := bind.WaitMined(context.Background(), sim.Client(), tx.Hash())
	if err != nil || receipt.Status != types.ReceiptStatusSuccessful {
		t.Fatalf("deploy: %v, %v", receipt, err)
	}
	return address
}

// leafOf is the leaf written out by hand, for the simulated chain's id.
func leafOf(at, account common.Address, amount int64) [32]byte {
	word := func(b []byte) []byte { return common.LeftPadBytes(b, 32) }
	domain := crypto.Keccak256([]byte("attrib.ledger.leaf.v1"))
	inner := crypto.Keccak256(domain, word(big.NewInt(1337).Bytes()), word(at.Bytes()), word(account.Bytes()), word(big.NewInt(amount).Bytes()))
	return crypto.Keccak256Hash(inner)
}

func TestStateNames(t *testing.T) {
	if ledger.StateOpen.String() != "Open" || ledger.StateFuture.String() != "Future" || ledger.State(9).String() != "unknown" {
		t.Error("state names differ from the contract's")
	}
}

package chain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"attrib/internal/strictjson"
	"attrib/settle"
	"attrib/settle/chain"
	"attrib/settle/embedded"
)

// follows checks a JSON value against a published schema.
func follows(t *testing.T, name string, data []byte) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "schemas", name+".v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v\n%s", name, err, data)
	}
}

func TestWrittenFilesFollowTheirSchemas(t *testing.T) {
	w, _ := embeddedWorld(t)
	dir := t.TempDir()
	d := w.deploy(false)
	if err := d.Write(filepath.Join(dir, "ledger.json")); err != nil {
		t.Fatal(err)
	}
	back := do[*chain.Deployment](w)(chain.ReadDeployment(filepath.Join(dir, "ledger.json")))
	if *back != *d {
		t.Errorf("read %+v, wrote %+v", back, d)
	}
	journal := filepath.Join(dir, "journal")
	c := w.client(poster, journal)
	record := do[*chain.CommitRecord](w)(c.Commit(t.Context(), 1, common.HexToHash("0x5")))
	if err := record.Write(filepath.Join(dir, "commit.json")); err != nil {
		t.Fatal(err)
	}
	if back := do[*chain.CommitRecord](w)(chain.ReadCommit(filepath.Join(dir, "commit.json"))); *back != *record {
		t.Errorf("read %+v, wrote %+v", back, record)
	}
	do[*chain.Outcome](w)(c.Fund(t.Context(), uint256.NewInt(3)))
	for name, file := range map[string]string{"deployment": "ledger.json", "commit": "commit.json"} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		follows(t, name, data)
	}
	data, err := os.ReadFile(filepath.Join(journal, chain.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(lines) != 6 {
		t.Errorf("%d journal lines, want intent, attempt, done twice", len(lines))
	}
	for _, line := range lines {
		follows(t, "journal", line)
	}
	for _, call := range []chain.Call{chain.DeployCall(config(common.Address{})), chain.StakeCall(w.ledger, ether(1)), chain.FinaliseCall(w.ledger, 1)} {
		text, err := strictjson.Marshal(call.Unsigned(1))
		if err != nil {
			t.Fatal(err)
		}
		follows(t, "calldata", text)
	}
}

func TestReadDeploymentRefuses(t *testing.T) {
	w, _ := embeddedWorld(t)
	good, err := strictjson.Marshal(w.deploy(false))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.json")
	for from, want := range map[string][2]string{
		`deployment/1`:                      {`deployment/2`, "from the future"},
		`"window"`:                          {`"windows"`, `unknown field "windows"`},
		embedded.Account(arbiter).Hex()[1:]: {strings.ToUpper(embedded.Account(arbiter).Hex()[1:]), "arbiter"},
	} {
		if err := os.WriteFile(path, bytes.Replace(good, []byte(from), []byte(want[0]), 1), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := chain.ReadDeployment(path)
		refused(t, from, err, nil, want[1])
	}
}

// TestCalldataIsWhatIsSent: a wallet that sends the printed transactions does the same as the client.
func TestCalldataIsWhatIsSent(t *testing.T) {
	w, _ := embeddedWorld(t)
	w.deploy(true)
	own := w.client(owner, "")
	calls := chain.FundCalls(w.ledger, w.token, uint256.NewInt(9))
	if len(calls) != 2 || calls[0].Operation != "approve" || *calls[0].To != w.token {
		t.Fatalf("calls %+v", calls)
	}
	for _, call := range calls {
		u := call.Unsigned(own.ChainID())
		to := common.HexToAddress(u.To)
		value, _ := new(big.Int).SetString(u.Value, 10)
		do[*chain.Outcome](w)(own.Send(t.Context(), chain.Call{Operation: "by wallet", To: &to, Value: value, Data: u.Data}, nil))
	}
	if got := w.deposited(); got != 9 {
		t.Errorf("deposited %d", got)
	}
	e := w.settleEpoch(own, 1, 9, nil, 100)
	u := chain.PostCall(e).Unsigned(1)
	if !strings.Contains(u.Description, e.Root.Hex()) || hexutil.Encode(u.Data[:4]) != hexutil.Encode(crypto.Keccak256([]byte("post(uint64,bytes32,bytes32,bytes32,uint256,uint32)"))[:4]) {
		t.Errorf("%+v", u)
	}
	claim, err := e.Claim(embedded.Account(firstPayee))
	if err != nil || chain.ClaimCall(w.ledger, claim).Operation != "claim" {
		t.Errorf("%v", err)
	}
}

func TestClaimToDigestIsTheGoldenOne(t *testing.T) {
	data, err := os.ReadFile("../testdata/eip712.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		TestKey string
		Cases   []struct {
			Name              string
			Domain            struct{ ChainID, VerifyingContract string }
			Message           map[string]any
			Digest, Signature string
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	key, err := chain.ParseKey(golden.TestKey)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range golden.Cases {
		if c.Name != "claimTo" {
			continue
		}
		found++
		text := func(name string) string { return fmt.Sprint(c.Message[name]) }
		whole := func(name string) *big.Int { n, _ := new(big.Int).SetString(text(name), 10); return n }
		id, _ := strconv.ParseUint(c.Domain.ChainID, 10, 64)
		digest := chain.ClaimTo{Account: common.HexToAddress(text("account")), Recipient: common.HexToAddress(text("recipient")),
			CumulativeAmount: whole("cumulativeAmount"), Nonce: whole("nonce"), Deadline: whole("deadline")}.Digest(id, common.HexToAddress(c.Domain.VerifyingContract))
		signature, err := key.SignDigest(digest)
		if err != nil || digest.Hex() != c.Digest || hexutil.Encode(signature) != c.Signature {
			t.Errorf("digest %s, signature %x (%v), want %s, %s", digest, signature, err, c.Digest, c.Signature)
		}
	}
	if found == 0 {
		t.Error("no case claimTo")
	}
}

const secretText = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"

func TestKeysStaySecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	write := func(name, text string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		_ = os.Remove(p)
		if err := os.WriteFile(p, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	write("key", "0x"+secretText+"\n", 0o600)
	k, err := chain.LoadKey(path)
	if err != nil || k.Address() != embedded.Account(1) {
		t.Fatalf("%v, %v", k, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k)
	fmt.Fprintf(&log, "%v %+v %#v %s %x %d", k, k, k, k, k, k)
	if text, err := json.Marshal(k); err != nil || strings.Contains(string(text), secretText) {
		t.Errorf("JSON: %s, %v", text, err)
	}
	secret, _ := new(big.Int).SetString(secretText, 16)
	if strings.Contains(log.String(), secretText) || strings.Contains(log.String(), secret.String()) || !strings.Contains(log.String(), k.Address().Hex()) {
		t.Errorf("printed: %s", log.String())
	}
	write("key", secretText, 0o644)
	_, err = chain.LoadKey(path)
	refused(t, "open mode", err, nil, "has mode 0644, so others can read it: chmod 600")
	write("key", secretText[1:]+"g", 0o600)
	_, err = chain.LoadKey(path)
	refused(t, "odd key", err, nil, "want 64 hexadecimal digits")
	if strings.Contains(err.Error(), secretText[5:20]) {
		t.Errorf("the error shows the key: %v", err)
	}
	private, err := crypto.HexToECDSA(secretText)
	if err != nil {
		t.Fatal(err)
	}
	store := keystore.NewKeyStore(filepath.Join(dir, "store"), keystore.LightScryptN, keystore.LightScryptP)
	account, err := store.ImportECDSA(private, "swordfish")
	if err != nil {
		t.Fatal(err)
	}
	if k, err := chain.LoadKeystore(account.URL.Path, write("password", "swordfish\n", 0o600)); err != nil || k.Address() != embedded.Account(1) {
		t.Errorf("keystore: %v, %v", k, err)
	}
	_, err = chain.LoadKeystore(account.URL.Path, write("password", "herring", 0o600))
	refused(t, "wrong password", err, keystore.ErrDecrypt, "keystore")
}

func TestSettledForAnotherLedger(t *testing.T) {
	w, _ := embeddedWorld(t)
	w.deploy(false)
	c := w.client(poster, "")
	e := w.settleEpoch(c, 1, 10, nil, 100)
	e.ChainID = 5
	_, err := c.Post(t.Context(), e)
	refused(t, "another chain", err, nil, "serves chain id 1337, expected is 5")
	e.ChainID, e.Ledger = 1337, common.HexToAddress("0x1234")
	_, err = c.Post(t.Context(), e)
	refused(t, "another ledger", err, nil, "its proofs would be worthless there")
	_ = settle.Claim{}
}

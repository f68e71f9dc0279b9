package corpus

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"
)

// goldenClaim is a case of settle/testdata/eip712.json, which ethers made.
type goldenClaim struct {
	Name   string
	Domain struct {
		Name    string
		ChainID string `json:"chainId"`
	}
	PrimaryType string
	Message     struct {
		Contributor, Licence, Nonce, Deadline string
		Payout                                common.Address
		ContentRoot                           common.Hash
	}
	EncodeType        string
	Digest, Signature string
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	v, ok := new(big.Int).SetString(s, 0)
	if !ok || !v.IsUint64() {
		t.Fatalf("%q is no 64-bit number", s)
	}
	return v.Uint64()
}

func TestDigestIsThatOfEthers(t *testing.T) {
	var golden struct {
		Signer common.Address
		Cases  []json.RawMessage
	}
	data, err := os.ReadFile(filepath.Join("..", "settle", "testdata", "eip712.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, raw := range golden.Cases {
		var head struct{ PrimaryType string }
		if err := json.Unmarshal(raw, &head); err != nil {
			t.Fatal(err)
		}
		if head.PrimaryType != "Claim" {
			continue
		}
		var g goldenClaim
		if err := json.Unmarshal(raw, &g); err != nil {
			t.Fatal(err)
		}
		n++
		c := Claim{Contributor: g.Message.Contributor, Payout: g.Message.Payout, ContentRoot: g.Message.ContentRoot, Licence: g.Message.Licence,
			Nonce: number(t, g.Message.Nonce), Deadline: number(t, g.Message.Deadline), ChainID: number(t, g.Domain.ChainID),
			Signature: hexutil.MustDecode(g.Signature)}
		if got := c.Digest().Hex(); got != g.Digest || g.EncodeType != ClaimType {
			t.Errorf("%s: digest %s, want %s", g.Name, got, g.Digest)
		}
		if got, err := c.Recover(); err != nil || got != golden.Signer {
			t.Errorf("%s: signer %s, %v, want %s", g.Name, got, err, golden.Signer)
		}
	}
	if n < 2 {
		t.Errorf("%d claims among the golden vectors, want at least 2", n)
	}
}

// typedDataDigest is the digest as go-ethereum's wallet code makes it.
func typedDataDigest(t *testing.T, c *Claim) common.Hash {
	t.Helper()
	field := func(name, kind string) apitypes.Type { return apitypes.Type{Name: name, Type: kind} }
	whole := func(v uint64) *math.HexOrDecimal256 { return (*math.HexOrDecimal256)(new(big.Int).SetUint64(v)) }
	digest, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{
		Types: apitypes.Types{
			"EIP712Domain": {field("name", "string"), field("version", "string"), field("chainId", "uint256")},
			"Claim": {field("contributor", "string"), field("payout", "address"), field("contentRoot", "bytes32"),
				field("licence", "string"), field("nonce", "uint256"), field("deadline", "uint256")},
		},
		PrimaryType: "Claim",
		Domain:      apitypes.TypedDataDomain{Name: "attrib", Version: "1", ChainId: whole(c.ChainID)},
		Message: apitypes.TypedDataMessage{"contributor": c.Contributor, "payout": c.Payout.Hex(), "contentRoot": c.ContentRoot.Hex(),
			"licence": c.Licence, "nonce": whole(c.Nonce), "deadline": whole(c.Deadline)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return common.BytesToHash(digest)
}

func TestDigestIsThatOfWallets(t *testing.T) {
	for _, c := range []*Claim{
		{},
		{Contributor: "ü\n\"", Licence: "CC-BY-4.0", Nonce: 1 << 63, Deadline: ^uint64(0), ChainID: 1, Payout: common.Address{1}, ContentRoot: common.Hash{31: 1}},
		{Contributor: strings.Repeat("long ", 50), Nonce: 1, ChainID: 1337, Payout: common.Address{19: 255}},
	} {
		if got, want := c.Digest(), typedDataDigest(t, c); got != want {
			t.Errorf("digest %s, want %s", got, want)
		}
	}
}

const testDeadline = 2_000_000_000

// signed is the good folder with claims of ann and bob.
func signed(t *testing.T) (dir string, f files) {
	t.Helper()
	f = good().with(t, "corpus.jsonl", `"label":2,"contributor":"ann"`, `"label":2,"contributor":"ann","licence":"MIT"`)
	dir = f.write(t)
	for _, id := range []string{"ann", "bob"} {
		if _, err := Sign(dir, id, KeySigner(testKey(id)), SignOptions{ChainID: 5, Deadline: testDeadline}); err != nil {
			t.Fatal(err)
		}
	}
	return dir, f.set("contributors.jsonl", mustRead(t, filepath.Join(dir, "contributors.jsonl")))
}

func TestClaimsThatHold(t *testing.T) {
	dir, _ := signed(t)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, rules := range []ClaimRules{{}, {Now: time.Unix(testDeadline, 999)}, {ChainID: 5, Require: true}} {
		if err := c.CheckClaims(rules); err != nil {
			t.Errorf("%+v: %v", rules, err)
		}
	}
}

func TestClaimRules(t *testing.T) {
	dir, _ := signed(t)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for want, rules := range map[string]ClaimRules{
		`contributor "ann": field "claim": expired at 2033-05-18T03:33:20Z`: {Now: time.Unix(testDeadline+1, 0)},
		`contributor "bob": field "claim": is for chain 5, want 6`:          {ChainID: 6},
	} {
		if err := c.CheckClaims(rules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	err = good().open(t).CheckClaims(ClaimRules{Require: true})
	if err == nil || strings.Count(err.Error(), "is missing") != 2 {
		t.Errorf("error is %v, want two claims missing", err)
	}
}

// claimOf changes the claim in a contributor's line of a signed folder, without or with a new signature.
func claimOf(t *testing.T, id, key string, change func(*Claim)) files {
	t.Helper()
	_, f := signed(t)
	var out []string
	for _, line := range strings.SplitAfter(f["contributors.jsonl"], "\n") {
		var c Contributor
		if line != "" && json.Unmarshal([]byte(line), &c) == nil && c.ID == id {
			change(c.Claim.Claim)
			if key != "" {
				sig, err := KeySigner(testKey(key))(c.Claim.Claim)
				if err != nil {
					t.Fatal(err)
				}
				sig[64] += 27
				c.Claim.Claim.Signature = sig
			}
			data, err := jsonLine(c)
			if err != nil {
				t.Fatal(err)
			}
			line = string(data)
		}
		out = append(out, line)
	}
	return f.set("contributors.jsonl", strings.Join(out, ""))
}

func TestClaimsThatDoNotHold(t *testing.T) {
	_, base := signed(t)
	s := func(old, new string) files { return base.with(t, "corpus.jsonl", old, new) }
	tests := []struct {
		name  string
		files files
		want  string
	}{
		{"sample edited", s(`[4,5,6]`, `[4,5,7]`), `contributor "bob": field "claim": was signed for other content`},
		{"sample added", s(`{"id":"s2"`, `{"id":"s9","content":[1,1,1],"label":0,"contributor":"bob"}`+"\n"+`{"id":"s2"`), `contributor "bob": field "claim": was signed for other content`},
		{"licence of a sample", s(`"bob","licence":"MIT"`, `"bob","licence":"GPL"`), `contributor "bob": field "claim": is for the licence "MIT", but sample "s2" has "GPL"`},
		{"signed by another", claimOf(t, "bob", "ann", func(*Claim) {}), `contributor "bob": field "claim": is forged`},
		{"deadline changed", claimOf(t, "bob", "", func(c *Claim) { c.Deadline++ }), `contributor "bob": field "claim": is forged`},
		{"chain changed", claimOf(t, "bob", "", func(c *Claim) { c.ChainID++ }), `contributor "bob": field "claim": is forged`},
		{"nonce changed", claimOf(t, "bob", "", func(c *Claim) { c.Nonce++ }), `contributor "bob": field "claim": is forged`},
		{"licence changed", claimOf(t, "bob", "", func(c *Claim) { c.Licence = "GPL" }), `contributor "bob": field "claim": is forged`},
		{"root changed", claimOf(t, "bob", "", func(c *Claim) { c.ContentRoot[0]++ }), `contributor "bob": field "claim": was signed for other content`},
		{"short signature", claimOf(t, "bob", "", func(c *Claim) { c.Signature = c.Signature[:64] }), "signature has 64 bytes"},
		{"wild v", claimOf(t, "bob", "", func(c *Claim) { c.Signature[64] = 29 }), "signature ends in 29"},
		{"second signature", claimOf(t, "bob", "", malleate), "r or s is out of range"},
		{"zero signature", claimOf(t, "bob", "", func(c *Claim) { copy(c.Signature, make([]byte, 64)) }), "r or s is out of range"},
		{"other contributor", claimOf(t, "bob", "bob", func(c *Claim) { c.Contributor = "ann" }), `contributor "bob": field "claim": belongs to contributor "ann"`},
		{"other payout", claimOf(t, "bob", "ann", func(c *Claim) { c.Payout, c.Nonce = common.HexToAddress(testAddress("ann")), 77 }),
			`contributor "bob": field "claim": pays ` + testAddress("ann")},
		{"replay", claimOf(t, "bob", "ann", func(c *Claim) { c.Payout = common.HexToAddress(testAddress("ann")) }),
			`contributor "bob": field "claim": is a replay: nonce 1 of ` + testAddress("ann") + ` is used by contributor "ann"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Open(test.files.write(t)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %s", err, test.want)
			}
			if _, err := Check(test.files.write(t), ClaimRules{}); err == nil {
				t.Error("Check takes it")
			}
		})
	}
}

// malleate makes the other signature of the same message: s becomes n − s.
func malleate(c *Claim) {
	s := new(big.Int).SetBytes(c.Signature[32:64])
	s.Sub(crypto.S256().Params().N, s).FillBytes(c.Signature[32:64])
	c.Signature[64] = 55 - c.Signature[64]
}

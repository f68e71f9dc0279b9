package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/atomicfile"
)

var someClaim = SignOptions{ChainID: 5, Deadline: testDeadline, Licence: "MIT"}

func TestSignLeavesOtherLinesAlone(t *testing.T) {
	f := good()
	f["contributors.jsonl"] = strings.Replace(f["contributors.jsonl"], `{"id":"rev",`, "\n  { \"id\" : \"rev\", ", 1)
	f["contributors.jsonl"] = strings.TrimSuffix(f["contributors.jsonl"], "\n")
	dir := f.write(t)
	claim, err := Sign(dir, "bob", KeySigner(testKey("bob")), someClaim)
	if err != nil {
		t.Fatal(err)
	}
	before := strings.SplitAfter(f["contributors.jsonl"], "\n")
	after := strings.SplitAfter(mustRead(t, filepath.Join(dir, "contributors.jsonl")), "\n")
	if len(before) != len(after) {
		t.Fatalf("%d lines, want %d", len(after), len(before))
	}
	for i := range before {
		if (before[i] == after[i]) != (i != 1) {
			t.Errorf("line %d is %q, was %q", i+1, after[i], before[i])
		}
	}
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	bob := c.Contributors[1]
	if got := bob.Claim.Claim; got.Digest() != claim.Digest() || got.ContentRoot != c.ContentRoot(1) || got.Nonce != 1 || bob.Unit != "ann" {
		t.Errorf("contributor is %+v with the claim %+v", bob, got)
	}
}

func TestSignAgain(t *testing.T) {
	dir, f := signed(t)
	edited := f.with(t, "corpus.jsonl", `[4,5,6]`, `[4,5,7]`)["corpus.jsonl"]
	if err := os.WriteFile(filepath.Join(dir, "corpus.jsonl"), []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	claim, err := Sign(dir, "bob", KeySigner(testKey("bob")), someClaim)
	if err != nil || claim.Nonce != 2 {
		t.Fatalf("claim %+v, %v", claim, err)
	}
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}

func TestSignRefuses(t *testing.T) {
	two := good().with(t, "corpus.jsonl", `{"id":"s2"`, `{"id":"s9","content":[1,1,1],"licence":"GPL","contributor":"ann"}`+"\n"+`{"id":"s2"`)
	tests := []struct {
		name  string
		files files
		id    string
		key   string
		opts  SignOptions
		want  []string
	}{
		{"wrong key", good(), "bob", "ann", someClaim, []string{`contributor "bob"`, "the key belongs to " + testAddress("ann")}},
		{"nobody", good(), "eve", "ann", someClaim, []string{`no contributor "eve"`}},
		{"two licences", two, "ann", "ann", SignOptions{ChainID: 5, Deadline: 1}, []string{`contributor "ann"`, `"GPL" "MIT"`}},
		{"other licence", good(), "bob", "bob", SignOptions{ChainID: 5, Deadline: 1, Licence: "GPL"}, []string{`contributor "bob"`, `"MIT"`, `"GPL"`}},
		{"no options", good(), "bob", "bob", SignOptions{}, []string{"chain id", "deadline"}},
		{"bad folder", good().with(t, "corpus.jsonl", `"bob"`, `"eve"`), "ann", "ann", someClaim, []string{`"eve"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.files.write(t)
			_, err := Sign(dir, test.id, KeySigner(testKey(test.key)), test.opts)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is %v, want %s", err, want)
				}
			}
			if got := mustRead(t, filepath.Join(dir, "contributors.jsonl")); got != test.files["contributors.jsonl"] {
				t.Error("the contributors file was written")
			}
		})
	}
}

func TestSignWaitsForNobody(t *testing.T) {
	dir := good().write(t)
	release, err := atomicfile.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := Sign(dir, "bob", KeySigner(testKey("bob")), someClaim); !errors.Is(err, atomicfile.ErrInUse) {
		t.Errorf("error is %v", err)
	}
}

func TestSignIntoAFile(t *testing.T) {
	f := good().with(t, "contributors.jsonl", `"unit":"ann"`, `"unit":"ann","claim":"claims/bob.json"`)
	dir := f.write(t)
	for want := uint64(1); want <= 2; want++ {
		claim, err := Sign(dir, "bob", KeySigner(testKey("bob")), someClaim)
		if err != nil || claim.Nonce != want {
			t.Fatalf("claim %+v, %v", claim, err)
		}
	}
	if mustRead(t, filepath.Join(dir, "contributors.jsonl")) != f["contributors.jsonl"] {
		t.Error("the contributors file was written")
	}
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckClaims(ClaimRules{ChainID: 5}); err != nil || c.Contributors[1].Claim.Claim.Nonce != 2 {
		t.Errorf("claim %+v, %v", c.Contributors[1].Claim.Claim, err)
	}
}

func TestSignIntoACSVFolder(t *testing.T) {
	f := asCSV(t)
	if _, err := Sign(f.write(t), "bob", KeySigner(testKey("bob")), someClaim); err == nil || !strings.Contains(err.Error(), `contributors.csv:3: fill in the column "claim"`) {
		t.Errorf("error is %v", err)
	}
	dir := f.with(t, "contributors.csv", "data,ann,", "data,ann,bob.json").write(t)
	if _, err := Sign(dir, "bob", KeySigner(testKey("bob")), someClaim); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}

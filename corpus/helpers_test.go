package corpus

import (
	"crypto/ecdsa"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

// files is a folder by file name.
type files map[string]string

func testKey(id string) *ecdsa.PrivateKey {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("corpus test key"), []byte(id)))
	if err != nil {
		panic(err)
	}
	return key
}

func testAddress(id string) string { return crypto.PubkeyToAddress(testKey(id).PublicKey).Hex() }

// good is a small folder with every kind of record.
func good() files {
	return files{
		"contributors.jsonl": fmt.Sprintf(`{"id":"ann","address":"%s","role":"data"}
{"id":"bob","address":"%s","role":"data","unit":"ann"}
{"id":"pip","address":"%s","role":"prompt"}
{"id":"rev","address":"%s","role":"review","meta":{"note":1}}
`, testAddress("ann"), testAddress("bob"), testAddress("pip"), testAddress("rev")),
		"corpus.jsonl": `{"id":"s1","content":[1,2.5,-3],"label":0,"contributor":"ann","licence":"MIT"}
{"id":"s2","content":[4,5,6],"label":1,"contributor":"bob","licence":"MIT","split":"train","meta":{"a":[1]}}

{"id":"s3","content":[7,8,9],"label":2,"contributor":"ann","sha256":"6554d94398037fe689fa644f94253122827a2be4eb5fdef60ada7426983487a2"}
{"id":"s4","content":[0,0,1],"label":1,"split":"held-out"}
`,
		"queries.jsonl": `{"id":"q1","content":[1,1,1],"label":3,"weight":"1000000000000000000000","promptBy":"pip","reviewedBy":"rev"}
{"id":"q2","content":[2,2,2],"label":0,"weight":7}
`,
		"approvals.jsonl": `{"query":"q1","by":"rev","verdict":"approved"}
`,
	}
}

// with replaces, in one file, old by new; old must be there.
func (f files) with(t *testing.T, name, old, new string) files {
	t.Helper()
	if !strings.Contains(f[name], old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	out := maps.Clone(f)
	out[name] = strings.Replace(f[name], old, new, 1)
	return out
}

func (f files) set(name, text string) files {
	out := maps.Clone(f)
	out[name] = text
	return out
}

func (f files) without(name string) files {
	out := maps.Clone(f)
	delete(out, name)
	return out
}

func (f files) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (f files) open(t *testing.T) *Corpus {
	t.Helper()
	c, err := Open(f.write(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

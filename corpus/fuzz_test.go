package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzCorpus: no samples file makes Open panic; one that it accepts is read again without an error.
func FuzzCorpus(f *testing.F) {
	f.Add([]byte(`{"id": "s1", "content": [1, 2], "contributor": "a"}`+"\n"), false)
	f.Add([]byte(`{"id": "s1", "contributor": "a", "sha256": "`+string(make([]byte, 64))+`"}`+"\n"), false)
	f.Add([]byte("id,features,contributor\ns1,1 2,a\n"), true)
	f.Add([]byte("id,content,contributor\n\"s\n1\",x,a\n"), true)
	f.Fuzz(func(t *testing.T, data []byte, csv bool) {
		dir, name := t.TempDir(), "corpus.jsonl"
		if csv {
			name = "corpus.csv"
		}
		for file, text := range map[string][]byte{
			name:                 data,
			"contributors.jsonl": []byte(`{"id": "a", "address": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "role": "data"}` + "\n"),
			"queries.jsonl":      []byte(`{"id": "q1", "content": [1, 2]}` + "\n"),
		} {
			if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Open(dir)
		if err != nil {
			return
		}
		n := 0
		if err := c.Samples(func(int64, Sample) error { n++; return nil }); err != nil || n != c.Len() {
			t.Fatalf("%d of %d samples, %v", n, c.Len(), err)
		}
	})
}

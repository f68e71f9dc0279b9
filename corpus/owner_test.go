package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOwnersLabelsAndCounts(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"corpus.jsonl": `{"id":"a","content":[1,2],"label":1,"contributor":"ada"}
{"id":"b","content":[3,4],"label":0,"contributor":"ada","split":"held-out"}
{"id":"c","content":[5,6],"contributor":"bob"}
{"id":"d","content":[5,7],"label":1,"split":"held-out"}
`,
		"contributors.jsonl": `{"id":"bob","address":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","role":"data"}
{"id":"ada","address":"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266","role":"data"}
`,
		"queries.jsonl": `{"id":"q","content":[1,1],"label":1}` + "\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range []string{"ada", "ada", "bob", ""} {
		if got := c.Owner(int64(row)); got != want {
			t.Errorf("row %d belongs to %q, want %q", row, got, want)
		}
	}
	for row, want := range []int32{1, 0, -1, 1} {
		if got := c.Label(int64(row)); got != want {
			t.Errorf("row %d has label %d, want %d", row, got, want)
		}
	}
	if got := c.TrainCounts(); got[0] != 1 || got[1] != 1 {
		t.Errorf("training samples by contributor %v, want [1 1]: held-out ones do not count", got)
	}
	if c.Count(SplitHeldOut) != 2 || c.Count(SplitTrain) != 2 {
		t.Errorf("%d held out, %d for training, want 2 and 2", c.Count(SplitHeldOut), c.Count(SplitTrain))
	}
}

package corpus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func equalBatches(t *testing.T, got, want *Batch) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("batch is %+v, want %+v", got, want)
	}
}

func TestLoad(t *testing.T) {
	c := good().open(t)
	b, err := c.Load(SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	equalBatches(t, b, &Batch{Row: []int64{0, 1, 2}, ID: []string{"s1", "s2", "s3"}, Width: 3, X: []float32{1, 2.5, -3, 4, 5, 6, 7, 8, 9},
		Y: []int32{0, 1, 2}, Contributor: []int32{0, 1, 0}})
	if b, err = c.LoadQueries(); err != nil {
		t.Fatal(err)
	}
	equalBatches(t, b, &Batch{Row: []int64{0, 1}, ID: []string{"q1", "q2"}, Width: 3, X: []float32{1, 1, 1, 2, 2, 2}, Y: []int32{3, 0}})
	if b, err = c.Load(SplitTest); err != nil || b.Len() != 0 {
		t.Errorf("split test has %d samples, %v", b.Len(), err)
	}
}

// many has n samples of one number, every third held out.
func many(t *testing.T, n int) *Corpus {
	t.Helper()
	var text strings.Builder
	for i := range n {
		split := SplitTrain
		if i%3 == 2 {
			split = SplitHeldOut
		}
		fmt.Fprintf(&text, `{"id":"s%d","content":[%d],"label":%d,"contributor":"%s","split":"%s"}`+"\n", i, i, i%5, []string{"ann", "bob"}[i%2], split)
	}
	return good().set("corpus.jsonl", text.String()).set("queries.jsonl", `{"id":"q","content":[0]}`).without("approvals.jsonl").open(t)
}

func TestBatchesAddUp(t *testing.T) {
	c := many(t, 50)
	want, err := c.Load(SplitTrain)
	if err != nil || want.Len() != 34 {
		t.Fatalf("%d samples, %v", want.Len(), err)
	}
	for _, size := range []int{1, 2, 7, 17, 34, 35} {
		got := &Batch{Width: 1}
		err := c.Batches(SplitTrain, size, func(b *Batch) error {
			if b.Len() == 0 || b.Len() > size {
				t.Errorf("a batch of %d, at most %d", b.Len(), size)
			}
			got.Row, got.ID, got.X = append(got.Row, b.Row...), append(got.ID, b.ID...), append(got.X, b.X...)
			got.Y, got.Contributor = append(got.Y, b.Y...), append(got.Contributor, b.Contributor...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		equalBatches(t, got, want)
	}
	if err := c.Batches(SplitTrain, 0, nil); err == nil {
		t.Error("batches of 0 are accepted")
	}
	stop := errors.New("stop")
	if err := c.Batches(SplitTrain, 5, func(*Batch) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error is %v", err)
	}
}

func TestNeedLabels(t *testing.T) {
	c := good().with(t, "corpus.jsonl", `"label":1,`, ``).open(t)
	b, err := c.Load(SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.NeedLabels(); err == nil || !strings.Contains(err.Error(), `"s2"`) {
		t.Errorf("error is %v", err)
	}
	if b, _ = c.LoadQueries(); b.NeedLabels() != nil {
		t.Error("labelled queries are refused")
	}
}

func TestChangesAfterOpenAreSeen(t *testing.T) {
	for _, edit := range [][2]string{{`[4,5,6]`, `[4,5,7]`}, {`"s2"`, `"t2"`}, {`"label":1`, `"label":2`}, {`"train"`, `"test"`}, {`{"id":"s4","content":[0,0,1],"label":1,"split":"held-out"}`, ``}, {`{"id":"s2"`, `{`}} {
		f := good()
		dir := f.write(t)
		c, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		changed := f.with(t, "corpus.jsonl", edit[0], edit[1])["corpus.jsonl"]
		if err := os.WriteFile(filepath.Join(dir, "corpus.jsonl"), []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := c.Samples(func(int64, Sample) error { return nil }); !errors.Is(err, errChanged) {
			t.Errorf("%s → %s: error is %v", edit[0], edit[1], err)
		}
	}
}

func TestImages(t *testing.T) {
	dir := good().set("corpus.jsonl", `{"id":"a","path":"i/a.png","label":0,"contributor":"ann"}
{"id":"b","path":"i/b.pgm","label":1,"contributor":"bob"}
{"id":"c","path":"i/c.PGM","label":1,"contributor":"bob"}
{"id":"d","content":[0,0.5,1,0.25,0,0],"label":1,"contributor":"bob"}
`).set("queries.jsonl", `{"id":"q","path":"i/a.png"}`).without("approvals.jsonl").
		set("i/a.png", greyPNG(t, 3, 2, []byte{0, 51, 255, 1, 2, 3})).
		set("i/b.pgm", "P2 # plain\n3 2\n# largest\n4\n0 1 2\n3 4 0\n").
		set("i/c.PGM", "P5\n3 2\n65535\n\x00\x00\xff\xff\x00\x01\x01\x00\x00\x00\x80\x00").write(t)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Load(SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 51. / 255, 1, 1. / 255, 2. / 255, 3. / 255, 0, .25, .5, .75, 1, 0, 0, 1, 1. / 65535, 256. / 65535, 0, 32768. / 65535, 0, .5, 1, .25, 0, 0}
	if !slices.Equal(b.X, want) {
		t.Errorf("features %v, want %v", b.X, want)
	}
	if q, err := c.LoadQueries(); err != nil || !slices.Equal(q.X, want[:6]) {
		t.Errorf("query %v, %v", q, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "i", "b.pgm"), []byte("P2 3 2 4 0 1 2 3 4 1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Load(SplitTrain); err == nil || !strings.Contains(err.Error(), `sample "b": the asset was edited`) {
		t.Errorf("an image that was edited after opening: %v", err)
	}
}

func TestBadImages(t *testing.T) {
	for name, data := range map[string]string{
		"short": "P5 2 2 255\n\x01\x02\x03", "bright": "P2 1 1 3 4", "magic": "P6 1 1 255\n\x01\x02\x03", "no size": "P5", "huge": "P5 99999 99999 255\n",
		"negative": "P2 -1 -1 255 1", "word": "P2 1 1 255 x", "empty": "",
	} {
		if v, err := imageFeatures("x.pgm", []byte(data)); err == nil || !strings.Contains(err.Error(), "x.pgm") {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	if _, err := imageFeatures("x.png", []byte("no")); err == nil {
		t.Error("a broken PNG is accepted")
	}
}

// TestAbsent: a corpus without content, for features that are made elsewhere.
func TestAbsent(t *testing.T) {
	write := func(lines string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"corpus.jsonl":       lines,
			"contributors.jsonl": `{"id": "a", "address": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "role": "data"}`,
			"queries.jsonl":      `{"id": "q1"}`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	sum := strings.Repeat("ab", 32)
	dir := write(`{"id": "s1", "contributor": "a"}` + "\n" + `{"id": "s2", "contributor": "a", "sha256": "` + sum + `"}`)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.Kind() != KindAbsent || c.Width() != 0 || c.Len() != 2 {
		t.Errorf("kind %q, width %d, %d samples", c.Kind(), c.Width(), c.Len())
	}
	var sums []string
	err = c.Samples(func(_ int64, s Sample) error {
		sums = append(sums, s.SHA256)
		_, err := c.Features(s)
		if err == nil || !strings.Contains(err.Error(), "no content in the corpus") {
			t.Errorf("features: %v", err)
		}
		return nil
	})
	if err != nil || len(sums) != 2 || sums[0] != "" || sums[1] != sum {
		t.Errorf("hashes %q, error %v", sums, err)
	}
	other, err := Open(write(`{"id": "s1", "contributor": "a"}` + "\n" + `{"id": "s2", "contributor": "a"}`))
	if err != nil || other.Hash() == c.Hash() {
		t.Errorf("the sha256 of absent content is not part of the corpus hash (%v)", err)
	}
	report, err := Check(dir, ClaimRules{})
	if err != nil || report.Unhashed != 1 || report.Contributors[0].Shared != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	_, err = Open(write(`{"id": "s1", "contributor": "a", "content": [1]}` + "\n" + `{"id": "s2", "contributor": "a"}`))
	if err == nil || !strings.Contains(err.Error(), `sample "s2": field "content": is missing`) {
		t.Errorf("error %v", err)
	}
}

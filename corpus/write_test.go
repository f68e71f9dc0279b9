package corpus

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func greyPNG(t *testing.T, w, h int, pixels []byte) string {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, &image.Gray{Pix: pixels, Stride: w, Rect: image.Rect(0, 0, w, h)}); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// records reads the samples of a corpus back.
func records(t *testing.T, c *Corpus) Folder {
	t.Helper()
	f := Folder{Contributors: c.Contributors, Queries: c.Queries, Approvals: c.Approvals}
	err := c.Samples(func(_ int64, s Sample) error {
		f.Samples = append(f.Samples, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWriteAndOpen(t *testing.T) {
	dir, _ := signed(t)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, b := t.TempDir(), t.TempDir()
	for _, to := range []string{a, b} {
		if err := Write(to, records(t, c)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Open(a)
	if err != nil {
		t.Fatal(err)
	}
	if got.Hash() != c.Hash() || got.QueriesHash() != c.QueriesHash() || !reflect.DeepEqual(got.Contributors[0].Claim, c.Contributors[0].Claim) {
		t.Error("the corpus changed on its way through Write")
	}
	for _, name := range []string{"corpus.jsonl", "contributors.jsonl", "queries.jsonl", "approvals.jsonl"} {
		if mustRead(t, filepath.Join(a, name)) != mustRead(t, filepath.Join(b, name)) {
			t.Errorf("%s: the same records gave other bytes", name)
		}
	}
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "schemas", name+".v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validates(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestWrittenFilesMatchTheirSchemas(t *testing.T) {
	dir, _ := signed(t)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := Write(out, records(t, c)); err != nil {
		t.Fatal(err)
	}
	for file, name := range map[string]string{"corpus": "sample", "contributors": "contributor", "queries": "query", "approvals": "approval"} {
		s := schema(t, name)
		for i, line := range strings.Split(strings.TrimSpace(mustRead(t, filepath.Join(out, file+".jsonl"))), "\n") {
			if err := validates(t, s, line); err != nil {
				t.Errorf("%s.jsonl:%d: %v", file, i+1, err)
			}
			if err := validates(t, s, strings.Replace(line, "{", `{"zzz":1,`, 1)); err == nil {
				t.Errorf("%s: the schema takes an unknown field", name)
			}
		}
	}
	claim, err := json.Marshal(c.Contributors[0].Claim.Claim)
	if err != nil {
		t.Fatal(err)
	}
	if err := validates(t, schema(t, "claim"), string(claim)); err != nil {
		t.Error(err)
	}
	r, err := Check(dir, ClaimRules{Now: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	report, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := validates(t, schema(t, "corpus-report"), string(report)); err != nil {
		t.Error(err)
	}
}

// The schemas refuse what Open refuses, where a schema can say it.
func TestSchemasRefuse(t *testing.T) {
	for name, lines := range map[string][]string{
		"sample": {`{"contributor":"b"}`, `{"id":"a","content":[1]}`, `{"id":"a","content":[],"contributor":"b"}`, `{"id":"a","content":"x","path":"y","contributor":"b"}`,
			`{"id":"a","content":["1"],"contributor":"b"}`, `{"id":"a","content":"x","contributor":"b","label":-1}`, `{"id":"a","content":"x","contributor":"b","split":"all"}`},
		"contributor": {`{"id":"a","address":"0x00","role":"data"}`, `{"id":"a","address":"0x0000000000000000000000000000000000000001","role":"none"}`},
		"query":       {`{"label":1}`, `{"id":"a","content":"x","label":1,"target":"y"}`, `{"id":"a","content":"x","weight":0}`, `{"id":"a","content":"x","weight":"1.5"}`},
		"approval":    {`{"query":"a","by":"b","verdict":"fine"}`},
	} {
		for _, line := range lines {
			if validates(t, schema(t, name), line) == nil {
				t.Errorf("%s takes %s", name, line)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	dir, _ := signed(t)
	r, err := Check(dir, ClaimRules{Now: time.Unix(testDeadline, 0)})
	if err != nil {
		t.Fatal(err)
	}
	ann, rev := r.Contributors[0], r.Contributors[3]
	if r.Samples != 4 || r.Train != 3 || r.Unhashed != 3 || r.Earned.String() != "1000000000000000000007" || len(r.Warnings) != 0 {
		t.Errorf("report is %+v", r)
	}
	if ann.Samples != 2 || ann.Claim != "valid" || ann.Until != "2033-05-18T03:33:20Z" || rev.Claim != "none" || rev.Samples != 0 {
		t.Errorf("contributors are %+v", r.Contributors)
	}
	if r, err = Check(dir, ClaimRules{}); err != nil || r.Contributors[0].Claim != "signed" {
		t.Errorf("without a time the claim is %q, %v", r.Contributors[0].Claim, err)
	}
	if _, err = Check(dir, ClaimRules{Now: time.Unix(testDeadline+1, 0)}); err == nil {
		t.Error("expired claims pass")
	}
}

func TestSharedContent(t *testing.T) {
	r, err := Check(good().with(t, "corpus.jsonl", `[4,5,6]`, `[7,8,9]`).write(t), ClaimRules{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Contributors[0].Shared != 1 || r.Contributors[1].Shared != 1 {
		t.Errorf("shared samples: %d and %d, want 1 and 1", r.Contributors[0].Shared, r.Contributors[1].Shared)
	}
}

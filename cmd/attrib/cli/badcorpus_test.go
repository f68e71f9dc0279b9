package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badCorpus is one mistake in a corpus: what file's text is replaced by, and what the message must name. An empty old
// stands for the whole file.
type badCorpus struct{ name, file, old, new, want string }

var badCorpora = []badCorpus{
	{"NaN", "corpus.jsonl", "0.8, 0.9", "NaN, 0.9", `corpus.jsonl:3: * field "content": number 0 is NaN`},
	{"infinite", "corpus.jsonl", "0.8, 0.9", "1e999, 0.9", `corpus.jsonl:3: sample "a3": field "content": number 0 is +Inf`},
	{"width", "corpus.jsonl", "0.8, 0.9", "0.8", `corpus.jsonl:3: sample "a3": field "content": has 1 features`},
	{"repeated sample", "corpus.jsonl", `"a3"`, `"a1"`, `corpus.jsonl:3: sample "a1": field "id": is given in line 1 already`},
	{"no id", "corpus.jsonl", `"id": "a3", `, "", `corpus.jsonl:3: * field "id": is missing`},
	{"no samples", "corpus.jsonl", "", "", "corpus.jsonl: has no records"},
	{"no outputs", "queries.jsonl", "", "", "queries.jsonl: has no records"},
	{"width of an output", "queries.jsonl", "0.85, 0.80", "0.85", `queries.jsonl:2: query "q2": field "content": has 1 features`},
	{"output that earned nothing", "queries.jsonl", `"700"`, `"0"`, `queries.jsonl:1: query "q1": field "weight"`},
	{"repeated output", "queries.jsonl", `"q2"`, `"q1"`, `queries.jsonl:2: query "q1": field "id": is given in line 1 already`},
	{"idle data contributor", "contributors.jsonl", `"role": "model"`, `"role": "data"`, `contributors.jsonl:4: contributor "mia": field "role": is "data", but no sample`},
	{"unknown contributor", "corpus.jsonl", `1, "contributor": "ada"`, `1, "contributor": "eve"`, `corpus.jsonl:3: sample "a3": field "contributor": "eve" is not in`},
	{"unknown prompter", "queries.jsonl", `"pat"`, `"eve"`, `queries.jsonl:1: query "q1": field "promptBy": "eve"`},
	{"unknown reviewer", "approvals.jsonl", `"rob"`, `"eve"`, `approvals.jsonl:1: * field "by": "eve"`},
	{"repeated contributor", "contributors.jsonl", `"bob"`, `"ada"`, `contributors.jsonl:2: contributor "ada": field "id": is given in line 1 already`},
	{"repeated address", "contributors.jsonl", "00000a0002", "00000A0001", `contributors.jsonl:2: contributor "bob": field "address": is the address of contributor "ada" too`},
	{"checksum", "contributors.jsonl", "0x00000000000000000000000000000000000A0001", "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266", `contributors.jsonl:1: contributor "ada": field "address": * checksum`},
	{"no such role", "contributors.jsonl", `"role": "model"`, `"role": "king"`, `contributors.jsonl:4: contributor "mia": field "role"`},
	{"future", "corpus.jsonl", `{"id": "a3"`, `{"schema": "attrib.sample/2", "id": "a3"`, `corpus.jsonl:3: schema "attrib.sample/2" is from the future`},
	{"absolute path", "corpus.jsonl", `"content": [0.8, 0.9]`, `"path": "/etc/passwd"`, `corpus.jsonl:3: sample "a3": field "path": "/etc/passwd" is absolute`},
	{"path outside", "corpus.jsonl", `"content": [0.8, 0.9]`, `"path": "x/../../y.txt"`, `corpus.jsonl:3: sample "a3": field "path": "x/../../y.txt" leaves`},
	{"edited asset", "corpus.jsonl", `"id": "a3"`, `"id": "a3", "sha256": "` + strings.Repeat("0", 64) + `"`, `corpus.jsonl:3: sample "a3": field "sha256"`},
	{"unknown field", "corpus.jsonl", `[0.8, 0.9], "label"`, `[0.8, 0.9], "lable"`, `corpus.jsonl:3: * "lable"`},
	{"not JSON", "corpus.jsonl", `{"id": "a3"`, `"id": "a3"`, `corpus.jsonl:3: `},
}

// badTrainings are mistakes that show only beside a model; attrib corpus check cannot know.
var badTrainings = []badCorpus{
	{"label past the classes", "corpus.jsonl", `0.9], "label": 1`, `0.9], "label": 7`, `corpus: sample "a3": label 7 is outside the 2 classes of * model.json`},
	{"no label", "corpus.jsonl", `0.9], "label": 1,`, `0.9],`, `corpus: sample "a3": it has no label`},
	{"width of the model", "../model.json", `"input": 2,` + "\n" + ` "layers": [{"name": "fc", "type": "dense", "in": 2`,
		`"input": 3,` + "\n" + ` "layers": [{"name": "fc", "type": "dense", "in": 3`, `corpus: the samples have 2 features, but * model.json takes 3 (field input)`},
	{"layers that do not fit", "../model.json", `"input": 2`, `"input": 3`, `model.json: field "layers[0].in": 2, but 3 values come in`},
	{"model from the future", "../model.json", "attrib.model/1", "attrib.model/9", `model.json: schema "attrib.model/9" is from the future`},
	{"no epochs", "../model.json", `"epochs": 50`, `"epochs": 0`, `model.json: field "epochs"`},
}

// run runs the command line in this process and returns its exit code and both outputs.
func run(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Run(context.Background(), args, &out, &err, nil)
	return code, out.String(), err.String()
}

// Every mistake in a corpus is named by file, line and field, leaves nothing behind, and goes away with the mistake.
func TestBadCorpusIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range badCorpora {
		t.Run(c.name, func(t *testing.T) {
			c.refused(t, true)
		})
	}
	for _, c := range badTrainings {
		t.Run(c.name, func(t *testing.T) {
			c.refused(t, false)
		})
	}
}

func (c badCorpus) refused(t *testing.T, check bool) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "corpus", c.file)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := []byte(c.new)
	if c.old != "" {
		bad = bytes.Replace(sound, []byte(c.old), bad, 1)
	}
	if bytes.Equal(bad, sound) {
		t.Fatalf("%s: nothing to replace", c.file)
	}
	if err := os.WriteFile(path, bad, 0o644); err != nil {
		t.Fatal(err)
	}
	train := []string{"train", "--corpus", filepath.Join(dir, "corpus"), "--model", filepath.Join(dir, "model.json"), "--out", filepath.Join(dir, "out")}
	commands := [][]string{train}
	if check {
		commands = append(commands, []string{"corpus", "check", filepath.Join(dir, "corpus")})
	}
	for _, args := range commands {
		code, stdout, stderr := run(args...)
		if code != exitFailed || stdout != "" || !matches(stderr, c.want) {
			t.Errorf("attrib %s: exit code %d, %q, %q; want %d and %q", args[0], code, stdout, stderr, exitFailed, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("the refused run left an output folder")
	}
	if err := os.WriteFile(path, sound, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(train...); code != exitOK {
		t.Errorf("the corrected command: exit code %d, %s", code, stderr)
	}
}

// matches looks for the parts of want, which " * " separates, in this order.
func matches(text, want string) bool {
	for _, part := range strings.Split(want, " * ") {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

package shapley

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"attrib/internal/safetensors"
)

func TestScoresFileRoundTrip(t *testing.T) {
	dir := t.TempDir()
	s := testScores(5, 4, 1)
	s.Meta.Hashes = map[string]string{"model": strings.Repeat("ab", 32)}
	if err := WriteScores(dir, s); err != nil {
		t.Fatal(err)
	}
	got, err := ReadScores(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, s) {
		t.Errorf("%+v\n%+v", got, s)
	}
	schema, err := jsonschema.NewCompiler().Compile("../docs/schemas/scores.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(filepath.Join(dir, ScoresFile))
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
	v.(map[string]any)["extra"] = json.Number("1")
	if schema.Validate(v) == nil {
		t.Error("the schema lets unknown fields pass")
	}
}

func TestScoresFileIsReadStrictly(t *testing.T) {
	edit := func(from, to string) func(dir string) {
		return func(dir string) {
			path := filepath.Join(dir, ScoresFile)
			data, _ := os.ReadFile(path)
			if !bytes.Contains(data, []byte(from)) {
				t.Fatalf("nothing to edit: %q", from)
			}
			os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o644)
		}
	}
	tensor := func(ts ...safetensors.Tensor) func(string) {
		return func(dir string) {
			path := filepath.Join(dir, TensorFile)
			meta, _, _ := safetensors.ReadFile(path)
			if err := safetensors.WriteFile(path, meta, ts); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(dir string)
		want   string
	}{
		"future":         {edit("attrib.scores/1", "attrib.scores/2"), "from the future"},
		"unknown field":  {edit(`"scale"`, `"skale"`), "unknown field"},
		"earned":         {edit(`"earned": "`, `"earned": "-`), `output "q000": field "earned"`},
		"scale":          {edit(`"scale": -20`, `"scale": -21`), `metadata "scale" is "-20"`},
		"player missing": {edit("\"p00\",\n", ""), "values"},
		"player twice":   {edit(`"p00"`, `"p01"`), `"p01" is given twice`},
		"no tensor file": {func(dir string) { os.Remove(filepath.Join(dir, TensorFile)) }, TensorFile},
		"other type":     {tensor(safetensors.New("values", make([]int64, 20), 4, 5)), "I32"},
		"other shape":    {tensor(safetensors.New("values", make([]int32, 20), 5, 4)), "values"},
		"other name":     {tensor(safetensors.New("value", make([]int32, 20), 4, 5)), "values"},
		"too large":      {tensor(safetensors.New("values", append([]int32{1<<31 - 1, 1}, make([]int32, 18)...), 4, 5)), `output "q000" run 0: sum`},
	} {
		dir := t.TempDir()
		if err := WriteScores(dir, testScores(5, 4, 1)); err != nil {
			t.Fatal(err)
		}
		c.change(dir)
		if _, err := ReadScores(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v, want %q and the file", name, err, c.want)
		}
	}
	if err := WriteScores(t.TempDir(), &Scores{}); err == nil {
		t.Error("invalid scores were written")
	}
}

func TestParseWhole(t *testing.T) {
	for _, s := range []string{"0", "7", "123456789012345678901234567890"} {
		if v, err := ParseWhole(s); err != nil || v.String() != s {
			t.Error(s, v, err)
		}
	}
	for _, s := range []string{"", "-1", "+1", "01", "1.0", "1e3", " 1", "0x10", strings.Repeat("9", 79)} {
		if _, err := ParseWhole(s); err == nil {
			t.Error("accepted", s)
		}
	}
}

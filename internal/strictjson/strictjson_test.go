package strictjson

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type record struct {
	Schema string           `json:"schema"`
	N      int              `json:"n"`
	Inner  map[string][]int `json:"inner,omitempty"`
	List   []*point         `json:"list,omitempty"`
	Own    json.RawMessage  `json:"own,omitempty"`
	embedded
}

type point struct {
	X int `json:"x"`
}

type embedded struct {
	Deep string `json:"deep,omitempty"`
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"unknown field", `{"schema":"a/1","m":1}`, `unknown field "m"`},
		{"repeated key", "{\"n\":1,\n\"n\":2}", `line 2: field "n" is given twice`},
		{"repeated inner key", `{"inner":{"a":[1],"a":[2]}}`, `field "a" is given twice`},
		{"repeated key in a list", `{"list":[{"x":1},{"x":1,"x":2}]}`, `field "x" is given twice`},
		{"repeated key, escaped", `{"n":1,"\u006e":2}`, `field "n" is given twice`},
		{"name in other letters", `{"N":1}`, `unknown field "N": the field is written "n"`},
		{"name in other letters, deeper", `{"list":[{"X":1}]}`, `unknown field "X": the field is written "x"`},
		{"repeated key in a value that reads itself", `{"own":{"a":1,"a":2}}`, `field "a" is given twice`},
		{"wrong type", `{"n":"x"}`, `field "n": cannot read a string as int`},
		{"syntax", "{\n\n!", "line 3"},
		{"trailing", `{"n":1} {}`, "after the end"},
		{"cut", `{"n":1`, "ends in the middle"},
		{"empty", ``, "ends in the middle"},
	} {
		var r record
		err := Unmarshal([]byte(c.in), &r)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to contain %q", c.name, err, c.want)
		}
	}
}

func TestUnmarshalAccepts(t *testing.T) {
	var r record
	in := `{"schema":"a/1","n":3,"inner":{"a":[1,2],"A":[],"b":[]}, "list" : [ {"x":-1} , null ],
		"own":{"Any":[true,{"thing":"}\"]"}]},"deep":"d\\"}`
	if err := Unmarshal([]byte(in), &r); err != nil {
		t.Fatal(err)
	}
	if r.N != 3 || len(r.Inner["a"]) != 2 || r.List[0].X != -1 || r.Deep != `d\` {
		t.Fatalf("got %+v", r)
	}
}

func TestLinesNamesFileAndLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, []byte("{\"n\":1}\n\n{\"n\":\"two\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := Lines(path, func(_ int, data []byte) error { return Unmarshal(data, new(record)) })
	if err == nil || !strings.Contains(err.Error(), "x.jsonl:3:") {
		t.Fatalf("error %v, want file and line 3", err)
	}
}

func TestCheckSchema(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{"", "missing"}, {"attrib.x/1", "is \"attrib.x/1\""}, {"attrib.scores/12", "from the future"},
	} {
		err := CheckSchema(c.got, "attrib.scores/1")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.got, err, c.want)
		}
	}
	if err := CheckSchema("attrib.scores/1", "attrib.scores/1"); err != nil {
		t.Error(err)
	}
}

package strictjson

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

type fuzzed struct {
	A int               `json:"a"`
	B []string          `json:"b,omitempty"`
	C map[string]fuzzed `json:"c,omitempty"`
	D *fuzzed           `json:"d,omitempty"`
	E float64           `json:"e"`
}

// FuzzUnmarshal: nothing makes Unmarshal panic, and what it accepts is what encoding/json makes of it.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":["x"],"c":{"k":{"a":2,"e":0}},"d":{"a":1,"e":1e3},"e":-0.5}`, `{"a":1,"a":2}`, `{"A":1}`, `[]`, `{"e":1e999}`, `{"d":{"d":{"d":null}}}`, "{\"a\":1}\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, plain fuzzed
		if Unmarshal(data, &strict) != nil {
			return
		}
		if err := json.Unmarshal(data, &plain); err != nil {
			t.Fatalf("%q was accepted: %v", data, err)
		}
		a, errA := Marshal(strict)
		b, errB := Marshal(plain)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("%q is %s, want %s", data, a, b)
		}
	})
}

// FuzzLines: every line that is visited is whole, and lines are counted right.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n\n  {\"a\":2}\r\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		last := 0
		err := Lines(path, func(line int, text []byte) error {
			if line <= last || len(text) == 0 {
				t.Fatalf("line %d, %q after line %d", line, text, last)
			}
			last = line
			for _, c := range text {
				if c == '\n' {
					t.Fatalf("line %d holds two", line)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

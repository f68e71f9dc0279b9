package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate holds a folder's run.json against its published schema.
func validate(t *testing.T, dir string) error {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "schemas", "run.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	value, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// A record follows its schema while the run goes on, with nothing in it, and with every field filled in.
func TestWrittenRecordsFollowTheirSchema(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, map[string]string{"seed": "1"}, false)
	if err := validate(t, dir); err != nil {
		t.Errorf("running: %v", err)
	}
	input := filepath.Join(t.TempDir(), "in.csv")
	for _, path := range []string{input, f.Path("a.bin")} {
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Input(input); err != nil {
		t.Fatal(err)
	}
	f.Record.Seeds = map[string]string{"init": "1"}
	f.Record.Device = "cpu"
	f.Record.Kernels = []Kernel{{Name: "scan", Calls: 1, Bytes: 8, Ops: 16, Seconds: .5}}
	f.Record.Launches = []Launch{{Kernel: "scan_dot_128x64", Count: 3}}
	f.Note("cuda:0: tiles of %d rows", 64)
	f.Warn(errors.New("rough"))
	f.Stage("scan")
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := validate(t, dir); err != nil {
		t.Errorf("done: %v", err)
	}
}

// The schema is strict: a field it does not know, or a state that does not exist, does not pass.
func TestSchemaRefusesOtherRecords(t *testing.T) {
	for _, change := range []func(*Record){
		func(r *Record) { r.State = "half done" },
		func(r *Record) { r.Schema = "attrib.run/2" },
		func(r *Record) { r.Outputs = []File{{Path: "a.bin", SHA256: "short"}} },
		func(r *Record) { r.Config = nil },
	} {
		f := begin(t, filepath.Join(t.TempDir(), "out"), map[string]string{}, false)
		change(&f.Record)
		if err := f.save(); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, f.Dir); err == nil {
			t.Errorf("passed: %+v", f.Record)
		}
		f.Abort()
	}
}

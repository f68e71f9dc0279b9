package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// tampering is one field changed after the bundle was posted.
type tampering struct{ file, field, value string }

// tamperings are of every kind of file: inputs, what follows from them, and the manifest over both.
var tamperings = []tampering{
	{"contributors.json", "/contributors/0/address", `"0x000000000000000000000000000000000000dEaD"`},
	{"contributors.json", "/contributors/1/id", `"mallory"`},
	{"outputs.json", "/outputs/0/earned", `"701"`},
	{"policy.json", "/roles/data", `7001`},
	{"policy.json", "/minimumPayout", `"1"`},
	{"recipe.json", "/bootstrap", `999`},
	{"scores.json", "/outputs/1/earned", `"1"`},
	{"seed.json", "/value", `"0x00000000000000000000000000000000000000000000000000000000000000ff"`},
	{"shares.json", "/contributors/0/share", `0.123`},
	{"weights.json", "/weights/0/weight", `"1"`},
	{"previous.json", "/epoch", `3`},
	{"payees.json", "/payees/0/amount", `"1"`},
	{"payees.json", "/payees/1/cumulative", `"1"`},
	{"epoch.json", "/pool", `"1000001"`},
	{"epoch.json", "/root", `"0x00000000000000000000000000000000000000000000000000000000000000ff"`},
}

// scriptVerifyPosted verifies the sound bundle, and then one changed field after another.
func scriptVerifyPosted(ts *testscript.TestScript, _ bool, args []string) {
	var posted PostResult
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &posted))
	dir, hash := ts.MkAbs(args[1]), posted.EvidenceHash
	ts.Check(ts.Exec("attrib", "verify", dir, "--evidence-hash", hash, "--root", posted.Root, "--json"))
	out := ts.ReadFile("stdout")
	ts.Check(validJSON("verify-result", out))
	var r VerifyResult
	ts.Check(json.Unmarshal([]byte(out), &r))
	if !r.Verified || r.Root != posted.Root || r.Evidence != hash || r.Payees != posted.Payees || r.Pool != posted.Pool {
		ts.Fatalf("the posted bundle: %+v", r)
	}
	for _, c := range tamperings {
		tampered(ts, dir, hash, c.file, c.field, func(path string) error { return editJSON(path, c.field, c.value) })
	}
	tampered(ts, dir, hash, "scores.int.safetensors", "", func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[len(data)-1] ^= 1 // the last element of the matrix
		return os.WriteFile(path, data, 0o644)
	})
}

// tampered changes a file, wants verify to name it with exit code 4, and puts it back.
func tampered(ts *testscript.TestScript, dir, hash, file, field string, change func(path string) error) {
	path := filepath.Join(dir, file)
	sound, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(change(path))
	err = ts.Exec("attrib", "verify", dir, "--evidence-hash", hash, "--json", "--quiet")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitMismatch {
		ts.Fatalf("%s %s changed: verify ends with %v, want exit code 4", file, field, err)
	}
	out := ts.ReadFile("stdout")
	ts.Check(validJSON("verify-result", out))
	var r struct {
		Verified bool
		Findings []struct{ File, Field string }
	}
	ts.Check(json.Unmarshal([]byte(out), &r))
	if r.Verified || len(r.Findings) == 0 || r.Findings[0].File != file || field != "" && r.Findings[0].Field != field {
		ts.Fatalf("%s %s changed: verify finds %+v", file, field, r.Findings)
	}
	ts.Check(os.WriteFile(path, sound, 0o644))
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attrib/internal/testneed"
)

func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// section is the text under a heading of the second level.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("README.md has no section %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

func shellBlocks(text string) []string {
	var out []string
	for _, m := range shellBlock.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// The two commands that a newcomer runs stand alone in blocks of their own, to the letter.
func TestReadmeBeginsWithTwoCommands(t *testing.T) {
	blocks := shellBlocks(section(t, readme(t), "Try it"))
	want := []string{"go run ./cmd/attrib demo\n", "go test ./...\n"}
	if fmt.Sprint(blocks) != fmt.Sprint(want) {
		t.Errorf("blocks %q, want %q", blocks, want)
	}
}

// chainCommand is the README's line that starts a chain. A shell goes on at once, so the line has to wait for it.
var chainCommand = regexp.MustCompile(`(?m)^attrib chain --keys my/keys &.*\bsleep \d+.*$`)

// "On your own data" works as it is written: only the chain's port is another, and the wait ends when it listens.
func TestReadmeOnYourOwnData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blocks := strings.Join(shellBlocks(section(t, readme(t), "On your own data")), "\n")
	if !chainCommand.MatchString(blocks) {
		t.Error("the README's attrib chain line does not wait until the chain listens: the next command comes too early")
	}
	const serve = `attrib chain --listen 127.0.0.1:0 --keys my/keys > chain.log & echo $! > chain.pid
while ! [ -e my/keys/dev39.key ]; do sleep 0.02; done
export ATTRIB_RPC=$(sed -n 's/^chain .* at //p' chain.log)`
	script := regexp.MustCompile(`(?m)^attrib chain .*$`).ReplaceAllLiteralString(blocks, serve)
	cmd := exec.Command(testneed.Tool(t, "bash"), "-euo", "pipefail", "-c", "trap 'kill -INT $(cat chain.pid)' EXIT\n"+script+"\n"+verifyPosted)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), errs.String())
	}
	checkPaid(t, dir)
	if !strings.Contains(out.String(), "verified: epoch 1, 2 payees, pool 1000000") {
		t.Errorf("the printed attrib verify command does not verify:\n%s", out.String())
	}
}

// "From PyTorch gradients" works as it is written, and the same from files that NumPy wrote.
func TestReadmeFromPyTorch(t *testing.T) {
	t.Parallel()
	program := testneed.Tool(t, "python3")
	if exec.Command(program, "-c", "import torch, safetensors, numpy").Run() != nil {
		testneed.Missing(t, "torch", program+" has no torch, numpy or safetensors package")
	}
	text := section(t, readme(t), "From PyTorch gradients")
	_, script, _ := strings.Cut(text, "```python\n")
	script, _, _ = strings.Cut(script, "```")
	commands := strings.Join(shellBlocks(text), "\n")
	if n := strings.Count(commands, "attrib "); n != 5 {
		t.Errorf("%d commands, want five", n)
	}
	const asNumPy = `
import numpy as np
from safetensors.numpy import load_file
for name in ("train", "query"):
    t = load_file(f"{name}.safetensors")
    np.save(f"{name}.row_ids.npy", t.pop("row_ids"))
    np.save(f"{name}.npy", np.concatenate([t[k].reshape(len(t[k]), -1) for k in sorted(t)], 1))
`
	weights := map[string][]weight{}
	for _, c := range []struct{ name, script, commands string }{
		{"torch", script, commands},
		{"numpy", script + asNumPy, strings.ReplaceAll(commands, ".safetensors", ".npy")},
	} {
		dir := t.TempDir()
		for _, args := range [][]string{{program, "-c", c.script}, {testneed.Tool(t, "bash"), "-euo", "pipefail", "-c", c.commands}} {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", c.name, err, out)
			}
		}
		var file struct{ Weights []weight }
		if err := readJSON(dir+"/my/value/evidence/weights.json", &file); err != nil {
			t.Fatal(err)
		}
		weights[c.name] = file.Weights
	}
	// the hashes of the stores differ, since a matrix does not say what its columns are, and with them the draws behind intervals
	if !slices.Equal(weights["torch"], weights["numpy"]) || len(weights["torch"]) != 2 || weights["torch"][0].ID != "ada" {
		t.Errorf("weights %v and %v", weights["torch"], weights["numpy"])
	}
}

type weight struct{ ID, Weight string }

// verifyPosted runs the command that settle post prints, on the bundle that the README's commands made.
const verifyPosted = `attrib settle post --key-file my/keys/dev0.key --ledger my/ledger.json --value my/value --pool 1000000 --epoch 1 --out my/again --dev > again.log
eval "$(grep -o 'attrib verify .*' again.log | sed s,my/again,my/epoch-1,)"`

// checkPaid holds the amounts in the README's evidence against its pool.
func checkPaid(t *testing.T, dir string) {
	t.Helper()
	var bundle struct{ Payees []payee }
	if err := readJSON(dir+"/my/epoch-1/evidence/payees.json", &bundle); err != nil {
		t.Fatal(err)
	}
	sum, err := sumOf(bundle.Payees, func(p payee) string { return p.Amount })
	if err != nil || sum.String() != "1000000" || len(bundle.Payees) != 2 {
		t.Errorf("amounts %+v sum to %s, %v", bundle.Payees, sum, err)
	}
	if _, err := os.Stat(dir + "/my/scores/top.parquet"); errors.Is(err, os.ErrNotExist) {
		t.Error("the README's my/scores/top.parquet is not there")
	}
}

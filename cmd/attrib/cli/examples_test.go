package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/rpc"
	"github.com/spf13/cobra"

	"attrib/internal/testneed"
	"attrib/settle/embedded"
)

// examples are the commands of the program by name, and the lines of their examples.
func examples(t *testing.T) map[string][]string {
	out := map[string][]string{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if cmd.HasSubCommands() && cmd.Example == "" || cmd.Name() == "help" || cmd.Hidden {
			return
		}
		name := commandName(cmd)
		if cmd.Example == "" {
			t.Errorf("attrib %s --help has no example", name)
		}
		for _, line := range strings.Split(strings.TrimSpace(cmd.Example), "\n") {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "attrib "+name+" ") {
				t.Errorf("attrib %s --help: %q is not an example of it", name, line)
			}
			out[name] = append(out[name], line)
		}
	}
	walk(newRoot(&env{}))
	return out
}

// exampleWorld is a folder in which the examples work, and a chain.
type exampleWorld struct {
	t    *testing.T
	dir  string
	node *node
	says map[string]string // what is left out in examples: their placeholders, and what stands for them here
}

// exampleOrder is the order in which the examples work, one after another in one folder. before prepares a step.
var exampleOrder = []struct {
	name   string
	before func(*exampleWorld)
}{
	{"corpus sign", nil},
	{"corpus check", (*exampleWorld).signTheOthers},
	{"train", nil}, {"train replay", nil}, {"index", nil}, {"score", nil},
	{"corpus new", nil}, {"store info", nil}, {"store check", nil}, {"store compact", nil}, {"store convert", nil},
	{"settle deploy", nil}, {"settle fund", nil}, {"settle stake", nil}, {"settle anchor", nil},
	{"settle commit", (*exampleWorld).prepare}, {"value", nil}, {"settle post", nil}, {"settle challenge", nil}, {"settle resolve", nil},
	{"settle finalise", nil}, {"settle claim", nil}, {"settle status", nil}, {"verify", nil}, {"rerun", nil}, {"bench accuracy", nil}, {"bench speed", nil}, {"doctor", nil},
	{"settle expire", (*exampleWorld).neglectChallenge},
}

// elsewhere are the commands whose examples other tests run: "chain" makes this one's chain.
var elsewhere = map[string]string{"chain": "newExampleWorld", "demo": "TestDemo"}

// Every command's help has an example, and every example works.
func TestExamplesOfHelpWork(t *testing.T) {
	t.Parallel()
	all := examples(t)
	w := newExampleWorld(t, all["chain"])
	for _, step := range exampleOrder {
		if step.before != nil {
			step.before(w)
		}
		for _, line := range all[step.name] {
			w.shell(line)
		}
		delete(all, step.name)
	}
	for name := range all {
		if elsewhere[name] == "" {
			t.Errorf("the example of attrib %s is not run: give it a place in exampleOrder", name)
		}
	}
}

func newExampleWorld(t *testing.T, chain []string) *exampleWorld {
	w := &exampleWorld{t: t, dir: t.TempDir()}
	const want = "attrib chain --listen 127.0.0.1:8545 --keys keys" // what startChain runs, on a free port
	if !slices.Equal(chain, []string{want}) {
		t.Errorf("the example of attrib chain is %q, and %q is what is run", chain, want)
	}
	w.must(os.CopyFS(w.dir, os.DirFS("testdata/small")))
	n, err := startChain(w.dir)
	w.must(err)
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Error("attrib chain:", err)
		}
	})
	w.node, w.says = n, map[string]string{"http://127.0.0.1:8545": n.url, "0x5c0f…": "0x5c0f" + strings.Repeat("0", 60)}
	for name, key := range map[string]string{"dev0": "dev0", "arbiter": "dev1", "watcher": "dev2", "any": "dev2", "ada": "dev3", "bob": "dev4", "cleo": "dev5"} {
		w.copy("keys/"+key+".key", name+".key")
	}
	w.ownAddresses()
	return w
}

// ownAddresses makes the data contributors' addresses those of their keys.
func (w *exampleWorld) ownAddresses() {
	path := filepath.Join(w.dir, "corpus", "contributors.jsonl")
	data, err := os.ReadFile(path)
	w.must(err)
	for i, old := range []string{"0x00000000000000000000000000000000000A0001", "0x00000000000000000000000000000000000a0002", "0x00000000000000000000000000000000000A0003"} {
		data = bytes.Replace(data, []byte(old), []byte(embedded.Account(3+i).Hex()), 1)
	}
	w.must(os.WriteFile(path, data, 0o644))
}

func (w *exampleWorld) signTheOthers() {
	for _, name := range []string{"bob", "cleo"} {
		w.shell(fmt.Sprintf("attrib corpus sign corpus --contributor %s --key-file %s.key --chain-id 1 --deadline 2099-12-31T00:00:00Z", name, name))
	}
}

// prepare runs the example of attrib value with --prepare, for there to be something to commit.
func (w *exampleWorld) prepare() {
	for _, line := range examples(w.t)["value"] {
		w.shell(line + " --prepare")
	}
}

// neglectChallenge makes a ledger of its own whose challenge nobody resolves for longer than a week.
func (w *exampleWorld) neglectChallenge() {
	const flags = " --key-file dev0.key --ledger late/ledger.json --dev"
	w.must(os.Mkdir(filepath.Join(w.dir, "late"), 0o755))
	w.shell("attrib settle deploy --arbiter 0x70997970C51812dc3A010C7d01b50e0d17dc79C8" + flags)
	w.shell("attrib settle fund --amount 1000" + flags)
	w.shell("attrib settle stake --amount 10000000000000000" + flags)
	w.shell("attrib settle commit --value out/value" + flags)
	w.shell("attrib settle post --value out/value --pool 1000 --out late/epoch-1" + flags)
	w.shell("attrib settle challenge --epoch 1 --evidence-hash " + w.says["0x5c0f…"] + flags)
	client, err := rpc.Dial(w.node.url)
	w.must(err)
	defer client.Close()
	w.must(client.Call(nil, "evm_increaseTime", 8*24*60*60))
	w.must(client.Call(nil, "evm_mine"))
	w.copy("late/ledger.json", "ledger.json")
}

// shell runs a line as a user would, with placeholders filled in, and returns its standard output.
func (w *exampleWorld) shell(line string) string {
	w.t.Helper()
	for left, here := range w.says {
		line = strings.ReplaceAll(line, left, here)
	}
	cmd := exec.Command(testneed.Tool(w.t, "bash"), "-c", line)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "ATTRIB_RPC="+w.node.url)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("%s: %v\n%s", line, err, errs.String())
	}
	return out.String()
}

func (w *exampleWorld) copy(from, to string) {
	data, err := os.ReadFile(filepath.Join(w.dir, from))
	w.must(err)
	w.must(os.WriteFile(filepath.Join(w.dir, to), data, 0o600))
}

func (w *exampleWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"attrib/bench/truth"
	"attrib/corpus"
	"attrib/internal/scenario"
	"attrib/internal/testneed"
)

// truthWorld is a folder with the demo's corpus and model.
func truthWorld(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := scenario.Write(filepath.Join(dir, "corpus"), scenario.Options{DataOnly: true}); err != nil {
		t.Fatal(err)
	}
	if err := demoModel().Write(filepath.Join(dir, "model.json")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func truthCommand(dir, out string, more ...string) *exec.Cmd {
	args := append([]string{"train", "--corpus", "corpus", "--model", "model.json", "--subsets", "10", "--seeds", "7,20-22", "--out", out}, more...)
	cmd := exec.Command("attrib", args...)
	cmd.Dir = dir
	return cmd
}

// A run that is killed again and again, at other moments each time, ends in the bytes of one that is not.
func TestTruthSurvivesKills(t *testing.T) {
	t.Parallel()
	dir := truthWorld(t)
	began := time.Now()
	if out, err := truthCommand(dir, "whole").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	all := time.Since(began)
	kills := 0
	for at := range 12 { // moments spread over the run; the machine's load shifts them
		cmd := truthCommand(dir, "killed")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(all*time.Duration(at+1)/16 + time.Duration(at*7)*time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if cmd.Wait() == nil {
			break // it ended before
		}
		kills++
	}
	if kills == 0 {
		t.Fatal("no run was killed: the test shows nothing")
	}
	t.Logf("%d kills of a run of %v", kills, all)
	if _, err := truth.Read(filepath.Join(dir, "killed")); err != nil { // else it is whole already
		if out, err := truthCommand(dir, "killed").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, name := range []string{truth.Name, truth.RowsName, truth.SubsetsName, truth.OutputsName} {
		a, errA := os.ReadFile(filepath.Join(dir, "whole", name))
		b, errB := os.ReadFile(filepath.Join(dir, "killed", name))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s differs after kills (%v, %v)", name, errA, errB)
		}
	}
}

// An interrupted run refuses to go on with another corpus, and with other flags, by name.
func TestTruthGoesOnOnlyWithTheSame(t *testing.T) {
	t.Parallel()
	dir := truthWorld(t)
	cmd := truthCommand(dir, "out", "--seeds", "7,20-200")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(dir, "out", ".retrained")
	for range 2000 {
		if s, err := os.Stat(journal); err == nil && s.Size() > 20000 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Fatalf("exit code %d", code)
	}
	refused := func(want string, more ...string) {
		t.Helper()
		out, err := truthCommand(dir, "out", more...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %s\nwant %q", err, out, want)
		}
	}
	refused("--subset-seed was", "--seeds", "7,20-200", "--subset-seed", "3")
	path := filepath.Join(dir, "model.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), `"epochs": 30`, `"epochs": 31`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("field model", "--seeds", "7,20-200")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(journal)
	if err != nil || before.Size() < 20000 {
		t.Errorf("what was retrained is gone: %v", err)
	}
}

// The columns of a truth by contributor are those of the corpus, and row r of all coalitions has the bits of r.
func TestTruthByContributorFollowsTheCorpus(t *testing.T) {
	t.Parallel()
	dir := truthWorld(t)
	c, err := corpus.Open(filepath.Join(dir, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := loadLabelled(c)
	if err != nil {
		t.Fatal(err)
	}
	tr := truth.New(demoModel(), l.Data, l.Queries, l.Samples, l.Outputs, truth.Margin)
	o := truthDefaults
	o.By = truth.ByContributor
	if err := o.parts(tr, c); err != nil {
		t.Fatal(err)
	}
	k := len(tr.Groups)
	if len(tr.Parts) != 1 || tr.Parts[0].Subsets(len(tr.Samples)) != 1<<k || k > truth.MaxAll {
		t.Fatalf("%d contributors, %d coalitions", k, tr.Parts[0].Subsets(len(tr.Samples)))
	}
	for _, r := range []int{0, 1, 5, 1<<k - 1} {
		kept := tr.Parts[0].Kept(len(tr.Samples), r)
		for i, row := range c.RowsOf(corpus.SplitTrain) {
			at, _ := c.Lookup(c.Owner(row))
			unit := c.Contributors[at].UnitName()
			bit := 0
			for g, name := range tr.Groups {
				if name == unit {
					bit = r >> g & 1
				}
			}
			if kept[i] != float32(bit) {
				t.Fatalf("coalition %d, sample %d of %s: weight %v, want %d", r, i, unit, kept[i], bit)
			}
		}
	}
}

// A truth needs nothing but NumPy and safetensors to be used: Python computes the LDS of its own scores as we do.
func TestTruthIsReadByPython(t *testing.T) {
	t.Parallel()
	python := testneed.Tool(t, "python3")
	if out, err := exec.Command(python, "-c", "import numpy, safetensors").CombinedOutput(); err != nil {
		testneed.Missing(t, "python3", fmt.Sprintf("it lacks numpy or safetensors: %s", out))
	}
	dir := truthWorld(t)
	if out, err := truthCommand(dir, "truth", "--remove", "0.1").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const script = `
import json, numpy as np
from safetensors.numpy import load_file
head, rows = json.load(open("truth/truth.json")), json.load(open("truth/rows.json"))
subsets, outputs = load_file("truth/subsets.safetensors"), load_file("truth/outputs.safetensors")
n, q, part = len(rows["samples"]), len(rows["outputs"]), head["parts"][0]
scores = np.random.default_rng(1).normal(size=(n, q)).round(1).T
np.save("theirs.npy", scores)
rank = lambda v: np.array([(v < x).sum() + (v == x).sum() / 2 for x in v])
keep = subsets["keep." + part["part"]].astype(float)
def lds(truth):
    predicted = (keep @ scores.T).round(6)
    return np.mean([np.corrcoef(rank(predicted[:, z]), rank(truth[:, z]))[0, 1] for z in range(q)])
value = lambda s: outputs[f'{head["measurement"]}.{part["part"]}.{s}'].astype(float)
print(lds(value(part["seeds"][0])), lds(np.mean([value(s) for s in part["seeds"][1:]], axis=0)))
`
	cmd := exec.Command(python, "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want [2]float64
	if _, err := fmt.Sscan(string(out), &want[0], &want[1]); err != nil {
		t.Fatal(err, string(out))
	}
	r := measureJSON(t, dir, "--truth", "truth", "--scores", "mine=theirs.npy")
	got := [2]float64{r.Results[0].LDS, r.Results[1].LDS}
	t.Logf("LDS %v, in Python %v", got, want)
	for i := range got {
		if d := got[i] - want[i]; d > 1e-6 || d < -1e-6 || r.Results[i].Method != "mine" {
			t.Errorf("LDS %v, in Python %v", r.Results[i], want[i])
		}
	}
}

func TestParseSeedsAndBytes(t *testing.T) {
	got, err := parseSeeds("7, 20-22")
	if err != nil || !reflect.DeepEqual(got, []int64{7, 20, 21, 22}) {
		t.Errorf("seeds %v, %v", got, err)
	}
	for _, bad := range []string{"", "x", "-1", "3-", "5-3", "1-99999", "7,7", "0-9007199254740992"} {
		if _, err := parseSeeds(bad); err == nil {
			t.Errorf("seeds %q were accepted", bad)
		}
	}
	for text, want := range map[string]int64{"1": 1, "64KiB": 65536, "1.5GB": 1500000000, "2GiB": 2 << 30} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "0", "-1", "MiB", "1XB", "1e30TB", "NaN"} {
		if _, err := parseBytes(bad); err == nil {
			t.Errorf("%q bytes were accepted", bad)
		}
	}
}

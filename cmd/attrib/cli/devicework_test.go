package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/kernels/blas"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/simd"
	"attrib/train"
)

// emulatedCards are two emulated cards with these kernels.
func emulatedCards(t *testing.T, kernels ...string) (library string) {
	for i, name := range kernels {
		kernels[i] = filepath.Join("..", "..", "..", "kernels", "cuda", "src", name)
	}
	return fake.Start(t, 80, kernels, "devices=2")
}

// runIn is attribIn for commands that may fail, and where every batch of products of 30 operations goes to a GPU.
func runIn(dir string, args ...string) (code int, text string) {
	for i, a := range args {
		args[i] = os.Expand(a, func(string) string { return dir })
	}
	var out, errs bytes.Buffer
	e := &env{out: &out, err: &errs, args: args}
	e.offload = func(on blas.Device) *blas.Offload {
		return &blas.Offload{Device: on, Rate: 30, Call: 0.5, Link: 1e15, Host: 1e15}
	}
	code = e.run(context.Background())
	return code, errs.String()
}

func must0(t *testing.T, dir string, args ...string) {
	t.Helper()
	if code, text := runIn(dir, args...); code != exitOK {
		t.Fatalf("attrib %v: exit code %d\n%s", args, code, text)
	}
}

func record(t *testing.T, parts ...string) runfile.Record {
	t.Helper()
	r, err := runfile.Read(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sameFiles holds the outputs of two runs against each other.
func sameFiles(t *testing.T, dir, want, got string) {
	t.Helper()
	a, b := record(t, dir, want), record(t, dir, got)
	if len(a.Outputs) == 0 || !slices.Equal(a.Outputs, b.Outputs) {
		t.Errorf("%s and %s differ:\n%v\n%v", want, got, a.Outputs, b.Outputs)
	}
}

// valueArgs value the scores of a folder.
func valueArgs(out, device string, more ...string) []string {
	return append([]string{"value", "-q", "--corpus", "$dir/corpus", "--scores", "$dir/scores", "--game", "saturating", "--function", "log1p",
		"--seed", "3", "--bootstrap", "100", "--device", device, "--out", "$dir/" + out}, more...)
}

func valuedFolder(t *testing.T) string {
	dir := scoredFolder(t)
	must0(t, dir, "score", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--store", "$dir/store", "--method", "dot", "--out", "$dir/scores")
	return dir
}

// Orders are walked on a GPU with the CPU's result, and run.json says who walked and by which kernel.
func TestValueOnGPU(t *testing.T) {
	emulatedCards(t, "walks.cu")
	dir := valuedFolder(t)
	sampled := []string{"--estimator", "permutations", "--permutations", "300"}
	must0(t, dir, valueArgs("cpu", "cpu", sampled...)...)
	for _, device := range []string{"cuda:1", "cuda", "ref"} {
		out := strings.ReplaceAll(device, ":", "")
		must0(t, dir, valueArgs(out, device, sampled...)...)
		sameFiles(t, dir, "cpu", out)
		text, err := os.ReadFile(filepath.Join(dir, out, runfile.Name))
		if err == nil {
			err = validJSON("run", string(text))
		}
		if err != nil {
			t.Error(err)
		}
	}
	r := record(t, dir, "cuda1")
	if !strings.Contains(r.Device, "cuda:1") || !strings.Contains(r.Device, "integers") || len(r.Notes) != 0 || len(r.Launches) != 1 || r.Launches[0].Kernel != "walk_curve" {
		t.Errorf("device %q, notes %q, launches %v", r.Device, r.Notes, r.Launches)
	}
	if len(r.Kernels) != 1 || r.Kernels[0].Name != "permutations" || r.Kernels[0].Ops == 0 || r.Kernels[0].Bytes == 0 || r.Kernels[0].Calls == 0 {
		t.Errorf("kernels %+v", r.Kernels)
	}
	if r := record(t, dir, "ref"); len(r.Kernels) != 0 || !strings.Contains(strings.Join(r.Notes, ""), "walks no permutations") {
		t.Errorf("kernels %+v, notes %q", r.Kernels, r.Notes)
	}
	must0(t, dir, "rerun", "-q", "$dir/cuda1", "--device", "cpu", "--out", "$dir/again")
	must0(t, dir, "rerun", "-q", "$dir/cpu", "--device", "cuda:0", "--precision", "bf16", "--out", "$dir/there")
	if there, again := record(t, dir, "there"), record(t, dir, "again"); len(there.Launches) != 1 || len(again.Launches) != 0 || again.Config["device"] != "cpu" {
		t.Errorf("launches %v, %v, settings %v", there.Launches, again.Launches, again.Config)
	}
	must0(t, dir, valueArgs("exact", "cuda:0", "--estimator", "exact")...)
	if r := record(t, dir, "exact"); len(r.Launches) != 0 || !strings.Contains(strings.Join(r.Notes, ""), "no permutations to walk") {
		t.Errorf("launches %v, notes %q", r.Launches, r.Notes)
	}
}

// Little memory on the card is a note, not another result.
func TestValueWithLittleMemory(t *testing.T) {
	path := emulatedCards(t, "walks.cu")
	dir := valuedFolder(t)
	sampled := []string{"--estimator", "permutations", "--permutations", "300"}
	must0(t, dir, valueArgs("cpu", "cpu", sampled...)...)
	fake.Ask(t, path, "reset")
	fake.Ask(t, path, "oom_once=3")
	must0(t, dir, valueArgs("short", "cuda:0", sampled...)...)
	sameFiles(t, dir, "cpu", "short")
	if notes := record(t, dir, "short").Notes; len(notes) != 1 || !strings.Contains(notes[0], "memory was short") {
		t.Errorf("notes %q", notes)
	}
}

// A run whose card is lost goes on elsewhere to the same result; a GPU that is not there is an error before anything is
// written.
func TestValueGoesOnElsewhere(t *testing.T) {
	path := emulatedCards(t, "walks.cu")
	dir := valuedFolder(t)
	sampled := []string{"--estimator", "permutations", "--permutations", "300"}
	must0(t, dir, valueArgs("cpu", "cpu", sampled...)...)
	for i, setting := range []string{"lost_launch=1", "lost_copy=2"} {
		fake.Ask(t, path, "reset")
		fake.Ask(t, path, setting)
		out := fmt.Sprint("lost", i)
		code, text := runIn(dir, valueArgs(out, "cuda:0", sampled...)...)
		if code != exitFailed || !strings.Contains(text, "--device cuda:0") || !strings.Contains(text, "lost") || !strings.Contains(text, "another --device") {
			t.Errorf("%s: exit code %d: %s", setting, code, text)
		}
		if r := record(t, dir, out); r.State != runfile.Running {
			t.Errorf("%s: state %s", setting, r.State)
		}
		must0(t, dir, valueArgs(out, "cpu", sampled...)...)
		sameFiles(t, dir, "cpu", out)
	}
	fake.Ask(t, path, "reset")
	t.Setenv(driver.LibraryVariable, "/no/such/libcuda.so.1")
	code, text := runIn(dir, valueArgs("none", "cuda:0", sampled...)...)
	if _, err := os.Stat(filepath.Join(dir, "none")); code != exitFailed || !strings.Contains(text, "no CUDA driver") || err == nil {
		t.Errorf("exit code %d: %s", code, text)
	}
}

// Models, ground truth and stores are the CPU's bits when a GPU multiplies, and run.json says what it did.
func TestProductsOnGPU(t *testing.T) {
	emulatedCards(t, "gemm.cu")
	dir := scoredFolder(t)
	if simd.Active() == simd.Generic {
		must0(t, dir, "index", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--device", "cuda:0", "--out", "$dir/plain")
		sameFiles(t, dir, "store", "plain")
		if r := record(t, dir, "plain"); len(r.Kernels) != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "no vectors whose bits") {
			t.Errorf("kernels %+v, notes %q", r.Kernels, r.Notes)
		}
		return
	}
	normed(t, dir)
	commands := map[string][]string{
		"train": {"train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/model.json"},
		"index": {"index", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train"},
		"truth": {"train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/normed.json", "--subsets", "2", "--remove", "0.25"},
	}
	for name, args := range commands {
		for _, device := range []string{"cpu", "cuda:0"} {
			must0(t, dir, append(slices.Clone(args), "--device", device, "--out", "$dir/"+name+"-"+device)...)
		}
		sameFiles(t, dir, name+"-cpu", name+"-cuda:0")
		r := record(t, dir, name+"-cuda:0")
		if len(r.Kernels) != 1 || r.Kernels[0].Name != "products" || r.Kernels[0].Calls == 0 || len(r.Launches) == 0 || !strings.Contains(r.Device, "cuda:0") {
			t.Errorf("%s: device %q, kernels %+v, launches %v", name, r.Device, r.Kernels, r.Launches)
		}
		notes := r.Notes
		if name == "truth" {
			if len(notes) != 2 || !strings.Contains(notes[0], `copies were trained on the CPU: layer "norm" is of type "layer-norm"`) {
				t.Fatalf("%s: notes %q", name, notes)
			}
			notes = notes[1:]
		}
		if len(notes) != 1 || !strings.Contains(notes[0], "batches of products of layers") {
			t.Errorf("%s: notes %q", name, r.Notes)
		}
	}
	must0(t, dir, append(slices.Clone(commands["index"]), "--device", "cuda:0", "--precision", "f16", "--out", "$dir/f16")...)
	sameFiles(t, dir, "index-cpu", "f16")
	if r := record(t, dir, "f16"); len(r.Kernels) != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "--precision f16 is for scans") {
		t.Errorf("kernels %+v, notes %q", r.Kernels, r.Notes)
	}
	attribIn(t, dir, append(slices.Clone(commands["index"]), "--device", "cuda:0", "--out", "$dir/default")...)
	if r := record(t, dir, "default"); len(r.Kernels) != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], ": 0 of ") || r.Device != "" {
		t.Errorf("device %q, kernels %+v, notes %q", r.Device, r.Kernels, r.Notes)
	}
}

// normed writes a model with a layer that no card trains copies of.
func normed(t *testing.T, dir string) {
	t.Helper()
	m, err := train.ReadModel(filepath.Join(dir, "model.json"))
	if err != nil {
		t.Fatal(err)
	}
	norm := train.Layer{Name: "norm", Type: train.LayerNorm, In: m.Layers[0].Out, Out: m.Layers[0].Out, Activation: train.None}
	m.Layers = slices.Insert(m.Layers, 1, norm)
	if err := m.Write(filepath.Join(dir, "normed.json")); err != nil {
		t.Fatal(err)
	}
}

// Models that are retrained for subsets are trained together on the card, to the CPU's truth, and run.json says so. A run
// whose card is lost goes on elsewhere.
func TestTruthOnGPU(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("copies stay on a CPU without vectors")
	}
	path := emulatedCards(t, "train.cu", "gemm.cu")
	dir := scoredFolder(t)
	args := []string{"train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/model.json", "--subsets", "3", "--remove", "0.25,0.5", "--seeds", "1,2"}
	must0(t, dir, append(slices.Clone(args), "--out", "$dir/cpu")...)
	must0(t, dir, append(slices.Clone(args), "--device", "cuda", "--out", "$dir/cuda")...)
	sameFiles(t, dir, "cpu", "cuda")
	r := record(t, dir, "cuda")
	text, err := os.ReadFile(filepath.Join(dir, "cuda", runfile.Name))
	if err == nil {
		err = validJSON("run", string(text))
	}
	if err != nil {
		t.Error(err)
	}
	if len(r.Kernels) == 0 || r.Kernels[0].Name != "copies" || r.Kernels[0].Ops == 0 || r.Kernels[0].Bytes == 0 || !strings.Contains(r.Device, "cuda:1") {
		t.Errorf("device %q, kernels %+v", r.Device, r.Kernels)
	}
	if !slices.ContainsFunc(r.Launches, func(l runfile.Launch) bool { return l.Kernel == "train_move" && l.Count > 0 }) {
		t.Errorf("launches %v", r.Launches)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "trained 12 copies of the network") || strings.Contains(notes, "0 of 0 batches") {
		t.Errorf("notes %q", r.Notes)
	}
	fake.Ask(t, path, "reset")
	fake.Ask(t, path, "lost_launch=30")
	code, said := runIn(dir, append(slices.Clone(args), "--device", "cuda:0", "--out", "$dir/lost")...)
	if code != exitFailed || !strings.Contains(said, "cuda:0") || !strings.Contains(said, "lost") {
		t.Errorf("exit code %d: %s", code, said)
	}
	fake.Ask(t, path, "reset")
	must0(t, dir, append(slices.Clone(args), "--device", "cpu", "--out", "$dir/lost")...)
	sameFiles(t, dir, "cpu", "lost")
}

// A lost card ends training; the run goes on where it stood, elsewhere, to the same bits.
func TestTrainingGoesOnElsewhere(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("products stay on a CPU without vectors")
	}
	path := emulatedCards(t, "gemm.cu")
	dir := scoredFolder(t)
	args := []string{"train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/model.json", "--checkpoint-every", "1"}
	must0(t, dir, append(slices.Clone(args), "--out", "$dir/whole")...)
	fake.Ask(t, path, "lost_launch=9")
	code, text := runIn(dir, append(slices.Clone(args), "--device", "cuda:0", "--out", "$dir/lost")...)
	if code != exitFailed || !strings.Contains(text, "cuda:0") || !strings.Contains(text, "lost") {
		t.Errorf("exit code %d: %s", code, text)
	}
	fake.Ask(t, path, "reset")
	must0(t, dir, append(slices.Clone(args), "--device", "cpu", "--out", "$dir/lost")...)
	sameFiles(t, dir, "whole", "lost")
}

// A score goes on elsewhere where the bits are the same, and is refused, by the flag's name, where they are not.
func TestScoreGoesOnWhereBitsAreTheSame(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("a CPU without vectors has other bits than a GPU, and bitsOf says so")
	}
	path := emulatedCards(t, "scan.cu", "scan_mma.cu")
	dir := scoredFolder(t)
	score := func(out, device, precision string) (int, string) {
		return runIn(dir, "score", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--store", "$dir/store", "--method", "dot",
			"--device", device, "--precision", precision, "--out", "$dir/"+out)
	}
	if code, text := score("cpu", "cpu", "exact"); code != exitOK {
		t.Fatal(text)
	}
	for _, c := range []struct{ first, precision, device, then, refused string }{
		{"cuda:0", "exact", "cpu", "exact", ""},
		{"cuda:0", "exact", "cuda:1", "exact", ""},
		{"cuda:0", "exact", "ref", "exact", `--device was "cuda:0" and is now "ref"`},
		{"cuda:0", "bf16", "cpu", "exact", `--device was "cuda:0" and is now "cpu"`},
		{"cuda:0", "bf16", "cuda:0", "exact", `--precision was "bf16" and is now "exact"`},
		{"cuda:0", "tf32x3", "cuda:1", "bf16", "--device"},
		{"cuda:0", "f16", "cuda:1", "f16", ""},
	} {
		out := strings.NewReplacer(":", "").Replace(fmt.Sprint(c.first, c.precision, c.device, c.then))
		fake.Ask(t, path, "reset")
		fake.Ask(t, path, "devices=2")
		fake.Ask(t, path, "lost_launch=1")
		if code, text := score(out, c.first, c.precision); code != exitFailed || !strings.Contains(text, "lost") {
			t.Fatalf("%+v: exit code %d: %s", c, code, text)
		}
		fake.Ask(t, path, "reset")
		fake.Ask(t, path, "devices=2")
		code, text := score(out, c.device, c.then)
		if (code == exitOK) != (c.refused == "") || !strings.Contains(text, c.refused) {
			t.Errorf("%+v: exit code %d: %s", c, code, text)
		}
		if c.refused == "" && c.precision == "exact" {
			sameFiles(t, dir, "cpu", out)
		}
	}
	if code, text := runIn(dir, "rerun", "-q", "$dir/cpu", "--device", "ref", "--out", "$dir/again"); code != exitUsage || !strings.Contains(text, "other bits than --device cpu") {
		t.Errorf("exit code %d: %s", code, text)
	}
}

// Which runs may be gone on with on which device.
func TestAlikeDevices(t *testing.T) {
	settings := func(device, precision string) map[string]string {
		return map[string]string{"device": device, "precision": precision}
	}
	vectors := simd.Active() != simd.Generic
	for _, c := range []struct {
		command  string
		old, now map[string]string
		want     bool
	}{
		{"value", settings("cuda:0", "bf16"), settings("cpu", "exact"), true},
		{"index", settings("cuda", "exact"), settings("ref", "exact"), true},
		{"score", settings("cuda", "exact"), settings("cpu", "exact"), vectors},
		{"score", settings("cpu", ""), settings("cuda:1", "exact"), vectors},
		{"score", settings("cuda:0", ""), settings("cuda:1", "exact"), true},
		{"score", settings("cuda:0", "int8"), settings("cuda:1,2", "int8"), true},
		{"score", settings("cuda:0", "int8"), settings("cpu", "exact"), false},
		{"score", settings("ref", "exact"), settings("cpu", "exact"), false},
		{"bench accuracy", settings("cuda:0", "f16"), settings("cuda:0", "exact"), false},
	} {
		for _, setting := range []string{"device", "precision"} {
			if got := alike(c.command)(setting, c.old, c.now); got != c.want {
				t.Errorf("%s of %s: %v and %v are alike: %v", setting, c.command, c.old, c.now, got)
			}
		}
		if alike(c.command)("seed", c.old, c.now) {
			t.Error("another seed is alike")
		}
	}
}

// Rows of bench speed say who computed them, and a GPU is not held to the processor's ceilings.
func TestSpeedOnGPU(t *testing.T) {
	emulatedCards(t, "scan.cu")
	dir := t.TempDir()
	text := attribIn(t, dir, "bench", "speed", "--small", "--rounds", "1", "--shapes", "scan q=1,gemm", "--device", "cuda:0", "--json", "--out", "$d/speed")
	if err := validJSON("speed", string(text)); err != nil {
		t.Error(err)
	}
	var r SpeedResult
	if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Rows) != 2 {
		t.Fatalf("%d rows, %v", len(r.Rows), err)
	}
	if scan := r.Rows[0]; !strings.Contains(scan.Device, "cuda:0") || scan.Path != "float32-fma-runs-512" || scan.Ceiling != "" || scan.CeilingFraction != 0 {
		t.Errorf("scan: %+v", scan)
	}
	if gemm := r.Rows[1]; gemm.Device != "CPU" || gemm.Path != simd.Active().String() || gemm.Ceiling == "" {
		t.Errorf("gemm: %+v", gemm)
	}
	if r := record(t, dir, "speed"); len(r.Launches) == 0 || !strings.Contains(r.Device, "cuda:0") {
		t.Errorf("device %q, launches %v", r.Device, r.Launches)
	}
}

// The accuracy measured on a GPU is the CPU's, and run.json says what was computed for it.
func TestAccuracyOnGPU(t *testing.T) {
	emulatedCards(t, "scan.cu")
	dir := scoredFolder(t)
	must0(t, dir, "train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/model.json", "--subsets", "4", "--remove", "0.25", "--out", "$dir/truth")
	var rows [2]string
	for i, device := range []string{"cpu", "cuda"} {
		must0(t, dir, "bench", "accuracy", "-q", "--corpus", "$dir/corpus", "--truth", "$dir/truth", "--methods", "dot", "--device", device, "--out", "$dir/"+device)
		var r AccuracyResult
		if err := strictjson.ReadFile(filepath.Join(dir, device, accuracyFile), &r); err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Results {
			row.Seconds = 0
			rows[i] += fmt.Sprintf("%+v\n", row)
		}
		if k := record(t, dir, device).Kernels; len(k) == 0 || k[0].Bytes == 0 || k[0].Ops == 0 {
			t.Errorf("%s: kernels %+v", device, k)
		}
	}
	if rows[0] != rows[1] || rows[0] == "" {
		t.Errorf("other accuracy:\n%s\n%s", rows[0], rows[1])
	}
}

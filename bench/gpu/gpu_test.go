package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"attrib/bench/results"
	"attrib/internal/testneed"
	"attrib/kernels/cuda/fake"
)

// The pack goes the whole way on an emulated card, and its result proves nothing.
func TestPackOnEmulator(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	library := fake.Build(t, 80)
	dir := filepath.Join(t.TempDir(), "pack")
	if text, err := exec.Command("../gpu.sh", "pack", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var size int64
	files, _ := filepath.Glob(dir + "/*")
	for _, f := range files {
		i, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += i.Size()
	}
	if size > 30<<20 {
		t.Errorf("the pack has %d bytes, more than 30 MiB", size)
	}
	c := exec.Command(dir+"/gpu.sh", "run", "-tiny")
	c.Dir = t.TempDir() // nothing of the repository is needed
	c.Env = append(os.Environ(), "ATTRIB_LIBCUDA="+library)
	text, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "nothing is proven") {
		t.Fatalf("%v\n%s", err, text)
	}
	checkEmulated(t, dir)
	some := t.TempDir()
	c = exec.Command(dir+"/gpu.sh", "run", "-tiny", "-out", some, "-only", "Walks|times of chol", "-budget", "2m")
	c.Env = append(os.Environ(), "ATTRIB_LIBCUDA="+library)
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	checkSome(t, some)
}

// onlyResult is the result that a run has left in a folder.
func onlyResult(t *testing.T, dir string) *results.Result {
	t.Helper()
	found, _ := filepath.Glob(dir + "/*-20*.json")
	if len(found) != 1 {
		t.Fatalf("results: %v", found)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	valid(t, text)
	r, err := results.Parse(filepath.Base(found[0]), text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkSome: what was not asked for is left out, and then nothing is proven even on a card.
func checkSome(t *testing.T, dir string) {
	t.Helper()
	r := onlyResult(t, dir)
	for _, p := range r.Parts {
		asked := p.Name == "card" || strings.Contains(p.Name, "Walks") || p.Name == "times of cholesky"
		if p.State != results.NotRun && asked != (p.State == results.Passed) {
			t.Errorf("%s: %s: %s", p.Name, p.State, p.Why)
		}
	}
	if len(r.Shapes) != 1 || len(r.Kernels) == 0 {
		t.Errorf("%d shapes, %d kernels", len(r.Shapes), len(r.Kernels))
	}
	r.Emulated = false
	if r.Judge(); len(results.Proofs([]*results.Result{r})) != 0 {
		t.Error("kernels are proven by some of the tests")
	}
}

// Parts have what is left of the time for all, and none begins when that is little.
func TestBudget(t *testing.T) {
	r := &runner{work: t.TempDir(), ends: time.Now().Add(time.Minute)}
	if left, why := r.allowed("a", time.Hour); why != "" || left > time.Minute || left < 50*time.Second {
		t.Errorf("%v, %q", left, why)
	}
	if left, why := r.allowed("a", time.Second); why != "" || left != time.Second {
		t.Errorf("%v, %q", left, why)
	}
	r.ends = time.Now().Add(time.Second)
	if p := r.part("late", time.Minute, exec.Command("true")); p.State != results.LeftOut || !strings.Contains(p.Why, "used up") {
		t.Errorf("%+v", p)
	}
}

func checkEmulated(t *testing.T, dir string) {
	t.Helper()
	r := onlyResult(t, dir)
	if !r.Emulated || len(results.Proofs([]*results.Result{r})) > 0 {
		t.Errorf("emulated %v, and proofs", r.Emulated)
	}
	for _, p := range r.Parts {
		if p.State != results.Passed && p.State != results.NotRun {
			t.Errorf("%s: %s: %s", p.Name, p.State, p.Why)
		}
	}
	if len(r.Kernels) < 8 || len(r.Shapes) != 10 {
		t.Errorf("%d kernels and %d shapes", len(r.Kernels), len(r.Shapes))
	}
	for _, s := range r.Shapes {
		if s.Seconds <= 0 || strings.HasPrefix(s.Name, "q=") && s.Recall < 0.9 {
			t.Errorf("%+v", s)
		}
	}
	r.Emulated = false // it would prove the kernels, so it is what the flag says that keeps them unproven
	if r.Judge(); len(results.Proofs([]*results.Result{r})) != len(r.Kernels) {
		t.Error("without the flag not every kernel would be proven")
	}
}

// valid holds a result against the published schema.
func valid(t *testing.T, text []byte) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../../docs/schemas/gpu.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
}

// A part that does not end is ended with all that it has started, and what it found before is kept.
func TestHangingPart(t *testing.T) {
	r := &runner{work: t.TempDir()}
	line := `{"shape":{"name":"a","work":"b","sizes":{"q":1},"seconds":1,"bytes":2,"ops":3}}`
	c := exec.Command("sh", "-c", `echo '`+line+`' >"$0"; printf '{"sha' >>"$0"; echo working; sleep 61.25 & sleep 61.25`, r.handover())
	began := time.Now()
	p := r.part("hanging", 500*time.Millisecond, c)
	if p.State != results.Timeout || !strings.Contains(p.Why, "working") || time.Since(began) > 10*time.Second {
		t.Errorf("%+v after %s", p, time.Since(began))
	}
	if len(r.Shapes) != 1 || r.Shapes[0].Ops != 3 {
		t.Errorf("%+v", r.Shapes)
	}
	err := exec.Command("pgrep", "-f", "^sleep 61.25$").Run()
	if err == nil {
		t.Error("what the part has started goes on")
	}
	if p := r.part("failing", time.Second, exec.Command("sh", "-c", "echo no; exit 3")); p.State != results.Failed || !strings.Contains(p.Why, "no") {
		t.Errorf("%+v", p)
	}
	if p := r.part("absent", time.Second, exec.Command("/no/such/program")); p.State != results.Failed {
		t.Errorf("%+v", p)
	}
}

// A machine without a card says so in one line.
func TestNoCard(t *testing.T) {
	t.Setenv("ATTRIB_LIBCUDA", "/no/such/library.so")
	if _, err := firstCard(); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// Every test that is run on a card is there, and is one that opens its device as card_test.go has it.
func TestCardTestsExist(t *testing.T) {
	files, err := filepath.Glob("../../kernels/cuda/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	for _, name := range cardTests {
		if !strings.Contains(text.String(), "func "+name+"(t *testing.T)") {
			t.Errorf("there is no test %s", name)
		}
	}
}

// PyTorch's side runs, on the processor, and names what it did.
func TestPeer(t *testing.T) {
	python := testneed.Tool(t, "python3")
	if err := exec.Command(python, "-c", "import torch").Run(); err != nil {
		testneed.Missing(t, "torch", "python3 has no torch")
	}
	r := &runner{work: t.TempDir()}
	r.Shapes = []results.Shape{
		{Name: "q=3 w=16 bf16", Sizes: map[string]int64{"q": 3, "n": 500, "w": 16, "k": 10}},
		{Name: "cholesky 8² × 20", Sizes: map[string]int64{"n": 8, "count": 20}},
		{Name: "products 2 × (3×4·4×5)", Sizes: map[string]int64{"models": 2, "batch": 3, "in": 4, "out": 5}},
		{Name: "coalitions 3 × (4-4-3-2)", Sizes: map[string]int64{"models": 3, "samples": 7, "batch": 3, "epochs": 2, "in0": 4, "in1": 4, "in2": 3, "classes": 2}},
		{Name: "projection 1 × 2 → 3", Sizes: map[string]int64{"lines": 1, "columns": 2, "k": 3}},
	}
	text, err := json.Marshal(r.Shapes)
	if err != nil {
		t.Fatal(err)
	}
	shapes := filepath.Join(r.work, "shapes")
	if err := os.WriteFile(shapes, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if p := r.part("PyTorch", time.Minute, exec.Command(python, "peer.py", shapes, r.handover(), "cpu")); p.State != results.Passed {
		t.Fatal(p.Why)
	}
	if r.Ceilings.BF16 <= 0 || r.Torch == "" {
		t.Errorf("%+v %q", r.Ceilings, r.Torch)
	}
	for i, s := range r.Shapes {
		if (s.Peer > 0) != (i < 4) {
			t.Errorf("%s: %g s", s.Name, s.Peer)
		}
	}
}

// Targets are judged by what was measured only.
func TestTargets(t *testing.T) {
	sizes := func(q, w int64) map[string]int64 { return map[string]int64{"q": q, "w": w} }
	all := []results.Shape{
		{Name: "q=64 w=512 bf16", Sizes: sizes(64, 512), Seconds: 2, OfCopy: 0.9, Recall: 1},
		{Name: "q=64 w=512 int8", Sizes: sizes(64, 512), Seconds: 1, Recall: 1},
		{Name: "q=1024 w=512 bf16", Sizes: sizes(1024, 512), Seconds: 2, Speedup: 1.5, Recall: 1},
		{Name: "q=1024 w=512 int8", Sizes: sizes(1024, 512), Seconds: 1, Recall: 0.99},
		{Name: "q=1024 w=4096 bf16", Sizes: sizes(1024, 4096), Seconds: 2},
		{Name: "coalitions", Seconds: 0.5},
	}
	judgeTargets(all)
	var got []string
	for _, s := range all {
		state := "unknown"
		if s.Met != nil {
			state = map[bool]string{true: "met", false: "missed"}[*s.Met]
		}
		got = append(got, state)
	}
	if want := []string{"met", "met", "missed", "missed", "unknown", "met"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The committed proofs are those of the committed results.
func TestProvenIsCurrent(t *testing.T) {
	all, err := results.All()
	if err != nil {
		t.Fatal(err)
	}
	want, err := provenText(all)
	got, err2 := os.ReadFile("../../kernels/cuda/driver/proven.json")
	if err := errors.Join(err, err2); err != nil || string(got) != string(want) {
		t.Errorf("proven.json is not what `go run ./bench/gpu proven` makes: %v", err)
	}
}

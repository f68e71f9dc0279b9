package results

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"attrib/kernels/cuda/driver"
)

// whole is a result with one proven kernel and one that is not.
func whole() *Result {
	met := true
	r := &Result{Schema: Schema, Card: "NVIDIA H200 (x)", Date: "2026-11-28", CUDA: "12.4", Capability: "9.0", Torch: "2.13",
		Ceilings: Ceilings{Copy: 4e12, BF16: 8e14},
		Parts:    []Part{{Name: SelfTest, State: Passed}, {Name: "TestA", State: Passed}, {Name: "TestB", State: Timeout, Why: "slow"}},
		Kernels: []Kernel{{Kernel: "a", Target: "sm_80", PTX: "1", Parts: []string{"TestA"}}, {Kernel: "b", Target: "sm_80", PTX: "2", Parts: []string{"TestA", "TestB"}},
			{Kernel: "c", Target: "sm_80", PTX: "3", Parts: []string{"TestC"}}},
		Shapes: []Shape{{Name: "q=1", Seconds: 2, Bytes: 4e12, Ops: 4e14, Peer: 3, Recall: 0.5, Target: "fast", Met: &met}},
	}
	r.Judge()
	return r
}

func TestJudge(t *testing.T) {
	r := whole()
	if !r.Kernels[0].Proven || r.Kernels[1].Proven || r.Kernels[2].Proven {
		t.Errorf("%+v", r.Kernels)
	}
	if s := r.Shapes[0]; s.OfCopy != 0.5 || s.OfBF16 != 0.25 || s.Speedup != 1.5 {
		t.Errorf("%+v", s)
	}
	r.Parts[0].State = Failed
	if r.Judge(); r.Kernels[0].Proven {
		t.Error("proven on a card whose layouts are others")
	}
	r = whole()
	r.Emulated = true
	if r.Judge(); r.Kernels[0].Proven {
		t.Error("proven by the emulator")
	}
}

func text(t *testing.T, r *Result) []byte {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A file that claims what its parts do not show is refused, as is one of another form or name.
func TestParseRefuses(t *testing.T) {
	if _, err := Parse("nvidia-h200--x-2026-11-28.json", text(t, whole())); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*Result){
		"kernel b for sm_80 is called proven": func(r *Result) { r.Kernels[1].Proven = true },
		"kernel a for sm_80 is called proven": func(r *Result) { r.Emulated = true },
		"schema is":                           func(r *Result) { r.Schema = "attrib.gpu/2" },
		"its name should be":                  func(r *Result) { r.Card = "another" },
		"no card or no date":                  func(r *Result) { r.Date = "" },
	} {
		r := whole()
		spoil(r)
		if _, err := Parse("nvidia-h200--x-2026-11-28.json", text(t, r)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Parse("x.json", []byte(`{"schema":"attrib.gpu/1","extra":1}`)); err == nil {
		t.Error("an unknown field passes")
	}
}

func TestProofs(t *testing.T) {
	again := whole()
	again.Date = "2026-11-29"
	got := Proofs([]*Result{whole(), again})
	if want := (driver.Proof{Card: "NVIDIA H200 (x)", Kernel: "a", PTX: "1", Result: again.File()}); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

func TestLoad(t *testing.T) {
	files := fstest.MapFS{whole().File(): {Data: text(t, whole())}, "README.md": {}}
	if all, err := load(files); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	files["bad.json"] = &fstest.MapFile{Data: []byte("{}")}
	if _, err := load(files); err == nil {
		t.Error("a bad file is left out silently")
	}
	if _, err := All(); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	emulated := whole()
	emulated.Emulated = true
	if err := Table(&b, []*Result{emulated}); err != nil || b.Len() > 0 {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := Table(&b, []*Result{whole()}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NVIDIA H200 (x), CUDA 12.4, 2026-11-28 (`bench/gpu.sh`): copy 4 TB/s, cuBLAS bf16 800 TFLOP/s; 1 of 3 kernels proven.",
		"| q=1 | 2 | 50 % | 25 % | 1.5 × | 0.5 | fast (met) |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

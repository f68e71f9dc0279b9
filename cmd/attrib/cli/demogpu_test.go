package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"

	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/kernels/cuda/fake"
)

// The whole path on an emulated card ends in the CPU's shares, amounts and root, and run.json of the scores and of the values name
// what was launched.
func TestDemoOnGPU(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the demo twice")
	}
	sources, err := filepath.Glob("../../../kernels/cuda/src/*.cu")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	for i := range sources {
		if sources[i], err = filepath.Abs(sources[i]); err != nil {
			t.Fatal(err)
		}
	}
	fake.Start(t, 80, sources)
	dir := t.TempDir()
	cpu, gpu := demoOn(t, "cpu", filepath.Join(dir, "cpu")), demoOn(t, "cuda:0", filepath.Join(dir, "gpu"))
	if cpu.Root == "" || gpu.Root != cpu.Root || !gpu.Verified {
		t.Errorf("root %q, verified %v, on the CPU %q", gpu.Root, gpu.Verified, cpu.Root)
	}
	for i, c := range cpu.Contributors {
		if g := gpu.Contributors[i]; g.Share != c.Share || g.Amount != c.Amount {
			t.Errorf("%+v, on the CPU %+v", g, c)
		}
	}
	records, err := filepath.Glob(filepath.Join(dir, "gpu", "*", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var launched []string
	for _, path := range records {
		var r runfile.Record
		if err := strictjson.ReadFile(path, &r); err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Launches {
			launched = append(launched, l.Kernel)
		}
	}
	for _, kernel := range []string{"gram_f32", "scan_dot_128x64", "walk_curve"} {
		if !slices.Contains(launched, kernel) {
			t.Errorf("%s was not launched, but %q", kernel, launched)
		}
	}
}

func demoOn(t *testing.T, device, out string) (r DemoResult) {
	t.Helper()
	var text, errs bytes.Buffer
	if code := Run(context.Background(), []string{"demo", "--seed", "1", "-q", "--json", "--device", device, "--out", out}, &text, &errs, nil); code != exitOK {
		t.Fatalf("%s: exit code %d: %s", device, code, errs.String())
	}
	if err := strictjson.Unmarshal(text.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

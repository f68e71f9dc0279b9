package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

func TestDeviceFlags(t *testing.T) {
	for _, c := range []struct {
		device, precision, text string
	}{
		{"cpu", "exact", ""}, {"ref", "exact", ""}, {"cuda", "bf16", ""}, {"cuda:0", "int8", ""}, {"cuda:3,1", "exact", ""},
		{"gpu", "exact", `"gpu", want cpu`}, {"cuda:", "exact", "different numbers"}, {"cuda:0,0", "exact", "different numbers"}, {"cuda:-1", "exact", "different numbers"},
		{"cuda:01", "exact", "different numbers"}, {"cuda1", "exact", "want cpu"}, {"cpu", "bf16", "is for --device cuda"}, {"cuda", "half", "exact, tf32x3"},
	} {
		err := (&env{device: c.device, precision: c.precision}).checkDevice()
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if d, err := cudaDevices("cuda:3,1"); err != nil || !slices.Equal(d, []int{3, 1}) {
		t.Errorf("%v, %v", d, err)
	}
}

// A GPU that is asked for and not there is an error, never another device.
func TestNoDriver(t *testing.T) {
	t.Setenv(driver.LibraryVariable, filepath.Join(t.TempDir(), "absent.so"))
	d, err := (&env{device: "cuda:0", precision: "exact", workers: 1}).openDevice()
	if err == nil || d != nil || !strings.Contains(err.Error(), "--device cuda:0: no CUDA driver") {
		t.Errorf("%v, %v", d, err)
	}
}

// scoredFolder is a folder with a trained model and a store.
func scoredFolder(t *testing.T) string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	attribIn(t, dir, "train", "-q", "--corpus", "$dir/corpus", "--model", "$dir/model.json", "--out", "$dir/train")
	attribIn(t, dir, "index", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--out", "$dir/store")
	return dir
}

func scoreOn(t *testing.T, dir, device, method, out string) {
	attribIn(t, dir, "score", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--store", "$dir/store", "--top", "3", "--method", method, "--device", device, "--out", "$dir/"+out)
}

// On emulated cards, one or two, a run gives the files that the CPU gives, and run.json says who did what.
func TestScoreOnGPU(t *testing.T) {
	var kernels []string
	for _, name := range []string{"scan.cu", "scan_mma.cu", "factored.cu"} {
		kernels = append(kernels, filepath.Join("..", "..", "..", "kernels", "cuda", "src", name))
	}
	fake.Start(t, 80, kernels, "devices=2")
	dir := scoredFolder(t)
	for _, method := range []string{"dot", "cosine"} {
		scoreOn(t, dir, "cpu", method, method)
		for _, device := range []string{"cuda:0", "cuda"} {
			out := method + device[len(device)-1:]
			scoreOn(t, dir, device, method, out)
			for _, name := range []string{"scores.int.safetensors", "scores.parquet", "top.parquet"} {
				want, err1 := os.ReadFile(filepath.Join(dir, method, name))
				got, err2 := os.ReadFile(filepath.Join(dir, out, name))
				if err1 != nil || err2 != nil || !bytes.Equal(got, want) {
					t.Errorf("%s on %s: %s differs (%v, %v)", method, device, name, err1, err2)
				}
			}
			checkRecord(t, filepath.Join(dir, out), device)
		}
	}
	overlapIsSaid(t, dir)
	lost(t, dir)
}

// overlapIsSaid: run.json of a precision that is not exact says how many of the best samples are the exact ones.
func overlapIsSaid(t *testing.T, dir string) {
	for _, precision := range []string{"tf32x3", "f16"} {
		attribIn(t, dir, "score", "-q", "--corpus", "$dir/corpus", "--model", "$dir/train", "--store", "$dir/store", "--top", "3", "--method", "cosine",
			"--device", "cuda:0", "--precision", precision, "--out", "$dir/"+precision)
		var r runfile.Record
		if err := strictjson.ReadFile(filepath.Join(dir, precision, "run.json"), &r); err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(r.Notes, func(n string) bool { return strings.Contains(n, "exact scores") })
		if at < 0 {
			t.Fatalf("%s: notes %q", precision, r.Notes)
		}
		var outputs, samples, found, wanted int
		if _, err := fmt.Sscanf(r.Notes[at], "of the best samples of %d outputs among the first %d samples, %d of %d", &outputs, &samples, &found, &wanted); err != nil {
			t.Fatalf("%q: %v", r.Notes[at], err)
		}
		if part := float64(found) / float64(wanted); wanted != 3*outputs || part < .9 || part > 1 {
			t.Errorf("%s: %s", precision, r.Notes[at])
		}
	}
}

// Lists that share some rows overlap by those.
func TestOverlapCounts(t *testing.T) {
	o := new(overlap)
	if o.String() != "" {
		t.Error("nothing was compared")
	}
	o.count([]int64{1, 2, 3, 9, 8, 7}, []int64{3, 2, 5, 7, 8, 9}, 2, 10)
	if o.found != 5 || o.wanted != 6 || o.outputs != 2 || o.samples != 10 {
		t.Errorf("%+v", o)
	}
}

func checkRecord(t *testing.T, dir, device string) {
	t.Helper()
	var r runfile.Record
	if err := strictjson.ReadFile(filepath.Join(dir, "run.json"), &r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Device, "cuda:0") || strings.Contains(r.Device, "cuda:1") != (device == "cuda") || !strings.Contains(r.Device, "float32-fma-runs-512") {
		t.Errorf("%s: device %q", device, r.Device)
	}
	if len(r.Kernels) == 0 || r.Kernels[0].Bytes == 0 || r.Kernels[0].Ops == 0 || r.Config["device"] != device || r.Config["precision"] != "exact" {
		t.Errorf("%s: kernels %+v, settings %v", device, r.Kernels, r.Config)
	}
}

// lost: a card that is lost ends the run with an error that names it.
func lost(t *testing.T, dir string) {
	path := os.Getenv(driver.LibraryVariable)
	fake.Ask(t, path, "reset")
	fake.Ask(t, path, "lost_launch=2")
	var out, errs bytes.Buffer
	args := []string{"score", "-q", "--corpus", dir + "/corpus", "--model", dir + "/train", "--store", dir + "/store", "--method", "dot", "--device", "cuda:0", "--out", dir + "/lost"}
	code := Run(context.Background(), args, &out, &errs, nil)
	if code == exitOK || !strings.Contains(errs.String(), "cuda:0") || !strings.Contains(errs.String(), "lost") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	// What every call on the lost card answers is said once, and then what to do.
	if text := errs.String(); strings.Count(text, "\n") > 2 || !strings.Contains(text, "another --device, such as cpu") {
		t.Errorf("the error is:\n%s", text)
	}
	fake.Ask(t, path, "reset")
}

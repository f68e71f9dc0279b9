package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/safetensors"
)

func TestAccuracyPrintsItsSchema(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"bench", "accuracy", "--methods", "rbf", "--json"}, &out, &errs, nil); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if err := validJSON("accuracy", out.String()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), `"method": "rbf"`); n != 6 {
		t.Errorf("%d rows of rbf, want 2 targets × 3 parts", n)
	}
	errs.Reset()
	if code := Run(context.Background(), []string{"bench", "accuracy", "--methods", "magic"}, &out, &errs, nil); code != exitUsage {
		t.Errorf("an unknown method ends with exit code %d: %s", code, errs.String())
	}
}

// measureJSON runs attrib bench accuracy in a folder.
func measureJSON(t *testing.T, dir string, args ...string) AccuracyResult {
	t.Helper()
	for i, a := range args { // this process does not change its folder
		name, path, ok := strings.Cut(a, "=")
		switch {
		case i > 0 && args[i-1] == "--scores" && ok:
			args[i] = name + "=" + filepath.Join(dir, path)
		case i > 0 && (args[i-1] == "--scores" || args[i-1] == "--truth" || args[i-1] == "--corpus" || args[i-1] == "--out"):
			args[i] = filepath.Join(dir, a)
		}
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), append([]string{"bench", "accuracy", "--json"}, args...), &out, &errs, nil); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if err := validJSON("accuracy", out.String()); err != nil {
		t.Error(err)
	}
	var r AccuracyResult
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// Scores of other tools are named by file or by name, and stand beside methods; what cannot be measured is named.
func TestScoresOfOtherTools(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "theirs.safetensors")
	write := func(v []float32, shape ...int64) {
		t.Helper()
		if err := safetensors.WriteFile(path, nil, []safetensors.Tensor{safetensors.New("scores", v, shape...)}); err != nil {
			t.Fatal(err)
		}
	}
	ones := make([]float32, 100*1200)
	for i := range ones {
		ones[i] = float32(i%7) - 3
	}
	write(ones, 100, 1200)
	out := filepath.Join(dir, "out")
	r := measureJSON(t, dir, "--methods", "same-class", "--removed", "0.05", "--scores", "theirs.safetensors", "--scores", "again=theirs.safetensors", "--out", "out")
	if len(r.Results) != 6 || r.Results[2].Method != "theirs" || r.Results[4].Method != "again" || r.Results[2].LDS != r.Results[4].LDS || len(r.Differences) != 6 {
		t.Errorf("%+v", r)
	}
	page, err := os.ReadFile(filepath.Join(out, accuracyReportFile))
	if err != nil || !strings.Contains(string(page), "again") || strings.Contains(string(page), "<script") {
		t.Errorf("report: %v", err)
	}
	ones[1200*3+17] = float32(nan())
	for want, prepare := range map[string]func(){
		`row 3 (output "digit-1203"), column 17 (sample "digit-17") is NaN`: func() { write(ones, 100, 1200) },
		"samples × outputs; transpose it":                                   func() { write(ones, 1200, 100) },
		"its shape is [120000 1]":                                           func() { write(ones, 120000, 1) },
	} {
		prepare()
		var stdout, stderr bytes.Buffer
		code := Run(context.Background(), []string{"bench", "accuracy", "--methods", "", "--scores", path}, &stdout, &stderr, nil)
		if code != exitFailed || !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), path) {
			t.Errorf("exit code %d: %s\nwant %q", code, stderr.String(), want)
		}
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

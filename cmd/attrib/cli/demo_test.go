package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inFolder runs the program in a folder and returns its standard output.
func inFolder(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("attrib", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("attrib %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// The demo's figures agree with each other, and a repetition with one worker makes the same files.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	example := strings.Fields(newDemo(&env{}).Example) // attrib demo --out attrib-demo
	out := inFolder(t, dir, append(example[1:], "--json", "--seed", "7")...)
	if err := validJSON("demo", out); err != nil {
		t.Fatal(err)
	}
	var r DemoResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Verified {
		t.Error("the posted root was not verified")
	}
	checkMoney(t, r)
	checkShares(t, r)
	checkReport(t, filepath.Join(dir, r.Report))
	if err := validJSON("run", fileText(t, filepath.Join(dir, r.Out, "run.json"))); err != nil {
		t.Error(err)
	}
	out = inFolder(t, dir, "rerun", r.Out, "--out", "again", "--workers", "1", "--json")
	if err := validJSON("rerun", out); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"train/model.safetensors", "store/store.json", "scores/scores.int.safetensors", "scores/top.parquet",
		"value/evidence/shares.json", "value/evidence/weights.json", "epoch-1/evidence/epoch.json"} {
		sameFile(t, filepath.Join(dir, r.Out, name), filepath.Join(dir, "again", name))
	}
}

func checkMoney(t *testing.T, r DemoResult) {
	t.Helper()
	if len(r.Contributors) != 12 {
		t.Errorf("%d contributors, want 12", len(r.Contributors))
	}
	sum, err := sumOf(r.Contributors, func(c DemoContributor) string { return c.Amount })
	if err != nil || sum.String() != r.Pool || sum.Sign() == 0 {
		t.Errorf("amounts sum to %s, the pool is %s, %v", sum, r.Pool, err)
	}
	for _, c := range r.Contributors {
		if c.Claimed != c.Amount {
			t.Errorf("%s is due %s and claimed %s", c.ID, c.Amount, c.Claimed)
		}
	}
	if want := "0x" + strings.Repeat("0", 63) + "7"; r.Seed != want {
		t.Errorf("seed %s, want %s", r.Seed, want)
	}
}

// checkShares holds the shares against their sum, their intervals and the exact values beside them.
func checkShares(t *testing.T, r DemoResult) {
	t.Helper()
	sum, exact, apart := 0.0, 0.0, 0.0
	var honest []float64
	wrong := math.NaN()
	for _, c := range r.Contributors {
		if c.ExactShare == nil {
			t.Fatalf("%s has no exact share beside the estimate", c.ID)
		}
		if !(c.ShareLow <= c.Share && c.Share <= c.ShareHigh) {
			t.Errorf("%s: share %v is outside %v … %v", c.ID, c.Share, c.ShareLow, c.ShareHigh)
		}
		sum, exact, apart = sum+c.Share, exact+*c.ExactShare, apart+math.Abs(c.Share-*c.ExactShare)/2
		switch {
		case strings.HasPrefix(c.ID, "honest-"):
			honest = append(honest, c.Share)
		case c.ID == "wrong-labels":
			wrong = c.Share
		}
	}
	if math.Abs(sum-1) > 1e-9 || math.Abs(exact-1) > 1e-9 {
		t.Errorf("shares sum to %v and exact shares to %v", sum, exact)
	}
	slices.Sort(honest)
	if len(honest) != 8 || !(wrong < (honest[3]+honest[4])/2) {
		t.Errorf("wrong labels get %v, the honest %v", wrong, honest)
	}
	checkErrors(t, r, apart)
}

// checkErrors holds the stated error of the estimator against apart, the part of the pool it really misallocates.
func checkErrors(t *testing.T, r DemoResult, apart float64) {
	t.Helper()
	e := r.Errors
	if e.Estimator == nil || e.Sampling == nil || e.Method != nil {
		t.Fatalf("errors %+v: estimator and sampling are measured, the method is not", e)
	}
	if *e.Estimator < apart/4 || *e.Estimator > 4*apart || apart == 0 {
		t.Errorf("the estimator's stated error is %v, against the exact shares it is %v", *e.Estimator, apart)
	}
	if *e.Sampling <= 0 || r.ExpectedMisallocation < max(*e.Estimator, *e.Sampling) || r.ExpectedMisallocation > *e.Estimator+*e.Sampling {
		t.Errorf("estimator %v and sampling %v are together %v", *e.Estimator, *e.Sampling, r.ExpectedMisallocation)
	}
}

// external is what makes a page ask for something beyond itself.
var external = regexp.MustCompile(`(?i)<(script|link|iframe)[^>]*\s(src|href)=|\ssrc="?(https?:)?//|url\(\s*["']?(https?:)?//|@import`)

func checkReport(t *testing.T, path string) {
	t.Helper()
	page := fileText(t, path)
	for _, want := range []string{"<svg", "data:image", "wrong-labels", "<title>", "name=\"viewport\"", "@media print"} {
		if !strings.Contains(page, want) {
			t.Errorf("report.html has no %s", want)
		}
	}
	if at := external.FindString(page); at != "" {
		t.Errorf("report.html is not self-contained: %q", at)
	}
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sameFile(t *testing.T, a, b string) {
	t.Helper()
	if x, y := fileText(t, a), fileText(t, b); x == "" || x != y {
		t.Errorf("%s (%d bytes) and %s (%d bytes) differ", a, len(x), b, len(y))
	}
}

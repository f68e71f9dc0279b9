package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/runfile"
	"attrib/internal/strictjson"
)

// attribIn runs a command with the folder's paths and wants exit code 0.
func attribIn(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	for i, a := range args {
		args[i] = os.Expand(a, func(string) string { return dir })
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), args, &out, &errs, nil); code != exitOK {
		t.Fatalf("attrib %v: exit code %d\n%s", args, code, errs.Bytes())
	}
	return out.Bytes()
}

// What was expected to be read and computed is what was, and both are in run.json.
func TestEstimateIsWhatItTakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	attribIn(t, dir, "corpus", "new", "--contributors", "$d/contributors.csv", "--samples", "$d/train.safetensors", "--outputs", "$d/query.safetensors", "--out", "$d/c")
	attribIn(t, dir, "index", "--corpus", "$d/c", "--import", "$d/train.safetensors", "--sign", "+loss-gradient", "--measurement", "loss", "--out", "$d/s")
	attribIn(t, dir, "index", "--corpus", "$d/c", "--import", "$d/query.safetensors", "--of", "outputs", "--sign", "+loss-gradient", "--measurement", "loss", "--out", "$d/q")
	attribIn(t, dir, "store", "convert", "$d/s", "--type", "F16", "--out", "$d/half")
	for _, c := range []struct{ method, store string }{{"dot", "s"}, {"influence", "s"}, {"dot", "half"}, {"influence", "half"}} {
		method, out := c.method, c.method+"-"+c.store
		var e ScoreEstimate
		text := attribIn(t, dir, "score", "--corpus", "$d/c", "--store", "$d/"+c.store, "--method", method, "--estimate", "--json")
		if err := validJSON("score-estimate", string(text)); err != nil {
			t.Error(err)
		}
		if err := strictjson.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		attribIn(t, dir, "score", "--corpus", "$d/c", "--store", "$d/"+c.store, "--queries", "$d/q", "--method", method, "--out", "$d/"+out)
		r, err := runfile.Read(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		if r.Estimate == nil {
			t.Fatal("run.json compares nothing")
		}
		for _, expected := range []runfile.Cost{e.Expected, r.Estimate.Expected} {
			took := r.Estimate.Took
			if expected.Bytes != took.Bytes || expected.Ops != took.Ops || took.Bytes == 0 || took.Ops == 0 {
				t.Errorf("%s: %+v was expected, it took %+v", method, expected, took)
			}
			if expected.Seconds <= 0 || took.Seconds <= 0 || expected.Memory <= 0 {
				t.Errorf("%s: %+v was expected, it took %+v", method, expected, took)
			}
		}
		record, err := os.ReadFile(filepath.Join(dir, out, runfile.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := validJSON("run", string(record)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "influence-s", "scores.parquet")); err != nil {
		t.Error(err)
	}
}

// A limit of memory leads to smaller tiles and less that is mapped, which run.json says, or to an error that says what it
// takes; the scores are the same.
func TestMemoryLimit(t *testing.T) {
	e := &ScoreEstimate{Expected: runfile.Cost{Memory: 500 << 20}, tiles: 16 << 20, windows: 64 << 20}
	for _, c := range []struct{ limit, tile, mapped int64 }{{600 << 20, 0, 0}, {500 << 20, 0, 0}, {495 << 20, 4 << 20, 32 << 20}, {430 << 20, 5 << 20 >> 2, 0}} {
		l, err := e.limit(c.limit, 2)
		switch {
		case err != nil:
			t.Fatal(err)
		case l == nil && c.tile != 0 || l != nil && (c.tile == 0 || l.Memory != c.limit || l.Tile != c.tile || l.Mapped != c.mapped):
			t.Errorf("%d: %+v, want %+v", c.limit, l, c)
		case l != nil && 500<<20-e.tiles-e.windows+4*l.Tile+l.Mapped > c.limit:
			t.Errorf("%d: %+v does not keep to it", c.limit, l)
		}
	}
	if _, err := e.limit(420<<20, 2); err == nil || !strings.Contains(err.Error(), "too few") {
		t.Errorf("420 MiB: %v", err)
	}
}

package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The small shapes print what the schema says, alone, and write a page.
func TestSpeed(t *testing.T) {
	dir := t.TempDir()
	text := attribIn(t, dir, "bench", "speed", "--small", "--rounds", "1", "--shapes", "scan q=64,gemm", "--json", "--out", "$d/speed")
	if err := validJSON("speed", string(text)); err != nil {
		t.Error(err)
	}
	if n := strings.Count(string(text), `"shape"`); n != 4 {
		t.Errorf("%d shapes, want three scans and a product", n)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "speed", speedFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := validJSON("speed", string(saved)); err != nil {
		t.Error(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "speed", speedReportFile))
	if err != nil || !bytes.Contains(page, []byte("float32 multiply-adds")) {
		t.Errorf("the page does not state the ceiling (%v)", err)
	}
}

func TestSpeedRefuses(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--rounds 0", "--rounds is 0"}, {"--shapes warp", `no shape begins with "warp"`}, {"--force", "--force goes with --out"},
	} {
		var out, errs bytes.Buffer
		code := Run(context.Background(), append([]string{"bench", "speed", "--small"}, strings.Fields(c.args)...), &out, &errs, nil)
		if code != exitUsage || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", c.args, code, errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"bench", "speed", "--small", "--peers", "/no/such/python"}, &out, &errs, nil); code != exitFailed || !strings.Contains(errs.String(), "--peers") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}

package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
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

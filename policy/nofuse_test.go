package policy

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"attrib/internal/testneed"
)

// TestNoFusedArithmetic compiles the packages for a machine with fused multiply-add and looks for it: the figures
// beside the integers are recomputed bit for bit by verifiers on other machines, and fusing rounds once, not twice.
func TestNoFusedArithmetic(t *testing.T) {
	cmd := exec.Command(testneed.Tool(t, "go"), "build", "-gcflags=-S", "attrib/shapley/...", "attrib/policy")
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	if !regexp.MustCompile(`\tFMULD\t`).Match(out) {
		t.Fatal("no assembly was printed")
	}
	for _, line := range regexp.MustCompile(`(?m)^.*\tFN?M(ADD|SUB)D?\t.*$`).FindAll(out, -1) {
		t.Errorf("fused: %s", line)
	}
}

// Package testneed lets a test say what it needs beyond Go. What is missing skips the test with the reason, or fails
// it when ATTRIB_REQUIRE asks for it: "all" means everything but a GPU, "all,gpu" adds the GPU, and single names
// ("anvil,forge") ask for just those.
package testneed

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Missing skips the test with the reason, or fails it when ATTRIB_REQUIRE asks for what.
func Missing(t testing.TB, what, reason string) {
	t.Helper()
	if required(what, os.Getenv("ATTRIB_REQUIRE")) {
		t.Fatalf("%s is required by ATTRIB_REQUIRE but %s", what, reason)
	}
	t.Skipf("%s: %s", what, reason)
}

// Wanted says whether ATTRIB_REQUIRE asks for what: for tests that could run anywhere but take more than anybody would
// expect of go test.
func Wanted(what string) bool { return required(what, os.Getenv("ATTRIB_REQUIRE")) }

// Tool returns the path of a program. ATTRIB_<NAME> overrides the search on PATH.
func Tool(t testing.TB, name string) string {
	t.Helper()
	env := "ATTRIB_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if p := os.Getenv(env); p != "" {
		return p
	}
	p, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name, "not found on PATH, and "+env+" is not set")
	}
	return p
}

func required(what, setting string) bool {
	names := strings.Split(setting, ",")
	return slices.Contains(names, what) || (what != "gpu" && slices.Contains(names, "all"))
}

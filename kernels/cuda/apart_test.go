package cuda

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// apart says whether a test is to run here. When all tests are asked for, it is not: a process of its own runs it, beside those
// of others, since an emulator is one to a process, on one core.
func apart(t *testing.T) bool {
	t.Helper()
	const variable = "ATTRIB_TEST_APART"
	if os.Getenv(variable) == t.Name() || onCard || testing.Short() || flag.Lookup("test.run").Value.String() != "" {
		return true
	}
	t.Parallel()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=0")
	child.Env = append(os.Environ(), variable+"="+t.Name())
	text, err := child.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, text)
	case strings.Contains(string(text), "--- SKIP: "+t.Name()+" "):
		t.Skip(string(text))
	case !strings.Contains(string(text), "--- PASS: "+t.Name()+" "):
		t.Errorf("no test of that name ran:\n%s", text)
	}
	return false
}

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"attrib/internal/testneed"
)

// TestMain lets scripts, bash and the demo run this program as the command attrib, in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"attrib": func() { Main(nil) }})
}

// pathScript is run on every kind of node.
const pathScript = "testdata/script/path.txtar"

// TestScripts runs the real command line, on the embedded chain where a script needs one.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("scripts: %v, %v", files, err)
	}
	runScripts(t, "", files...)
}

// TestPathOnAnvil runs the path by hand on a node of another make.
func TestPathOnAnvil(t *testing.T) {
	t.Parallel()
	runScripts(t, testneed.Tool(t, "anvil"), pathScript)
}

// runScripts runs files in folders with a copy of testdata/small. The command node of a script starts that anvil, or
// attrib chain when it is empty.
func runScripts(t *testing.T, anvil string, files ...string) {
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "ATTRIB_RPC=http://127.0.0.1:1") // nobody serves there: a test names its node
			return os.CopyFS(env.WorkDir, os.DirFS("testdata/small"))
		},
		Cmds:            scriptCommands(anvil),
		ContinueOnError: true, // a script tells all that is wrong
	})
}

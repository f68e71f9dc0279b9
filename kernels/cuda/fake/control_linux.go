package fake

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
)

// Control gives a command to the library at path and returns its answer: "name=value" sets one of Settings (src/world.h)
// and restarts the counts of injections; "reset" forgets all devices and takes the settings of the environment;
// "live" tells what is open, "problems" what was found wrong since the last time it was asked, "launch" the arguments
// of the last launch, "queued" the work nobody waited for.
func Control(path, command string) (string, error) {
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return "", err
	}
	var control func(string) string
	purego.RegisterLibFunc(&control, h, "fakeCudaControl")
	answer := control(command)
	if text, bad := strings.CutPrefix(answer, "error: "); bad {
		return "", fmt.Errorf("fake: %s: %s", command, text)
	}
	return answer, nil
}

// Start builds the library, resets it with the settings ("cc=90", "devices=2"), has ATTRIB_LIBCUDA name it for the test,
// and at its end demands that nothing is open and that nothing was found wrong. Tests of one library must not run at the
// same time.
func Start(t testing.TB, arch int, kernels []string, settings ...string) string {
	t.Helper()
	path := Build(t, arch, kernels...)
	for _, s := range append([]string{"reset"}, settings...) {
		Ask(t, path, s)
	}
	t.Setenv("ATTRIB_LIBCUDA", path)
	t.Cleanup(func() {
		if live := Ask(t, path, "live"); live != Nothing && !t.Failed() {
			t.Errorf("left open: %s", live)
		}
		if problems := Ask(t, path, "problems"); problems != "" && !t.Failed() {
			t.Errorf("the emulated device complains:\n%s", problems)
		}
	})
	return path
}

// Nothing is what "live" answers when nothing is open.
const Nothing = "contexts 0 memory 0 pinned 0 streams 0 events 0 modules 0"

// Ask is [Control] in a test.
func Ask(t testing.TB, path, command string) string {
	t.Helper()
	answer, err := Control(path, command)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

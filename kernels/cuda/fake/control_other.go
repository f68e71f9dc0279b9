//go:build !linux

package fake

import (
	"errors"
	"testing"
)

// Nothing is what "live" answers when nothing is open.
const Nothing = "contexts 0 memory 0 pinned 0 streams 0 events 0 modules 0"

// Control gives a command to the library at path: on Linux only.
func Control(string, string) (string, error) { return "", errors.New("fake: on Linux only") }

// Start skips the test: the fake driver works on Linux only.
func Start(t testing.TB, _ int, _ []string, _ ...string) string {
	t.Skip("the fake CUDA driver works on Linux only")
	return ""
}

// Ask skips the test.
func Ask(t testing.TB, _, _ string) string {
	t.Skip("the fake CUDA driver works on Linux only")
	return ""
}

package cli

import (
	"os"
	"runtime/debug"
)

// leanPercent is how far memory may grow beyond what is in use before it is collected while rows are streamed.
const leanPercent = 20

// lean makes the collector of memory run sooner until the returned function is called: commands that stream rows hold
// little that it has to look at, and what they take should not grow with the rows. GOGC, where it is set, stays as it is.
func lean() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	old := debug.SetGCPercent(leanPercent)
	return func() { debug.SetGCPercent(old) }
}

package cli

import (
	"math"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// addressSpace is how much address space the process may still take, and whether that is limited (ulimit -v).
func addressSpace() (left int64, limited bool) {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &r) != nil || r.Cur >= 1<<46 { // more than a processor has
		return math.MaxInt64, false
	}
	return max(0, int64(r.Cur)-kilobytes("/proc/self/status", "VmSize:")), true
}

// fitAddressSpace makes the program do with a limited address space: the heap is collected before it takes half of what is left.
func fitAddressSpace() {
	left, limited := addressSpace()
	if limited && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(64<<20, left/2))
	}
}

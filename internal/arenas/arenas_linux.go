//go:build cgo

package arenas

import (
	"os"
	"syscall"
)

// Setting is the C library's variable.
const Setting = "MALLOC_ARENA_MAX"

func init() {
	const as, most = 9, 1 << 46 // RLIMIT_AS; more than a processor has
	var r syscall.Rlimit
	if os.Getenv(Setting) != "" || syscall.Getrlimit(as, &r) != nil || r.Cur >= most {
		return
	}
	if self, err := os.Executable(); err == nil {
		_ = syscall.Exec(self, os.Args, append(os.Environ(), Setting+"=1")) // comes back only when it fails; then it goes on as it is
	}
}

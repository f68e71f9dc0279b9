package store

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// readAhead has the system read a part of a file that will be wanted soon, while what comes before it is used.
func readAhead(f *os.File, offset, n int64) {
	_ = unix.Fadvise(int(f.Fd()), offset, n, unix.FADV_WILLNEED) // advice only
}

// changeTime is when a file or what is known of it was last changed, in nanoseconds; unlike the time of modification nobody can set
// it back. A link to the file changes it too.
func changeTime(i os.FileInfo) int64 {
	if st, ok := i.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano()
	}
	return 0
}

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// readAhead has the system read a part of a file that will be wanted soon, while what comes before it is used.
func readAhead(f *os.File, offset, n int64) {
	_ = unix.Fadvise(int(f.Fd()), offset, n, unix.FADV_WILLNEED) // advice only
}

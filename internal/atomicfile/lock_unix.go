//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another process is writing the folder.
var ErrInUse = errors.New("output folder is in use by another process")

// LockName is the file that holds a folder's lock. It stays after the lock is given back: removing it would let two
// processes hold locks on two files of one name.
const LockName = ".attrib.lock"

// Lock takes the folder for writing, making it if need be, and returns the function that gives it back. It does not
// wait: a folder that is taken is ErrInUse. The operating system drops the lock of a process that dies.
func Lock(dir string) (release func(), err error) { return LockAs(dir, LockName) }

// LockShared takes the folder together with others that do so, and keeps out those that Lock it.
func LockShared(dir string) (release func(), err error) { return lockAs(dir, LockName, unix.LOCK_SH) }

// LockAs is Lock with a lock file of another name, for two holders that share a folder and do not exclude each other,
// such as a run and the store it writes.
func LockAs(dir, lock string) (release func(), err error) { return lockAs(dir, lock, unix.LOCK_EX) }

func lockAs(dir, lock string, how int) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lock), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", dir, ErrInUse)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}

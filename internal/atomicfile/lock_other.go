//go:build !unix

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrInUse says that another process is writing the folder.
var ErrInUse = errors.New("output folder is in use by another process")

// LockName is the file that holds a folder's lock.
const LockName = ".attrib.lock"

// Lock takes the folder for writing with a file that must not exist yet. After a crash the file has to be removed by
// hand; the error names it.
func Lock(dir string) (release func(), err error) { return LockAs(dir, LockName) }

// LockAs is Lock with a lock file of another name, for two holders that share a folder and do not exclude each other,
// such as a run and the store it writes.
func LockAs(dir, lock string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, lock)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s (remove %s if no process runs): %w", dir, name, ErrInUse)
	}
	if err != nil {
		return nil, err
	}
	return func() { f.Close(); os.Remove(name) }, nil
}

// LockShared is not to be had here.
func LockShared(dir string) (release func(), err error) {
	return nil, fmt.Errorf("%s: several writers of one folder need a system with shared file locks: %w", dir, errors.ErrUnsupported)
}

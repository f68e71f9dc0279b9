package runfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// asideName is the folder that keeps a finished run while --force makes another in its place.
const asideName = ".attrib.replaced"

// setAside moves everything in the folder but the locks into a folder of its own.
func (f *Folder) setAside() error {
	aside := filepath.Join(f.Dir, asideName)
	if _, err := os.Stat(aside); err == nil { // an interrupted --force: what stands aside is the finished run
		return empty(f.Dir, asideName)
	}
	if err := os.Mkdir(aside, 0o755); err != nil {
		return err
	}
	return moveEntries(f.Dir, aside)
}

func (f *Folder) putBack() error {
	aside := filepath.Join(f.Dir, asideName)
	if _, err := os.Stat(aside); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := moveEntries(aside, f.Dir); err != nil {
		return err
	}
	return os.Remove(aside)
}

func moveEntries(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isLock(e.Name()) || e.Name() == asideName {
			continue
		}
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// empty removes everything in the folder but locks and the entry of that name.
func empty(dir, but string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isLock(e.Name()) || e.Name() == but {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the temporary files that a killed process left.
func sweep(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), ".") || !strings.Contains(d.Name(), ".tmp-") {
			return err
		}
		return os.Remove(path)
	})
}

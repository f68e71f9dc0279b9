package runfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// asideName is the folder that keeps a whole finished run while --force makes another in its place; movingName is its
// name while entries go there or come back. A process that dies meanwhile leaves movingName, and the next one puts
// back what is in it before it does anything else.
const (
	asideName  = ".attrib.replaced"
	movingName = ".attrib.replacing"
)

// setAside moves everything in the folder but the locks into a folder of its own.
func (f *Folder) setAside() error {
	aside, moving := filepath.Join(f.Dir, asideName), filepath.Join(f.Dir, movingName)
	if exists(aside) { // an interrupted --force: what stands aside is the finished run
		return empty(f.Dir, asideName)
	}
	if err := os.Mkdir(moving, 0o755); err != nil {
		return err
	}
	if err := moveEntries(f.Dir, moving); err != nil {
		return err
	}
	return os.Rename(moving, aside)
}

// putBack undoes setAside.
func (f *Folder) putBack() error {
	aside := filepath.Join(f.Dir, asideName)
	if !exists(aside) {
		return nil
	}
	if err := os.Rename(aside, filepath.Join(f.Dir, movingName)); err != nil {
		return err
	}
	return recoverMove(f.Dir)
}

// own refuses to set aside what the run did not make: somebody's notes, or another run's folder.
func (f *Folder) own(old Record) error {
	made := map[string]bool{Name: true, asideName: true, movingName: true}
	for _, o := range old.Outputs {
		first, _, _ := strings.Cut(o.Path, "/")
		made[first] = true
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		foreign := old.State == Done && !made[e.Name()] && !strings.HasPrefix(e.Name(), ".")
		aside := e.Name() == asideName || e.Name() == movingName
		nested := old.State != Done && !aside && exists(filepath.Join(f.Dir, e.Name(), Name)) && !strings.Contains(f.Record.Command, "demo")
		if foreign || nested {
			return fmt.Errorf("%s holds %s, which the run there did not make: --force would remove it; move it away or choose another --out", f.Dir, e.Name())
		}
	}
	return nil
}

// recoverMove puts back what a process that died had moved, or was moving back.
func recoverMove(dir string) error {
	moving := filepath.Join(dir, movingName)
	if !exists(moving) {
		return nil
	}
	if err := moveEntries(moving, dir); err != nil {
		return err
	}
	return os.Remove(moving)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func moveEntries(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isLock(e.Name()) || e.Name() == asideName || e.Name() == movingName {
			continue
		}
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// empty removes everything in the folder but locks and the entry of that name. The record goes last, so that a process
// that dies meanwhile leaves a folder that is still known as a run's.
func empty(dir, but string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isLock(e.Name()) || e.Name() == but || e.Name() == movingName || e.Name() == Name {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(dir, Name))
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

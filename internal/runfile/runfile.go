// Package runfile keeps run.json: what a command was told, what it read, what it made, on which machine and device,
// and how long it took. It stands in every output folder, is enough to repeat the run, and guards the folder: a
// finished run is not overwritten, an unfinished one is resumed only with the same settings.
package runfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

// Name is the record's file name in an output folder.
const Name = "run.json"

// lockName differs from the lock of a store, which may live in the same folder.
const lockName = ".attrib.run.lock"

// Schema is the version this program writes.
const Schema = "attrib.run/1"

// The states of a run.
const (
	Running = "running"
	Done    = "done"
)

// Record is the content of run.json. Times are annotations: no result depends on them.
type Record struct {
	Schema   string            `json:"schema"`
	Command  string            `json:"command"`
	State    string            `json:"state"`
	Config   map[string]string `json:"config"`
	Seeds    map[string]string `json:"seeds,omitempty"`
	Dir      string            `json:"workingFolder"`
	Inputs   []File            `json:"inputs,omitempty"`
	Outputs  []File            `json:"outputs,omitempty"`
	Version  Version           `json:"version"`
	Device   string            `json:"device,omitempty"`
	Kernels  []Kernel          `json:"kernels,omitempty"`
	Timings  []Timing          `json:"timings,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
	Started  string            `json:"started"`
	Finished string            `json:"finished,omitempty"`
}

// File is a file's path and the SHA-256 of its bytes in hex. Outputs are relative to the folder, inputs as given. A
// file that varies says when or where the run was, so that a repeated run need not give the same bytes.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Varies bool   `json:"varies,omitempty"`
}

// Version says which program ran where.
type Version struct {
	Attrib string `json:"attrib"`
	Go     string `json:"go"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
}

// Kernel is the work of one device operation: bytes read, arithmetic operations, wall seconds.
type Kernel struct {
	Name    string  `json:"name"`
	Calls   int     `json:"calls"`
	Bytes   int64   `json:"bytes"`
	Ops     int64   `json:"operations"`
	Seconds float64 `json:"seconds"`
}

// Timing is one stage of the run.
type Timing struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Folder is an output folder that this process writes. Finish or Abort must be called.
type Folder struct {
	Dir     string
	Record  Record
	Resumed bool

	made    bool // the folder was not there before
	varies  []string
	release func()
	began   time.Time
	stage   time.Time
}

// ErrFinished says that a folder already holds a finished run.
var ErrFinished = errors.New("the folder holds a finished run; give --force to replace it, or another --out")

// Begin locks dir for the command and writes its record in state Running. config holds every setting that a result
// depends on, defaults filled in. A finished run in dir is ErrFinished unless force is given, which sets its files aside
// until this run is finished; an unfinished run of the same command is resumed when its config is the same, and
// otherwise the error names the first setting that differs. A folder with other content is never touched.
func Begin(dir, command string, config map[string]string, force bool) (*Folder, error) {
	if err := refuseForeign(dir); err != nil {
		return nil, err
	}
	_, err := os.Stat(dir)
	made := errors.Is(err, fs.ErrNotExist)
	release, err := atomicfile.LockAs(dir, lockName)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, made: made, release: release, began: time.Now(), stage: time.Now()}
	f.Record = Record{Schema: Schema, Command: command, State: Running, Config: config, Version: version()}
	f.Record.Started = f.began.UTC().Format(time.RFC3339)
	f.Record.Dir, _ = os.Getwd()
	if err := f.claim(force); err != nil {
		release()
		return nil, err
	}
	return f, nil
}

// refuseForeign looks before anything is written whether the folder is one of ours or empty.
func refuseForeign(dir string) error {
	name := firstEntry(dir)
	if name == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, Name)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the folder is not empty (%s) and holds no %s: choose another --out", dir, name, Name)
	}
	return nil
}

func (f *Folder) claim(force bool) error {
	var old Record
	err := strictjson.ReadFile(filepath.Join(f.Dir, Name), &old)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case force:
		if err := f.setAside(); err != nil {
			return err
		}
	case old.State == Done:
		return fmt.Errorf("%s: %w", f.Dir, ErrFinished)
	default:
		if err := sameSettings(old, f.Record); err != nil {
			return fmt.Errorf("%s: cannot resume: %w; give --force to start again", f.Dir, err)
		}
		f.Resumed = true
		if err := sweep(f.Dir); err != nil {
			return err
		}
	}
	return f.save()
}

func (f *Folder) save() error { return strictjson.WriteFile(filepath.Join(f.Dir, Name), f.Record) }

// Path is the path of a file in the folder.
func (f *Folder) Path(parts ...string) string {
	return filepath.Join(append([]string{f.Dir}, parts...)...)
}

// Input records a file that was read.
func (f *Folder) Input(path string) error {
	sum, err := HashFile(path)
	if err != nil {
		return err
	}
	f.Record.Inputs = append(f.Record.Inputs, File{Path: path, SHA256: sum})
	return nil
}

// Stage records the time since the last stage under a name, and returns it.
func (f *Folder) Stage(name string) float64 {
	now := time.Now()
	seconds := now.Sub(f.stage).Seconds()
	f.stage = now
	f.Record.Timings = append(f.Record.Timings, Timing{Name: name, Seconds: seconds})
	return seconds
}

// Warn records a warning.
func (f *Folder) Warn(err error) { f.Record.Warnings = append(f.Record.Warnings, err.Error()) }

// Finish hashes what the folder holds, writes the record in state Done and gives the folder back.
func (f *Folder) Finish() error {
	defer f.release()
	files, err := hashTree(f.Dir)
	if err != nil {
		return err
	}
	for i := range files {
		files[i].Varies = slices.ContainsFunc(f.varies, func(v string) bool {
			return files[i].Path == v || strings.HasSuffix(v, "/") && strings.HasPrefix(files[i].Path, v)
		})
	}
	f.Record.Outputs = files
	f.Record.State = Done
	f.Record.Finished = time.Now().UTC().Format(time.RFC3339)
	f.Record.Timings = append(f.Record.Timings, Timing{Name: "total", Seconds: time.Since(f.began).Seconds()})
	if err := f.save(); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(f.Dir, asideName))
}

// Abort gives the folder back unfinished. What was written stays, so that the same command resumes it. After Finish it
// does nothing.
func (f *Folder) Abort() { f.release() }

// Discard gives the folder back as if the run had never begun, so that a corrected command finds it free: what a fresh
// run wrote is removed and what --force set aside is put back. A resumed run keeps what it has. After Finish it does
// nothing but report its error.
func (f *Folder) Discard() error {
	defer f.release()
	if f.Resumed || f.Record.State == Done {
		return nil
	}
	if err := empty(f.Dir, asideName); err != nil {
		return err
	}
	if err := f.putBack(); err != nil {
		return err
	}
	if f.made {
		os.Remove(filepath.Join(f.Dir, atomicfile.LockName))
		os.Remove(filepath.Join(f.Dir, lockName))
		os.Remove(f.Dir) // stays where it is not empty
	}
	return nil
}

// Restart throws away what an interrupted run left, for a run that does not go on but begins again.
func (f *Folder) Restart() error {
	if err := empty(f.Dir, asideName); err != nil {
		return err
	}
	f.Resumed = false
	return f.save()
}

// Varies marks outputs (slash-separated, relative; a name ending in / stands for a folder) that a repeated run need not
// give in the same bytes.
func (f *Folder) Varies(paths ...string) { f.varies = append(f.varies, paths...) }

// Read reads dir's record.
func Read(dir string) (Record, error) {
	var r Record
	path := filepath.Join(dir, Name)
	if err := strictjson.ReadFile(path, &r); err != nil {
		return r, err
	}
	if err := strictjson.CheckSchema(r.Schema, Schema); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// HashFile is the SHA-256 of a file's bytes in hex.
func HashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Check compares a finished folder's files with the hashes in its record. A folder without a record passes: somebody
// else made it.
func Check(dir string) error {
	r, err := Read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != Done {
		return fmt.Errorf("%s: the run that makes this folder is not finished; run its command again: attrib %s", dir, r.Command)
	}
	for _, f := range r.Outputs {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		sum, err := HashFile(path)
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return fmt.Errorf("%s: the file was changed after it was made (sha256 %s, %s says %s)", path, sum, Name, f.SHA256)
		}
	}
	return nil
}

// hashTree lists every file under dir but records, locks and hidden files, sorted by path.
func hashTree(dir string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == asideName {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || d.Name() == Name || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		sum, err := HashFile(path)
		files = append(files, File{Path: filepath.ToSlash(rel), SHA256: sum})
		return err
	})
	return files, err
}

func sameSettings(old, now Record) error {
	if old.Command != now.Command {
		return fmt.Errorf("it was begun by \"attrib %s\", not \"attrib %s\"", old.Command, now.Command)
	}
	var names []string
	for name := range old.Config {
		names = append(names, name)
	}
	for name := range now.Config {
		if _, ok := old.Config[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if old.Config[name] != now.Config[name] {
			return fmt.Errorf("--%s was %q and is now %q", name, old.Config[name], now.Config[name])
		}
	}
	return nil
}

func firstEntry(dir string) string {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !isLock(e.Name()) {
			return e.Name()
		}
	}
	return ""
}

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

func isLock(name string) bool { return name == lockName || name == atomicfile.LockName }

func version() Version {
	v := Version{Attrib: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Attrib = info.Main.Version
	}
	return v
}

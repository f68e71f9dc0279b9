package runfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

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
	return BeginAlike(dir, command, config, force, nil)
}

// Alike says whether a setting may differ as it does between the run that is to be gone on with and this one, because
// no bit of a result depends on the difference.
type Alike func(setting string, old, now map[string]string) bool

// BeginAlike is Begin where some settings may differ.
func BeginAlike(dir, command string, config map[string]string, force bool, alike Alike) (*Folder, error) {
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
	if err := f.claim(force, alike); err != nil {
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
	if !exists(filepath.Join(dir, Name)) && !exists(filepath.Join(dir, movingName)) && !exists(filepath.Join(dir, asideName)) {
		return fmt.Errorf("%s: the folder is not empty (%s) and holds no %s: choose another --out", dir, name, Name)
	}
	return nil
}

func (f *Folder) claim(force bool, alike Alike) error {
	err := recoverMove(f.Dir)
	if err == nil && !exists(filepath.Join(f.Dir, Name)) {
		err = f.clearedUp() // a failed --force run died while it was clearing up
	}
	if err != nil {
		return err
	}
	var old Record
	err = strictjson.ReadFile(filepath.Join(f.Dir, Name), &old)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := sweep(f.Dir); err != nil {
			return err
		}
	case err != nil:
		return err
	case old.State == Done && exists(filepath.Join(f.Dir, asideName)): // it died while it removed what it had replaced
		if err := os.RemoveAll(filepath.Join(f.Dir, asideName)); err != nil {
			return err
		}
		return f.claim(force, alike)
	case force:
		if err := f.own(old); err != nil {
			return err
		}
		if err := f.setAside(); err != nil {
			return err
		}
	case old.State == Done:
		return fmt.Errorf("%s: %w", f.Dir, ErrFinished)
	default:
		if err := sameSettings(old, f.Record, alike); err != nil {
			return fmt.Errorf("%s: cannot resume: %w; give --force to start again", f.Dir, err)
		}
		f.Resumed = true
		if err := sweep(f.Dir); err != nil {
			return err
		}
	}
	return f.save()
}

// clearedUp finishes what Discard began, where there is something to put back.
func (f *Folder) clearedUp() error {
	if !exists(filepath.Join(f.Dir, asideName)) {
		return nil
	}
	if err := empty(f.Dir, asideName); err != nil {
		return err
	}
	return f.putBack()
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

// Note records how the work was done, where that is not what was asked for.
func (f *Folder) Note(format string, a ...any) {
	f.Record.Notes = append(f.Record.Notes, fmt.Sprintf(format, a...))
}

// Block records a warning for which later commands refuse the folder unless they are told to accept it.
func (f *Folder) Block(err error) { f.Record.Blocking = append(f.Record.Blocking, err.Error()) }

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

func sameSettings(old, now Record, alike Alike) error {
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
		if old.Config[name] != now.Config[name] && (alike == nil || !alike(name, old.Config, now.Config)) {
			return fmt.Errorf("--%s was %q and is now %q", name, old.Config[name], now.Config[name])
		}
	}
	return nil
}

// unborn begins the names of records that a process was writing when it died, before it had made anything else.
const unborn = "." + Name + ".tmp-"

func firstEntry(dir string) string {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !isLock(e.Name()) && !strings.HasPrefix(e.Name(), unborn) {
			return e.Name()
		}
	}
	return ""
}

func isLock(name string) bool { return name == lockName || name == atomicfile.LockName }

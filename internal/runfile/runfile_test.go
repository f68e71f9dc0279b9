package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/atomicfile"
)

func begin(t *testing.T, dir string, config map[string]string, force bool) *Folder {
	t.Helper()
	f, err := Begin(dir, "train", config, force)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFinishedFolderIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, map[string]string{"seed": "1"}, false)
	if err := os.WriteFile(f.Path("a.bin"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "train", nil, false); !errors.Is(err, ErrFinished) {
		t.Fatalf("second run: %v, want ErrFinished", err)
	}
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	const sumOfX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	if len(r.Outputs) != 1 || r.Outputs[0] != (File{Path: "a.bin", SHA256: sumOfX}) {
		t.Fatalf("outputs %v", r.Outputs)
	}
	if err := Check(dir); err != nil {
		t.Errorf("an untouched folder: %v", err)
	}
	again := begin(t, dir, nil, true)
	if _, err := os.Stat(again.Path("a.bin")); err == nil {
		t.Fatal("--force left the old output in the way")
	}
	if err := os.WriteFile(again.Path("b.bin"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := again.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir); err != nil {
		t.Errorf("a failed --force run did not give the old one back: %v", err)
	}
	if _, err := os.Stat(again.Path("b.bin")); err == nil {
		t.Error("a failed --force run left its own files")
	}
	third := begin(t, dir, nil, true)
	if err := third.Finish(); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 { // record and lock
		t.Errorf("after a finished --force run the folder holds %v", entries)
	}
}

func TestFailedRunLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, map[string]string{"seed": "1"}, false)
	if err := os.WriteFile(f.Path("half"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	begin(t, dir, map[string]string{"seed": "2"}, false).Abort()
}

func TestResumeSweepsTemporaryFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, nil, false)
	if err := os.WriteFile(f.Path(".train.log.tmp-123"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	defer begin(t, dir, nil, false).Abort()
	if _, err := os.Stat(f.Path(".train.log.tmp-123")); err == nil {
		t.Error("the temporary file of a killed process is still there")
	}
}

func TestCheckNamesTheChangedFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, nil, false)
	if err := os.WriteFile(f.Path("a.bin"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Path("a.bin"), []byte("y"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir); err == nil || !strings.Contains(err.Error(), "a.bin: the file was changed") {
		t.Errorf("error %v, want the file named", err)
	}
}

func TestResumeNeedsTheSameSettings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	begin(t, dir, map[string]string{"seed": "1", "epochs": "3"}, false).Abort()
	if f := begin(t, dir, map[string]string{"seed": "1", "epochs": "3"}, false); !f.Resumed {
		t.Fatal("not resumed")
	} else {
		f.Abort()
	}
	_, err := Begin(dir, "train", map[string]string{"seed": "1", "epochs": "4"}, false)
	if err == nil || !strings.Contains(err.Error(), `--epochs was "3" and is now "4"`) {
		t.Fatalf("error %v, want the flag named", err)
	}
}

func TestForeignFolderIsNeverTouched(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.doc"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "train", nil, true); err == nil || !strings.Contains(err.Error(), "thesis.doc") {
		t.Fatalf("error %v, want the file named", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the refused folder holds %v now", entries)
	}
}

func TestOneWriterAtATime(t *testing.T) {
	dir := t.TempDir()
	f := begin(t, dir, nil, false)
	defer f.Abort()
	if _, err := Begin(dir, "train", nil, true); !errors.Is(err, atomicfile.ErrInUse) {
		t.Fatalf("error %v, want ErrInUse", err)
	}
}

// A process may die at any move of --force; the next one finds the finished run whole.
func TestForceSurvivesADeathAtAnyMove(t *testing.T) {
	for moved := range 4 {
		dir := filepath.Join(t.TempDir(), "out")
		f := begin(t, dir, map[string]string{"seed": "1"}, false)
		for _, name := range []string{"a.bin", "z.bin"} {
			if err := os.WriteFile(f.Path(name), []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Finish(); err != nil {
			t.Fatal(err)
		}
		moving := f.Path(movingName)
		if err := os.Mkdir(moving, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.bin", Name, "z.bin"}[:moved] {
			if err := os.Rename(f.Path(name), filepath.Join(moving, name)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Begin(dir, "train", map[string]string{"seed": "2"}, false); !errors.Is(err, ErrFinished) {
			t.Errorf("after %d moves: %v, want the finished run", moved, err)
		}
		if err := Check(dir); err != nil {
			t.Errorf("after %d moves: %v", moved, err)
		}
		again := begin(t, dir, map[string]string{"seed": "2"}, true)
		if err := again.Discard(); err != nil {
			t.Fatal(err)
		}
		if err := Check(dir); err != nil {
			t.Errorf("after %d moves and a failed --force: %v", moved, err)
		}
	}
}

// A failed --force run may die after it removed its own files and before it put the old ones back.
func TestClearingUpSurvivesADeath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := begin(t, dir, nil, false).Finish(); err != nil {
		t.Fatal(err)
	}
	begin(t, dir, nil, true).Abort()
	if err := empty(dir, asideName); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "train", nil, false); !errors.Is(err, ErrFinished) {
		t.Errorf("error %v, want the finished run back", err)
	}
}

// A --force run that is finished may die while it removes the run it replaced: the new one stands.
func TestFinishedForceStandsAfterADeath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, nil, false)
	if err := os.WriteFile(f.Path("new.bin"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(f.Path(asideName, "half"), 0o755); err != nil { // what is left of the old run
		t.Fatal(err)
	}
	again := begin(t, dir, nil, true)
	if err := again.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir); err != nil {
		t.Errorf("the finished run is gone: %v", err)
	}
	if exists(f.Path(asideName)) {
		t.Error("the leftover is still there")
	}
}

func TestClearingUpHalfDoneLeavesNoMixture(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	old := begin(t, dir, nil, false)
	if err := os.WriteFile(old.Path("z.bin"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := old.Finish(); err != nil {
		t.Fatal(err)
	}
	f := begin(t, dir, nil, true)
	for _, name := range []string{"z.bin", "zz.bin"} {
		if err := os.WriteFile(f.Path(name), []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f.Abort()
	if err := os.Remove(f.Path(Name)); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "train", nil, false); !errors.Is(err, ErrFinished) {
		t.Errorf("error %v, want the old run", err)
	}
	if err := Check(dir); err != nil {
		t.Error(err)
	}
	if exists(f.Path("zz.bin")) {
		t.Error("a file of the failed run is among the old one's")
	}
}

func TestForceKeepsWhatTheRunDidNotMake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := begin(t, dir, nil, false).Finish(); err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "train", nil, true); err == nil || !strings.Contains(err.Error(), "notes.txt, which the run there did not make") {
		t.Errorf("error %v, want the file named", err)
	}
	if !exists(notes) {
		t.Error("the file is gone")
	}
}

// A forced run that died goes on when it is forced again, as the command it prints says, and the run that it replaces is not
// lost before it is finished.
func TestForcedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := begin(t, dir, nil, false)
	if err := os.WriteFile(f.Path("old.bin"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f = begin(t, dir, nil, true)
		if err := os.WriteFile(f.Path("new.bin"), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
		f.Abort() // killed
		if data, err := os.ReadFile(filepath.Join(dir, asideName, "old.bin")); err != nil || string(data) != "old" {
			t.Fatalf("the old run is %q, %v", data, err)
		}
	}
	f = begin(t, dir, nil, true)
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, asideName)) || exists(f.Path("old.bin")) {
		t.Error("the old run is still there")
	}
}

// A run that died while it wrote its first record has left a temporary file and nothing else: the folder is free.
func TestDeathBeforeTheFirstRecord(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".run.json.tmp-4711")
	if err := os.WriteFile(left, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := begin(t, dir, nil, false)
	if exists(left) {
		t.Error("what the dead run left is still there")
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
}

// A setting that no result depends on may differ when a run is gone on with; the others may not, and are named.
func TestAlikeSettingsAreResumed(t *testing.T) {
	config := func(device, seed string) map[string]string {
		return map[string]string{"device": device, "seed": seed}
	}
	alike := func(setting string, old, now map[string]string) bool {
		return setting == "device" && old["device"] != "ref" && now["device"] != "ref"
	}
	for _, c := range []struct {
		device, seed, text string
	}{{"cpu", "1", ""}, {"cuda:1", "1", ""}, {"cuda:0", "1", ""}, {"ref", "1", `--device was "cuda:0" and is now "ref"`}, {"cpu", "2", "--seed"}} {
		dir := filepath.Join(t.TempDir(), "out")
		begin(t, dir, config("cuda:0", "1"), false).Abort()
		f, err := BeginAlike(dir, "train", config(c.device, c.seed), false, alike)
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil {
			continue
		}
		if !f.Resumed || f.Record.Config["device"] != c.device {
			t.Errorf("%+v: resumed %v, config %v", c, f.Resumed, f.Record.Config)
		}
		f.Abort()
		if f, err = Begin(dir, "train", config("tpu", "1"), false); err == nil {
			f.Abort()
			t.Error("Begin resumes with another device")
		}
	}
}

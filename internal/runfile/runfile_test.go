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
	if len(r.Outputs) != 1 || r.Outputs[0] != (File{"a.bin", sumOfX}) {
		t.Fatalf("outputs %v", r.Outputs)
	}
	again := begin(t, dir, nil, true)
	defer again.Abort()
	if _, err := os.Stat(again.Path("a.bin")); err == nil {
		t.Fatal("--force left the old output")
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
}

func TestOneWriterAtATime(t *testing.T) {
	dir := t.TempDir()
	f := begin(t, dir, nil, false)
	defer f.Abort()
	if _, err := Begin(dir, "train", nil, true); !errors.Is(err, atomicfile.ErrInUse) {
		t.Fatalf("error %v, want ErrInUse", err)
	}
}

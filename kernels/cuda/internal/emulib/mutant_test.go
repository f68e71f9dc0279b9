package emulib

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlant(t *testing.T) {
	source := t.TempDir()
	if err := os.Mkdir(filepath.Join(source, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(source, "sub", "a.h")
	if err := os.WriteFile(path, []byte("one two two"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir, err := Mutant{File: "sub/a.h", Old: "one", New: "1"}.Plant(source, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "sub", "a.h")); string(text) != "1 two two" {
		t.Errorf("%q", text)
	}
	if text, _ := os.ReadFile(path); string(text) != "one two two" {
		t.Errorf("the source is changed: %q", text)
	}
	for old, want := range map[string]string{"two": "2 times", "three": "0 times"} {
		if _, err := (Mutant{File: "sub/a.h", Old: old}).Plant(source, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", old, err)
		}
	}
}

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/testneed"
	"attrib/kernels/cuda/internal/nvrtc"
)

// The committed files are what the sources give.
func TestCommittedFilesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	if text, err := os.ReadFile("../../ptx/spills.json"); err == nil {
		if err := os.WriteFile(filepath.Join(dir, "spills.json"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	err := generate("../../src", dir)
	if errors.Is(err, nvrtc.ErrNone) {
		testneed.Missing(t, "cuda", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	made, kept := read(t, dir), read(t, "../../ptx")
	for name := range kept {
		if made[name] == nil {
			t.Errorf("%s is committed and nothing makes it", name)
		}
	}
	for name, text := range made {
		if !bytes.Equal(text, kept[name]) {
			t.Errorf("%s is not current: run go generate ./kernels/cuda/...", name)
		}
	}
}

// Each wrapper of inline PTX compiles and assembles for every architecture that has it: what the emulator's own tests
// use of them is what a card would run.
func TestWrappersAssemble(t *testing.T) {
	tools, err := nvrtc.Find()
	if errors.Is(err, nvrtc.ErrNone) {
		testneed.Missing(t, "cuda", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	var jobs []*job
	for _, name := range []string{"async", "emulator"} {
		text, err := os.ReadFile(filepath.Join("../emulib/testdata", name+".cu"))
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range []string{"75", "80", "90a"} {
			jobs = append(jobs, &job{name: name, arch: arch, text: text})
		}
	}
	if err := build(tools, "../../src", jobs); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if len(j.resources) < 4 {
			t.Errorf("%s for %s: %d kernels", j.name, j.arch, len(j.resources))
		}
	}
}

func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestArchsOf(t *testing.T) {
	if got, err := archsOf([]byte("// arch: 75 90a\nx")); err != nil || strings.Join(got, " ") != "75 90a" {
		t.Errorf("%v: %v", got, err)
	}
	for _, text := range []string{"", "#include <x>", "// arch: ", "// arch: 90", "// arch: 80 sm_75"} {
		if got, err := archsOf([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestSpills(t *testing.T) {
	jobs := []*job{{resources: []nvrtc.Resources{
		{Kernel: "a", Arch: "sm_80", SpillStores: 8, SpillLoads: 4}, {Kernel: "b", Arch: "sm_80"},
	}}}
	cases := []struct {
		allowed []spill
		want    string
	}{
		{nil, "a for sm_80 spills 12 bytes, 0 are allowed"},
		{[]spill{{"a", "sm_75", 12, "why"}}, "spills 12 bytes"},
		{[]spill{{"a", "sm_80", 11, "why"}}, "11 are allowed"},
		{[]spill{{"a", "sm_80", 12, "why"}}, ""},
		{[]spill{{"a", "sm_80", 12, "why"}, {"b", "sm_80", 4, "why"}}, "allows b for sm_80"},
	}
	for i, c := range cases {
		err := checkSpills(jobs, c.allowed)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d: %v, want %q", i, err, c.want)
		}
	}
}

func TestReadSpills(t *testing.T) {
	for text, good := range map[string]bool{
		`[]`: true, `[{"kernel":"a","arch":"sm_80","bytes":8,"reason":"why"}]`: true,
		`[{"kernel":"a","arch":"sm_80","bytes":8,"reason":""}]`: false, `[{"kernl":"a"}]`: false, `{`: false,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "spills.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readSpills(dir); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got, err := readSpills(t.TempDir()); err != nil || got != nil {
		t.Error("no table:", got, err)
	}
}

func TestStaleFilesGo(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "gone.sm_75.ptx")
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, []*job{{name: "kept", arch: "75", ptx: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a file that nothing makes is kept")
	}
	if _, err := os.Stat(filepath.Join(dir, "kept.sm_75.ptx")); err != nil {
		t.Error(err)
	}
}

// NVRTC numbers the calls of this file anew in nearly every run.
func TestTextIsReproducible(t *testing.T) {
	tools, err := nvrtc.Find()
	if errors.Is(err, nvrtc.ErrNone) {
		testneed.Missing(t, "cuda", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../src/factored.cu")
	if err != nil {
		t.Fatal(err)
	}
	var jobs []*job
	for range 8 {
		jobs = append(jobs, &job{name: "factored", arch: "75", text: text})
	}
	if err := build(tools, "../../src", jobs); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if !bytes.Equal(j.ptx, jobs[0].ptx) {
			t.Fatal("the same source gives two texts")
		}
	}
}

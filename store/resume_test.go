package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/atomicfile"
	"attrib/internal/philox"
)

var errPlanted = errors.New("planted failure")

// TestFailures lets a writer fail at many steps of writing; resuming gives the bytes of an undisturbed run, even when it
// fails at the same step again.
func TestFailures(t *testing.T) {
	for _, h := range types() {
		want := contents(t, written(t, h))
		total := stepsOf(t, h)
		for failAt := 1; failAt <= total; failAt += 7 {
			dir, n := t.TempDir(), 0
			fail := func(string) error {
				if n++; n == failAt {
					return errPlanted
				}
				return nil
			}
			if err := writeAll(dir, h, Options{step: fail}); !errors.Is(err, errPlanted) {
				t.Fatal(err)
			}
			n = 0
			if err := writeAll(dir, h, Options{Resume: true, step: fail}); err != nil && !errors.Is(err, errPlanted) {
				t.Fatal(err)
			}
			if err := writeAll(dir, h, Options{Resume: true}); err != nil {
				t.Fatal(err)
			}
			sameFiles(t, contents(t, dir), want)
		}
	}
}

// stepsOf counts the steps of an undisturbed writer: one per 64 bytes written, one per file, one at the end.
func stepsOf(t *testing.T, h Header) (n int) {
	t.Helper()
	err := writeAll(t.TempDir(), h, Options{step: func(string) error { n++; return nil }})
	if err != nil || n < 60 {
		t.Fatalf("%d steps, error %v", n, err)
	}
	return n
}

// TestKilled lets a process die at 200 random points of its writing, which leaves parts of files behind. What a resumed
// writer writes again is at most the shard that was in hand.
func TestKilled(t *testing.T) {
	h := flatHeader()
	want, total := contents(t, written(t, h)), stepsOf(t, h)
	leftovers, random := 0, philox.New([32]byte{5}, 0)
	for range 200 {
		at, dir := 1+random.Intn(total), t.TempDir()
		cmd := exec.Command(os.Args[0], dir)
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", dieAt, at))
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 0 {
			t.Fatalf("step %d: the writer did not die: %v\n%s", at, err, out)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp-*")); len(left) > 0 {
			leftovers++
		}
		whole, again := shardFiles(dir), 0
		err = writeAll(dir, h, Options{Resume: true, step: func(name string) error {
			if strings.HasPrefix(name, "after shard-") && strings.HasSuffix(name, ".safetensors") && whole[strings.TrimPrefix(name, "after ")] {
				again++
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if again > 1 {
			t.Errorf("step %d: %d shards that were whole were written again", at, again)
		}
		sameFiles(t, contents(t, dir), want)
	}
	if leftovers == 0 {
		t.Error("no death left a temporary file: the test shows less than it should")
	}
}

func shardFiles(dir string) map[string]bool {
	names, _ := filepath.Glob(filepath.Join(dir, "shard-*.safetensors"))
	out := map[string]bool{}
	for _, name := range names {
		out[filepath.Base(name)] = true
	}
	return out
}

// TestNext: after resuming, the caller goes on behind the last whole shard.
func TestNext(t *testing.T) {
	dir, h := t.TempDir(), flatHeader()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(ids(0, 7), testTile(h, 0, 7).Flat); err != nil {
		t.Fatal(err)
	}
	if w.Next() != 7 {
		t.Errorf("next row is %d, want 7", w.Next())
	}
	wantError(t, w.Finish(), "6 of 10 rows are not written")
	_, err = Open(context.Background(), dir)
	wantError(t, err, "shard-00001", "rows 4 … 7 are not written", "resume", "shard-00002")
	w, err = Create(dir, h, Options{Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Next() != 4 {
		t.Errorf("next row after resuming is %d, want 4", w.Next())
	}
	if err := appendFrom(w, h); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, contents(t, dir), contents(t, written(t, h)))
}

// TestFinished: resuming a whole store is fine and has nothing left to do; its shard size need not be repeated.
func TestFinished(t *testing.T) {
	h := flatHeader()
	dir := written(t, h)
	h.ShardRows = 0
	w, err := Create(dir, h, Options{Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Next() != testRows {
		t.Errorf("next row is %d", w.Next())
	}
	if err := w.Finish(); err != nil {
		t.Error(err)
	}
	wantError(t, w.Append(ids(0, 1), testTile(h, 0, 1).Flat), "closed")
	_, err = Create(dir, h, Options{})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second store in the folder: %v", err)
	}
}

// TestDifference: resuming with another setting names it.
func TestDifference(t *testing.T) {
	dir := written(t, flatHeader())
	for field, change := range map[string]func(*Header){
		"measurement":   func(h *Header) { h.Measurement, h.Sign = MeasureMargin, SignGoodnessGradient },
		"unit":          func(h *Header) { h.Unit = UnitArbitrary },
		"layout.width":  func(h *Header) { h.Layout.Width = 6 },
		"layout.layers": func(h *Header) { h.Layout = Factored(Layer{Name: "x", In: 5, Out: 1, Positions: 1}) },
		"model":         func(h *Header) { h.Model = "" },
		"corpus":        func(h *Header) { h.Corpus = strings.Repeat("0", 64) },
		"method":        func(h *Header) { h.Method = strings.Repeat("0", 64) },
		"recipe":        func(h *Header) { h.Recipe = strings.Repeat("0", 64) },
		"of":            func(h *Header) { h.Of = OfOutputs },
		"rows":          func(h *Header) { h.Rows++ },
		"shardRows":     func(h *Header) { h.ShardRows++ },
		"kind": func(h *Header) {
			h.Kind, h.Measurement, h.Sign, h.Unit = KindEmbeddings, MeasureEmbedding, SignNone, UnitArbitrary
		},
	} {
		h := flatHeader()
		change(&h)
		_, err := Create(dir, h, Options{Resume: true})
		if field == "measurement" {
			field = "sign" // the two go together; the first one is named
		}
		wantError(t, err, fmt.Sprintf("field %q", field), "same settings")
	}
}

// TestLock: one writer at a time.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, flatHeader(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, flatHeader(), Options{Resume: true}); !errors.Is(err, atomicfile.ErrInUse) {
		t.Errorf("a second writer: %v", err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if err := writeAll(dir, flatHeader(), Options{Resume: true}); err != nil {
		t.Error(err)
	}
}

// TestResumeVerifies: shards that are done are hashed before a run goes on, and their row ids count as used.
func TestResumeVerifies(t *testing.T) {
	h := flatHeader()
	dir := t.TempDir()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(ids(0, 8), testTile(h, 0, 8).Flat); err != nil {
		t.Fatal(err)
	}
	w.Close()
	w, err = Create(dir, h, Options{Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, w.Append([]int64{77, ids(0, 8)[5]}, random(2, 5, 1)), "row id 500000 is given twice")
	w.Close()
	flip("shard-00001.safetensors")(t, dir)
	_, err = Create(dir, h, Options{Resume: true})
	wantError(t, err, "shard-00001", "SHA-256")
}

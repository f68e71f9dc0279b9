package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attrib/internal/atomicfile"
	"attrib/internal/philox"
	"attrib/internal/testneed"
	"attrib/kernels"
	"attrib/kernels/cpu"
)

// TestEveryByte flips bits of every byte of the header and of many bytes of the shards, in turn: Open finds each.
func TestEveryByte(t *testing.T) {
	for _, h := range types() {
		dir := written(t, h)
		random := philox.New([32]byte{6}, 0)
		for name, data := range contents(t, dir) {
			if strings.HasPrefix(name, ".") {
				continue
			}
			for at := 0; at < len(data); at++ {
				if name != HeaderFile {
					at += random.Intn(9)
				}
				if at >= len(data) {
					break
				}
				bad := []byte(data)
				bad[at] ^= 1 << random.Intn(8)
				overwrite(t, dir, name, bad)
				if s, err := Open(context.Background(), dir); err == nil {
					t.Fatalf("%s %s: byte %d, %q instead of %q, was not noticed", h.Layout.Type, name, at, bad[at], data[at])
				} else if !strings.Contains(err.Error(), name) {
					t.Fatalf("error %v does not name %s", err, name)
				} else if s != nil {
					t.Fatal("a damaged store was opened")
				}
			}
			overwrite(t, dir, name, []byte(data))
		}
		if err := Check(context.Background(), dir); err != nil {
			t.Error(err)
		}
	}
}

// TestChanged: a file that is replaced, rewritten or cut short under an open store is an error that names it.
func TestChanged(t *testing.T) {
	const shard1 = "shard-00001.safetensors"
	for name, damage := range map[string]func(path string, data []byte) error{
		"replaced":  func(path string, data []byte) error { return atomicfile.WriteBytes(path, data) },
		"rewritten": func(path string, data []byte) error { return os.WriteFile(path, data, 0o644) },
		"cut short": func(path string, _ []byte) error { return os.Truncate(path, 3) },
		"removed":   func(path string, _ []byte) error { return os.Remove(path) },
	} {
		dir := written(t, flatHeader())
		s, err := Open(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // a file system's clock ticks slowly
		if err := damage(filepath.Join(dir, shard1), []byte(contents(t, dir)[shard1])); err != nil {
			t.Fatal(err)
		}
		tile := &kernels.Tile{Rows: 1}
		if err := s.Read(context.Background(), 0, tile); err != nil {
			t.Errorf("%s: another shard: %v", name, err)
		}
		wantError(t, s.Read(context.Background(), 5, tile), shard1)
		wantError(t, s.Unchanged(), shard1)
		s.Close()
	}
}

// TestTouched: a change whose time of modification was set back is found where the system tells when a file was changed, and a
// link to a shard is none.
func TestTouched(t *testing.T) {
	dir := written(t, flatHeader())
	path := filepath.Join(dir, shardName(1))
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if changeTime(st) == 0 {
		testneed.Missing(t, "ctime", "this system does not tell when a file was changed")
	}
	s, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	time.Sleep(20 * time.Millisecond)
	if err := os.Link(path, filepath.Join(t.TempDir(), "link")); err != nil {
		t.Fatal(err)
	}
	if err := s.Unchanged(); err != nil {
		t.Errorf("a link: %v", err)
	}
	data := []byte(contents(t, dir)[shardName(1)])
	data[len(data)-1] ^= 1
	if err := errors.Join(os.WriteFile(path, data, 0o644), os.Chtimes(path, st.ModTime(), st.ModTime())); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Unchanged(), shardName(1), "SHA-256")
}

// TestOutside: a shard that is a link to a file elsewhere is refused.
func TestOutside(t *testing.T) {
	dir := written(t, flatHeader())
	path, outside := filepath.Join(dir, shardName(1)), filepath.Join(t.TempDir(), "outside")
	if err := errors.Join(os.Rename(path, outside), os.Symlink(outside, path)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), dir)
	wantError(t, err, shardName(1), "it is a link")
}

// TestFault: a file that is cut short while it is mapped is an error of the scan and not the end of the program.
func TestFault(t *testing.T) {
	if !canMap {
		testneed.Missing(t, "mmap", "this system does not map files")
	}
	h := flatHeader()
	h.Layout, h.Rows, h.ShardRows = Flat(5000), 4, 4 // several pages
	dir := t.TempDir()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append([]int64{0, 1, 2, 3}, random(4, 5000, 1)), w.Finish()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	held := &kernels.Tile{Rows: 4} // keeps the window mapped
	if err := s.Read(context.Background(), 0, held); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, shardName(0)), 100); err != nil {
		t.Fatal(err)
	}
	_, err = cpu.New(cpu.Options{Workers: 2}).Scan(context.Background(), s, kernels.Scan{Queries: random(1, 5000, 2), K: 1})
	wantError(t, err, shardName(0), "cut short")
	_, err = cpu.New(cpu.Options{}).Gram(context.Background(), kernels.Section(s, 0, 4))
	wantError(t, err, shardName(0), "cut short")
}

// TestWindows: what is mapped is given back, and reading goes on by copies when nothing more may be mapped.
func TestWindows(t *testing.T) {
	s, err := Open(context.Background(), written(t, flatHeader()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tiles := make([]*kernels.Tile, 3)
	for i := range tiles {
		tiles[i] = &kernels.Tile{Rows: 2}
		if err := s.Read(context.Background(), int64(4*i), tiles[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.windows.open); canMap && n != 3 {
		t.Errorf("%d windows are mapped for three tiles", n)
	}
	for _, tile := range tiles {
		tile.Release()
		tile.Release()
	}
	if n := len(s.windows.open); n > idleWindows {
		t.Errorf("%d windows stay mapped for no tile", n)
	}
	var sum int64
	for _, w := range s.windows.open {
		sum += int64(len(w.data))
		if w.views != 0 {
			t.Errorf("a window has %d views", w.views)
		}
	}
	if sum != s.windows.mapped {
		t.Errorf("%d bytes are mapped, %d are counted", sum, s.windows.mapped)
	}
}

// TestShared: writers that share a store, in this process and in others, make the bytes of a lone one; each shard is
// written once.
func TestShared(t *testing.T) {
	for _, h := range types() {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for rank := range 3 {
			wg.Go(func() {
				w, err := Create(dir, h, Options{Shared: true})
				if err != nil {
					t.Error(err)
					return
				}
				for i, s := range w.Header().Shards {
					if i%3 == rank {
						err = errors.Join(err, w.WriteShard(i, ids(int(s.Row0), int(s.Row0+s.Rows)), testTile(h, int(s.Row0), int(s.Row0+s.Rows))))
					}
				}
				if err := errors.Join(err, w.Finish()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sameFiles(t, contents(t, dir), contents(t, written(t, h)))
	}
}

// TestSharedRefusals: a shard has one writer, a store one kind of writers, and all state the same header.
func TestSharedRefusals(t *testing.T) {
	h, dir := flatHeader(), t.TempDir()
	w, err := Create(dir, h, Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Create(dir, h, Options{Resume: true})
	if !errors.Is(err, atomicfile.ErrInUse) {
		t.Errorf("a writer that wants the folder alone: %v", err)
	}
	other := h
	other.Unit = UnitArbitrary
	_, err = Create(dir, other, Options{Shared: true})
	wantError(t, err, `field "unit"`)
	release, err := atomicfile.LockAs(dir, shardLock(1))
	if err != nil {
		t.Fatal(err)
	}
	err = w.WriteShard(1, ids(4, 8), testTile(h, 4, 8))
	if !errors.Is(err, atomicfile.ErrInUse) {
		t.Errorf("a shard that another process writes: %v", err)
	}
	release()
	twin, err := Create(dir, h, Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.WriteShard(0, ids(0, 4), testTile(h, 0, 4)); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.WriteShard(0, ids(0, 4), testTile(h, 0, 4)), "written already")
	if err := errors.Join(twin.Finish(), w.Finish()); err != nil {
		t.Error(err)
	}
	_, err = Open(context.Background(), dir)
	wantError(t, err, "rows 4 … 7 are not written")
	overwrite(t, dir, recordName(0), []byte(strings.Replace(contents(t, dir)[recordName(0)], `"row0":0`, `"row0":4`, 1)))
	_, err = Create(dir, h, Options{Resume: true})
	wantError(t, err, recordName(0), "does not belong")
}

// TestSharedKilled: processes that share a store and are killed at random, again and again.
func TestSharedKilled(t *testing.T) {
	h := flatHeader()
	want, random := contents(t, written(t, h)), philox.New([32]byte{7}, 0)
	for range 10 {
		dir := t.TempDir()
		for round := 0; ; round++ {
			if round == 200 {
				t.Fatal("no end")
			}
			var cmds []*exec.Cmd
			for rank := range 2 {
				cmd := exec.Command(os.Args[0], dir, fmt.Sprint(rank))
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", dieAt, 1+random.Intn(60)))
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				cmds = append(cmds, cmd)
			}
			ended := 0
			for _, cmd := range cmds {
				if cmd.Wait() == nil {
					ended++
				}
			}
			if ended == 2 {
				break
			}
		}
		got := contents(t, dir)
		for name := range got {
			if strings.HasPrefix(name, ".") {
				delete(got, name)
			}
		}
		delete(want, atomicfile.LockName)
		sameFiles(t, got, want)
		if s, err := Open(context.Background(), dir); err != nil {
			t.Error(err)
		} else if !slices.Equal(s.idsOf(0, s.Len()), ids(0, testRows)) {
			t.Error("other rows")
		}
	}
}

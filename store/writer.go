package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"attrib/internal/atomicfile"
	"attrib/kernels"
)

// Options of a writer. The zero value starts a new store.
type Options struct {
	// Resume goes on with the store in the folder, whose header must agree, or starts one where there is none.
	// Default false: a folder that holds a store is refused.
	Resume bool
	// Shared lets several writers, also of several processes and hosts, fill one store at the same time, each its own
	// shards by WriteShard. Every one calls Create with the same header and Finish at the end; the first makes the store, the
	// others join it, and the one that finds all shards written completes it. Default false: one writer has the folder alone.
	Shared bool

	step func(name string) error // tests fail or die here: called in the middle and after each write
}

// Writer writes a store. Append is for one goroutine, WriteShard for any number. After an error the writer is
// of no more use: Close it and resume.
type Writer struct {
	dir    string
	opts   Options
	unlock func()

	mu      sync.Mutex
	header  Header
	ids     idSet
	err     error // the first failure
	pending *pending
	spare   []kernels.Matrix // memory of the last pending shard
}

// Create makes the folder a store of h.Rows rows, or resumes one, and locks it until Finish or Close. Everything that
// is wrong with the header is reported together; on resuming, the first field that differs is named and every
// shard that is done is verified.
func Create(dir string, h Header, o Options) (*Writer, error) {
	h.Schema = Schema
	if h.Of == "" {
		h.Of = OfSamples
	}
	if err := h.validate(); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	lock := atomicfile.Lock
	if o.Shared {
		lock = atomicfile.LockShared
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, opts: o, unlock: unlock, header: h, ids: idSet{}}
	if err := w.begin(); err != nil {
		unlock()
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return w, nil
}

func (w *Writer) begin() error {
	if !w.opts.Shared {
		sweep(w.dir, ".store.json.tmp-*", ".shard-*.tmp-*")
	}
	old, err := ReadHeader(w.dir)
	if errors.Is(err, fs.ErrNotExist) {
		if old, err = w.found(); err == nil && old.Schema == "" {
			return nil
		}
	} else if err == nil && !w.opts.Resume && !w.opts.Shared {
		return fmt.Errorf("the folder holds a store already; resume it or choose another: %w", fs.ErrExist)
	}
	if err != nil {
		return err
	}
	if err := w.header.difference(old); err != nil {
		return err
	}
	w.header = old
	if err := w.readRecords(); err != nil || w.opts.Shared {
		return err
	}
	return w.verifyDone()
}

// found writes the header of a new store. When another writer was faster it returns that one's.
func (w *Writer) found() (other Header, err error) {
	w.header.plan()
	if !w.opts.Shared {
		return other, w.writeHeader(w.header)
	}
	data, err := w.header.seal()
	if err != nil {
		return other, err
	}
	err = atomicfile.CreateBytes(filepath.Join(w.dir, HeaderFile), data)
	if errors.Is(err, fs.ErrExist) {
		return ReadHeader(w.dir)
	}
	return other, err
}

// sweep removes what writers that died have left: files under temporary names that nobody writes any more.
func sweep(dir string, patterns ...string) {
	for _, pattern := range patterns {
		left, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are well formed
		for _, path := range left {
			os.Remove(path) // a file that stays does no harm
		}
	}
}

// verifyDone checks the shards that are done and notes their row ids.
func (w *Writer) verifyDone() error {
	for i, s := range w.header.Shards {
		if !s.Done {
			continue
		}
		f, err := openShard(context.Background(), w.dir, &w.header, i)
		if err != nil {
			return err
		}
		if err := w.ids.addShard(f); err != nil {
			return err
		}
	}
	return nil
}

// Header is the header as it stands: its shards say which are done.
func (w *Writer) Header() Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.header
	h.Shards = append([]Shard(nil), h.Shards...)
	return h
}

// Finish completes the store and gives the folder back. It is an error unless every row was written; a Shared writer
// leaves that to the last one.
func (w *Writer) Finish() error { return errors.Join(w.finish(), w.Close()) }

func (w *Writer) finish() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.opts.Shared {
		if err := w.readRecords(); err != nil {
			return fmt.Errorf("store %s: %w", w.dir, err)
		}
	}
	switch left := w.missing(); {
	case left > 0 && w.opts.Shared && w.pending == nil:
		return nil
	case left > 0:
		return fmt.Errorf("store %s: %d of %d rows are not written", w.dir, left, w.header.Rows)
	}
	complete := w.complete
	if w.opts.Shared {
		complete = w.completeShared
	}
	if err := complete(); err != nil {
		return fmt.Errorf("store %s: %w", w.dir, err)
	}
	return nil
}

func (w *Writer) missing() (rows int64) {
	for _, s := range w.header.Shards {
		if !s.Done {
			rows += s.Rows
		}
	}
	return rows
}

// Close gives the folder back. Rows of a shard that was not filled are lost; resuming writes it again. It may be
// called twice.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unlock != nil {
		w.unlock()
	}
	w.unlock = nil
	if w.err == nil {
		w.err = errors.New("the writer is closed")
	}
	return nil
}

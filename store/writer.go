package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"attrib/internal/atomicfile"
)

// Options of a writer. The zero value starts a new store.
type Options struct {
	// Resume goes on with the store in the folder, whose header must agree, or starts one where there is none.
	// Default false: a folder that holds a store is refused.
	Resume bool

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
}

// Create makes the folder a store of h.Rows rows, or resumes one, and locks it until Finish or Close. Everything that
// is wrong with the header is reported together; on resuming, the first field that differs is named and every
// shard that is done is verified.
func Create(dir string, h Header, o Options) (*Writer, error) {
	h.Schema = Schema
	if err := h.validate(); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	unlock, err := atomicfile.Lock(dir)
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
	w.sweep()
	old, err := ReadHeader(w.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.header.plan()
		return w.writeHeader()
	case err != nil:
		return err
	case !w.opts.Resume:
		return fmt.Errorf("the folder holds a store already; resume it or choose another: %w", fs.ErrExist)
	}
	if err := w.header.difference(old); err != nil {
		return err
	}
	w.header = old
	return w.verifyDone()
}

// sweep removes what writers that died have left: files under temporary names. The lock is held, so nobody writes them.
func (w *Writer) sweep() {
	for _, pattern := range []string{".store.json.tmp-*", ".shard-*.safetensors.tmp-*"} {
		left, _ := filepath.Glob(filepath.Join(w.dir, pattern)) // the patterns are well formed
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
		f, err := openShard(w.dir, &w.header, i, openBlob)
		if err != nil {
			return err
		}
		if err := errors.Join(w.ids.addAll(f.ids), f.blob.Close()); err != nil {
			return fmt.Errorf("%s: %w", s.File, err)
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

// Finish gives the folder back and is an error unless every row was written.
func (w *Writer) Finish() error {
	err := w.err
	if left := w.missing(); err == nil && left > 0 {
		err = fmt.Errorf("store %s: %d of %d rows are not written", w.dir, left, w.header.Rows)
	}
	return errors.Join(err, w.Close())
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

package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

// record says that a shard is done, in a file of its own until the store is complete: writers of other shards do not meet,
// and a shard costs the same to finish however many there are.
type record struct {
	File    string  `json:"file"`
	Row0    int64   `json:"row0"`
	Rows    int64   `json:"rows"`
	SHA256  string  `json:"sha256"`
	MaxNorm float64 `json:"maxNorm"`
}

func shardLock(i int) string { return fmt.Sprintf(".shard-%05d.lock", i) }

func (w *Writer) writeRecord(i int, s Shard) error {
	data, err := json.Marshal(record{s.File, s.Row0, s.Rows, s.SHA256, s.MaxNorm})
	if err != nil {
		return err
	}
	return w.writeFile(recordName(i), func(f io.Writer) error {
		_, err := f.Write(append(data, '\n'))
		return err
	})
}

// readRecords takes over what records say of shards that the header does not know to be done. When another writer has
// completed the store meanwhile, its header is taken.
func (w *Writer) readRecords() error {
	now, err := ReadHeader(w.dir)
	if err != nil {
		return err
	}
	for i, s := range now.Shards {
		if s.Done {
			continue
		}
		var r record
		path := filepath.Join(w.dir, recordName(i))
		err := strictjson.ReadFile(path, &r)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		done := Shard{r.File, r.Row0, r.Rows, r.SHA256, r.MaxNorm, true}
		if err := done.check(i, s.Row0, s.Rows); err != nil || r.Rows != s.Rows {
			return errors.Join(fmt.Errorf("%s: it does not belong to rows %d … %d", path, s.Row0, s.Row0+s.Rows-1), err)
		}
		now.Shards[i] = done
	}
	w.header = now
	return nil
}

// finishLock is held by the one that completes a shared store.
const finishLock = ".attrib.finish.lock"

// completeShared completes the store unless another writer does or has.
func (w *Writer) completeShared() error {
	release, err := atomicfile.LockAs(w.dir, finishLock)
	if errors.Is(err, atomicfile.ErrInUse) {
		return nil
	} else if err != nil {
		return err
	}
	defer release()
	defer os.Remove(filepath.Join(w.dir, finishLock)) // who finds it gone locks another, and finds the store complete
	if err := w.readRecords(); err != nil || w.missing() > 0 {
		return err
	}
	return w.complete()
}

// complete writes the header with all shards done and removes the records.
func (w *Writer) complete() error {
	if err := w.writeHeader(w.header); err != nil {
		return err
	}
	for i := range w.header.Shards {
		if err := os.Remove(filepath.Join(w.dir, recordName(i))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if w.opts.Shared {
			os.Remove(filepath.Join(w.dir, shardLock(i))) // a lock that stays does no harm
		}
	}
	return w.at("after the records")
}

// HasRecord says whether shard i of a store that is being written is done.
func HasRecord(dir string, i int) bool {
	_, err := os.Stat(filepath.Join(dir, recordName(i)))
	return err == nil
}

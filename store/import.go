package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"attrib/internal/runfile"
	"attrib/internal/safetensors"
	"attrib/kernels"
)

// importNumbers bounds what is read from a foreign file at a time, in numbers.
const importNumbers = 1 << 20

// Import writes the rows of f that the store does not hold yet, beginning at w.Next(): after a crash it goes on where the
// last whole shard ended. progress may be nil. The caller closes w.
func (f *Foreign) Import(ctx context.Context, w *Writer, progress func(done, total int64)) error {
	h := w.Header()
	if h.Rows != f.rows || fmt.Sprint(h.Layout.Layers) != fmt.Sprint(f.layout.Layers) || h.Layout.Width != f.layout.Width {
		return fmt.Errorf("the store is for %d rows of width %d, the files hold %d of width %d", h.Rows, h.Layout.Width, f.rows, f.layout.Width)
	}
	linked := len(h.Shards) == len(f.files) && f.Shards(h) != nil && h.Shards[len(h.Shards)-1].Row0 == f.files[len(f.files)-1].row0
	for i, file := range f.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if linked && !h.Shards[i].Done && file.link(ctx, w, i) == nil {
			continue
		}
		if err := file.importRows(ctx, w, f, progress); err != nil {
			return err
		}
	}
	return f.Unchanged()
}

// Unchanged is an error that names the first file that is not any more the one that was opened.
func (f *Foreign) Unchanged() error {
	for _, file := range f.files {
		for path, was := range file.stats {
			now, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := sameFile(path, was, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *foreignFile) importRows(ctx context.Context, w *Writer, all *Foreign, progress func(done, total int64)) error {
	most := max(1, importNumbers/max(1, all.layout.Kernel().RowBytes()/4))
	for next := w.Next(); next < f.row0+f.rows; next = w.Next() {
		if err := ctx.Err(); err != nil && !w.InShard() { // the shard in hand is finished first
			return err
		}
		row0 := next - f.row0
		n := int(min(most, f.rows-row0, w.Room()))
		ids, err := f.readIDs(row0, n)
		if err != nil {
			return err
		}
		tile, err := f.tile(w.header.Layout, row0, n)
		if err != nil {
			return err
		}
		if err := appendTile(w, ids, tile); err != nil {
			return fmt.Errorf("%s: rows %d … %d: %w", f.path, row0, row0+int64(n)-1, err)
		}
		if progress != nil {
			progress(w.Next(), all.rows)
		}
	}
	return nil
}

func appendTile(w *Writer, ids []int64, t *kernels.Tile) error {
	if len(t.A) > 0 {
		return w.AppendFactors(ids, t.A, t.D)
	}
	return w.Append(ids, t.Flat)
}

// CheckIDs reads the row ids of all files: each must be one of lines 0 … lines−1, none may come twice. has says of a line
// whether it has a row.
func (f *Foreign) CheckIDs(lines int64) (has func(line int64) bool, err error) {
	seen := idSet{}
	for _, file := range f.files {
		for row0 := int64(0); row0 < file.rows; row0 += importNumbers {
			ids, err := file.readIDs(row0, int(min(importNumbers, file.rows-row0)))
			if err != nil {
				return nil, err
			}
			for i, id := range ids {
				if err := seen.add(id); err != nil {
					return nil, fmt.Errorf("%s: row %d: %w", file.path, row0+int64(i), err)
				}
				if id >= lines {
					return nil, fmt.Errorf("%s: row %d: row id %d is not one of 0 … %d", file.path, row0+int64(i), id, lines-1)
				}
			}
		}
	}
	return seen.has, nil
}

// Shards are the shards of a store with that header, one a file, when every file has the form of a shard already: then
// Import links the files into the store instead of copying them. It is nil otherwise.
func (f *Foreign) Shards(h Header) []Shard {
	var out []Shard
	for i, file := range f.files {
		if file.checkForm(h.Layout) != nil {
			return nil
		}
		out = append(out, Shard{File: shardName(i), Row0: file.row0, Rows: file.rows})
	}
	return out
}

// checkForm says what keeps a file from being a shard.
func (f *foreignFile) checkForm(l Layout) error {
	if f.idsPath != f.path || !littleEndian {
		return fmt.Errorf("%s: it holds no row_ids", f.path)
	}
	if st, err := os.Lstat(f.path); err != nil || !st.Mode().IsRegular() {
		return fmt.Errorf("%s: a link to a file is copied", f.path)
	}
	file, size, err := openSized(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	header, err := safetensors.Open(file, size)
	if err != nil {
		return err
	}
	return checkTensors(header, l, f.rows)
}

// link makes a file a shard without copying it, where the file system can: a hard link, so that the store lives on when
// the file is removed. A file that is changed later is found by its hash.
func (f *foreignFile) link(ctx context.Context, w *Writer, i int) error {
	s, err := w.reserve(i, nil, int(f.rows))
	if err != nil {
		return err
	}
	target := filepath.Join(w.dir, s.File)
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) { // one without a record
		return err
	}
	if err := errors.Join(os.Link(f.path, target), w.at("after "+s.File)); err != nil {
		return err
	}
	if s.SHA256, err = runfile.HashFile(target); err != nil {
		return err
	}
	s.Done = true
	one := w.Header()
	one.Shards[i] = s
	shard, err := openShard(ctx, w.dir, &one, i)
	if err != nil {
		return err
	}
	view := &Store{header: one, columns: one.Layout.columns(), shards: []*shardFile{shard}}
	shard.Row0, view.header.Rows = 0, s.Rows
	defer view.Close()
	s.MaxNorm, err = kernels.MaxNorm(ctx, kernels.Section(view, 0, s.Rows))
	if row := (*kernels.RowError)(nil); errors.As(err, &row) {
		return fmt.Errorf("row id %d: %s", shard.ids.At(int(row.Row)), row.Reason)
	} else if err != nil {
		return err
	}
	return w.adopt(i, s, shard)
}

// adopt records a shard that is in place.
func (w *Writer) adopt(i int, s Shard, f *shardFile) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ids.addShard(f); err != nil {
		w.err = fmt.Errorf("store %s: %w", w.dir, err)
		return w.err
	}
	if err := w.writeRecord(i, s); err != nil {
		w.err = fmt.Errorf("store %s: %w", w.dir, err)
		return w.err
	}
	w.header.Shards[i] = s
	return nil
}

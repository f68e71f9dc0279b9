package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"attrib/kernels"
)

// Store is an opened store: a kernels.Source of single precision rows, safe for concurrent use until it is closed. F32 tiles
// that lie within one window of a shard are views of the mapped file; they must not be written to and are gone after Close.
// Other tiles are decoded into the tile's own memory.
type Store struct {
	header  Header
	dir     string
	shards  []*shardFile
	columns []column
	windows windows
}

var (
	_ kernels.Source   = (*Store)(nil)
	_ kernels.Faulting = (*Store)(nil)
)

var errClosed = errors.New("the store is closed")

// Open opens the folder and verifies the header, the hash of every shard (once, here) and the row ids. All that is
// wrong is reported together.
func Open(ctx context.Context, dir string) (*Store, error) {
	h, err := ReadHeader(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{header: h, dir: dir, columns: h.Layout.columns(), shards: make([]*shardFile, len(h.Shards))}
	err = eachShard(ctx, len(h.Shards), func(i int) (err error) {
		s.shards[i], err = openShard(ctx, dir, &s.header, i)
		return err
	})
	if err == nil {
		err = errors.Join(s.checkIDs(), s.checkCovariances())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Peek opens the first shard of a finished store as a store of its own, without reading it whole: to try how fast rows are
// read and used. What it gives is not verified and must not reach a result.
func Peek(dir string) (*Store, error) {
	h, err := ReadHeader(dir)
	if err != nil {
		return nil, err
	}
	f := &shardFile{Shard: h.Shards[0], path: filepath.Join(dir, h.Shards[0].File)}
	if !f.Done {
		return nil, fmt.Errorf("%s: it is not written yet: resume the run that makes the store", f.path)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if f.stat, err = file.Stat(); err == nil {
		f.size = f.stat.Size()
		err = f.describe(&h, file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	h.Rows, h.Shards = f.Rows, h.Shards[:1]
	return &Store{header: h, dir: dir, columns: h.Layout.columns(), shards: []*shardFile{f}}, nil
}

// eachShard calls work for all shards on all cores and reports the errors in order of the shards.
func eachShard(ctx context.Context, n int, work func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				errs[i] = work(i)
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func (s *Store) checkIDs() error {
	seen := idSet{}
	for _, f := range s.shards {
		if err := seen.addShard(f); err != nil {
			return err
		}
	}
	return nil
}

// Close unmaps the files.
func (s *Store) Close() error {
	s.windows.close()
	return nil
}

// LimitMapped bounds the memory of all windows that are mapped at a time, in bytes; rows beyond are copied. The default is
// about 32 MiB a core. It is for before the first Read.
func (s *Store) LimitMapped(bytes int64) {
	s.windows.mu.Lock()
	defer s.windows.mu.Unlock()
	s.windows.most = max(bytes, 0) + 1
}

// Header is store.json.
func (s *Store) Header() Header { return s.header }

// Len is the number of rows.
func (s *Store) Len() int64 { return s.header.Rows }

// Layout is the form of a row as Read gives it.
func (s *Store) Layout() kernels.Layout { return s.header.Layout.Kernel() }

// RowID is the sample of a row: a line of corpus.jsonl, or of queries.jsonl, counted from 0.
func (s *Store) RowID(row int64) int64 {
	f := s.shards[s.header.shardOf(row)]
	return f.ids.At(int(row - f.Row0))
}

// RowIDs are the samples of all rows, with the rows' numbers.
func (s *Store) RowIDs() iter.Seq2[int64, int64] {
	return func(yield func(row, id int64) bool) {
		for row := range s.Len() {
			if !yield(row, s.RowID(row)) {
				return
			}
		}
	}
}

// MaxNorm is the largest Euclidean norm of a row (flattened, for factored rows), as recorded on writing.
func (s *Store) MaxNorm() float64 {
	worst := 0.0
	for _, sh := range s.header.Shards {
		worst = max(worst, sh.MaxNorm)
	}
	return worst
}

// Unchanged is an error that names the first shard whose file is not the one that was opened. Rows are verified when the
// store is opened; a reader whose result must stand on them asks again when it is done.
func (s *Store) Unchanged() error {
	for _, f := range s.shards {
		file, err := f.reopen()
		if err != nil {
			return err
		}
		file.Close()
	}
	return nil
}

// Fault names the shard whose mapped memory went away: its file was cut short.
func (s *Store) Fault(addr uintptr) error {
	f := s.windows.at(addr)
	if f == nil {
		return nil
	}
	if st, err := os.Stat(f.path); err == nil && st.Size() == f.size {
		return fmt.Errorf("%s: the file could not be read while it was mapped", f.path)
	}
	return fmt.Errorf("%s: the file was cut short while it was read", f.path)
}

// Read fills the tile with single precision numbers: with views of F32 rows that lie in one window of a shard where the
// system maps files, with copies otherwise.
func (s *Store) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Len())); err != nil {
		return err
	}
	if s.windows.isClosed() {
		return errClosed
	}
	m := make([]kernels.Matrix, len(s.columns))
	for i := range s.columns {
		v, err := s.read(i, row0, int64(t.Rows), t)
		if err != nil {
			return err
		}
		m[i] = v
	}
	setParts(t, m, len(s.header.Layout.Layers) > 0)
	return nil
}

// read gives rows of a column. A tile's slots are, per column: the numbers, and what lies in the file and its scales.
func (s *Store) read(column int, row0, rows int64, t *kernels.Tile) (kernels.Matrix, error) {
	c, slot := s.columns[column], 3*column
	k := s.header.shardOf(row0)
	if f := s.shards[k]; s.header.Layout.dtype() == kernels.TypeF32 && row0+rows <= f.Row0+f.Rows {
		return f.matrix(&s.windows, s.header.Layout, column, row0-f.Row0, rows, t, slot+1)
	}
	out := kernels.F32(int(rows)*c.lines, c.width, t.Buffer(slot, int(rows*c.perRow())))
	for rest := out.Floats(); len(rest) > 0; k++ {
		f := s.shards[k]
		n := min(rows, f.Row0+f.Rows-row0)
		m, err := f.matrix(&s.windows, s.header.Layout, column, row0-f.Row0, n, t, slot+1)
		if err != nil {
			return out, err
		}
		m.Decode(rest[:n*c.perRow()])
		row0, rows, rest = row0+n, rows-n, rest[n*c.perRow():]
	}
	return out, nil
}

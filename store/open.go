package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"

	"attrib/kernels"
)

// Store is an opened store: a kernels.Source over its rows, safe for concurrent use until it is closed. Tiles that lie
// within one shard are views of the mapped file; they must not be written to and are gone after Close.
type Store struct {
	header  Header
	shards  []*shardFile
	columns []column
	ids     []int64
}

var _ kernels.Source = (*Store)(nil)

// Open opens the folder and verifies the header, the hash of every shard (once, here) and the row ids. All that is
// wrong is reported together.
func Open(dir string) (*Store, error) { return openWith(dir, openBlob) }

func openWith(dir string, open func(string) (blob, error)) (*Store, error) {
	h, err := ReadHeader(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{header: h, columns: h.Layout.columns(), shards: make([]*shardFile, len(h.Shards))}
	err = eachShard(len(h.Shards), func(i int) (err error) {
		s.shards[i], err = openShard(dir, &s.header, i, open)
		return err
	})
	if err == nil {
		err = s.collectIDs(dir)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// eachShard calls work for all shards on all cores and reports the errors in order of the shards.
func eachShard(n int, work func(i int) error) error {
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
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(errs...)
}

func (s *Store) collectIDs(dir string) error {
	seen := idSet{}
	for _, f := range s.shards {
		if err := seen.addAll(f.ids); err != nil {
			return fmt.Errorf("%s/%s: %w", dir, f.File, err)
		}
		s.ids = append(s.ids, f.ids...)
		f.ids = nil
	}
	return nil
}

// Close unmaps the files.
func (s *Store) Close() error {
	var errs []error
	for _, f := range s.shards {
		if f != nil {
			errs = append(errs, f.blob.Close())
		}
	}
	s.shards = nil
	return errors.Join(errs...)
}

// Header is store.json.
func (s *Store) Header() Header { return s.header }

// Len is the number of rows.
func (s *Store) Len() int64 { return s.header.Rows }

// Layout is the form of a row.
func (s *Store) Layout() kernels.Layout { return s.header.Layout.Kernel() }

// RowIDs are the samples of the rows, in the order of the rows: positions in corpus.jsonl. Not to be changed.
func (s *Store) RowIDs() []int64 { return s.ids }

// MaxNorm is the largest Euclidean norm of a row (flattened, for factored rows), as recorded on writing.
func (s *Store) MaxNorm() float64 {
	worst := 0.0
	for _, sh := range s.header.Shards {
		worst = max(worst, sh.MaxNorm)
	}
	return worst
}

// Read fills the tile: with views when the rows lie in one shard and the system maps files, with copies otherwise.
func (s *Store) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Len())); err != nil {
		return err
	}
	if s.shards == nil {
		return errors.New("the store is closed")
	}
	m := make([]kernels.Matrix, len(s.columns))
	for i, c := range s.columns {
		v, err := s.read(i, row0, int64(t.Rows), t)
		if err != nil {
			return err
		}
		m[i] = kernels.F32(t.Rows*c.lines, c.width, v)
	}
	setParts(t, m, len(s.header.Layout.Layers) > 0)
	return nil
}

func (s *Store) read(column int, row0, rows int64, t *kernels.Tile) ([]float32, error) {
	per := s.columns[column].perRow()
	k := sort.Search(len(s.shards)-1, func(i int) bool { return s.shards[i+1].Row0 > row0 })
	if f := s.shards[k]; rows > 0 && row0+rows <= f.Row0+f.Rows {
		if v := f.floats(column, (row0-f.Row0)*per, rows*per); v != nil {
			return v, nil
		}
	}
	out := t.Buffer(column, int(rows*per))
	for rest := out; len(rest) > 0; k++ {
		f := s.shards[k]
		n := min(rows, f.Row0+f.Rows-row0)
		if err := f.copyFloats(column, (row0-f.Row0)*per, rest[:n*per]); err != nil {
			return nil, err
		}
		row0, rows, rest = row0+n, rows-n, rest[n*per:]
	}
	return out, nil
}

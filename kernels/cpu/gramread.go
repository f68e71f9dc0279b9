package cpu

import (
	"context"
	"sync"
	"sync/atomic"

	"attrib/kernels"
)

// units calls work for units 0 … n−1, on all workers, until the context is cancelled.
func (d *device) units(ctx context.Context, n int, work func(worker, unit int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for worker := range min(d.Workers, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				work(worker, i)
			}
		})
	}
	all.Wait()
}

// readChunk packs rows row0 … row0+g.rows−1 and finds the largest magnitude of every column of every run. The error is
// that of the lowest row: tiles are taken in rising order, and after an error no new one is.
func (d *device) readChunk(ctx context.Context, s kernels.Source, row0 int64, g *gram) error {
	step := int(max(1, min(d.TileBytes/max(1, s.Layout().RowBytes()), int64(g.rows+d.Workers-1)/int64(d.Workers), gramRun)))
	tiles := (g.rows + step - 1) / step
	var failed atomic.Int64 // the lowest tile with an error; those below it are still read
	failed.Store(int64(tiles))
	d.units(ctx, tiles, func(worker, i int) {
		if int64(i) > failed.Load() {
			return
		}
		r := &g.readers[worker]
		if err := r.read(ctx, s, row0, i*step, min(step, g.rows-i*step), g); err != nil {
			r.err, r.failedAt = err, i*step
			lower(&failed, int64(i))
		}
	})
	at, err := lowestError(g.readers, g.rows)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if i := g.firstBad(d, at); i >= 0 {
		return kernels.NonFinite(row0 + int64(i))
	}
	return err
}

// lower sets v to x where that is less.
func lower(v *atomic.Int64, x int64) {
	for old := v.Load(); x < old && !v.CompareAndSwap(old, x); old = v.Load() {
	}
}

// gramReader is what a worker needs to read, kept from chunk to chunk, and what became of it. After an error it only gets
// lower tiles, and no other chunk.
type gramReader struct {
	tile     kernels.Tile
	decoded  []float32
	err      error
	failedAt int
}

// lowestError releases the tiles and returns the lowest row with an error, below which all were read, and that error.
func lowestError(readers []gramReader, rows int) (at int, err error) {
	at = rows
	for i := range readers {
		r := &readers[i]
		r.tile.Release()
		if r.err != nil && r.failedAt < at {
			err, at = r.err, r.failedAt
		}
	}
	return at, err
}

// read packs rows of the source from place at of the chunk on.
func (r *gramReader) read(ctx context.Context, s kernels.Source, row0 int64, at, rows int, g *gram) error {
	return kernels.Guard(s, func() error {
		if err := readRows(ctx, s, row0+int64(at), rows, &r.tile); err != nil {
			return err
		}
		m := r.tile.Flat
		if m.Type != kernels.TypeF32 {
			if r.decoded == nil {
				r.decoded = make([]float32, gramRun*g.out.N)
			}
			m.Decode(r.decoded[:rows*m.Cols])
			m = kernels.F32(rows, m.Cols, r.decoded)
		}
		g.pack(at, m)
		return nil
	})
}

package store

import (
	"fmt"

	"attrib/kernels"
)

// pending collects the rows of the shard that Append is filling.
type pending struct {
	shard int
	ids   []int64
	data  [][]float32 // per column
}

// Next is the row with which Append goes on: the first one that is neither written nor waiting in memory. It is
// Header().Rows when nothing is left. After resuming, the caller starts there.
func (w *Writer) Next() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.pending; p != nil {
		return w.header.Shards[p.shard].Row0 + int64(len(p.ids))
	}
	for _, s := range w.header.Shards {
		if !s.Done {
			return s.Row0
		}
	}
	return w.header.Rows
}

// Append adds flat rows (len(ids) × width) at Next. It writes a shard whenever one is full, so the last Append of a
// store writes the last shard.
func (w *Writer) Append(ids []int64, rows kernels.Matrix) error {
	if len(w.header.Layout.Layers) > 0 {
		return fmt.Errorf("store %s: its rows are factored: use AppendFactors", w.dir)
	}
	return w.append(ids, &kernels.Tile{Rows: rows.Rows, Flat: rows})
}

// AppendFactors adds factored rows at Next: per layer, a is (len(ids)·positions × in) and d (len(ids)·positions × out).
func (w *Writer) AppendFactors(ids []int64, a, d []kernels.Matrix) error {
	if n := len(w.header.Layout.Layers); len(a) != n || len(d) != n || n == 0 {
		return fmt.Errorf("store %s: %d and %d factors are given for %d layers", w.dir, len(a), len(d), n)
	}
	return w.append(ids, &kernels.Tile{Rows: len(ids), A: a, D: d})
}

func (w *Writer) append(ids []int64, t *kernels.Tile) error {
	w.mu.Lock()
	err := w.err
	w.mu.Unlock()
	if err != nil {
		return err
	}
	if err := w.checkRows(ids, t); err != nil {
		return fmt.Errorf("store %s: %w", w.dir, err)
	}
	m := parts(t, len(w.header.Layout.Layers) > 0)
	for from := 0; from < t.Rows; {
		n, err := w.collect(ids, m, from)
		if err != nil {
			return err
		}
		from += n
	}
	return nil
}

// collect takes rows from the given ones until the shard in hand is full, and writes it then.
func (w *Writer) collect(ids []int64, m []kernels.Matrix, from int) (taken int, err error) {
	cols := w.header.Layout.columns()
	next := w.Next()
	if w.pending == nil {
		if next == w.header.Rows {
			return 0, w.broken(fmt.Errorf("row id %d is one too many: the store holds %d rows", ids[from], w.header.Rows))
		}
		w.start(w.header.shardOf(next), len(cols))
	}
	p := w.pending
	taken = int(min(w.header.Shards[p.shard].Rows-int64(len(p.ids)), int64(len(ids)-from)))
	p.ids = append(p.ids, ids[from:from+taken]...)
	for i, c := range cols {
		for r := from * c.lines; r < (from+taken)*c.lines; r++ {
			p.data[i] = append(p.data[i], m[i].Row(r)...)
		}
	}
	if int64(len(p.ids)) < w.header.Shards[p.shard].Rows {
		return taken, nil
	}
	return taken, w.flush(cols)
}

func (w *Writer) start(shard, columns int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = &pending{shard: shard, data: make([][]float32, columns)}
}

func (w *Writer) flush(cols []column) error {
	p := w.pending
	t := &kernels.Tile{Rows: len(p.ids)}
	var m []kernels.Matrix
	for i, c := range cols {
		m = append(m, kernels.F32(t.Rows*c.lines, c.width, p.data[i]))
	}
	setParts(t, m, len(w.header.Layout.Layers) > 0)
	if err := w.WriteShard(p.shard, p.ids, t); err != nil {
		return w.broken(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = nil
	return nil
}

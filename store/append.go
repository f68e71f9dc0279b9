package store

import (
	"fmt"

	"attrib/kernels"
)

// pending collects the rows of the shard that Append is filling, in the type that they have in the file.
type pending struct {
	shard int
	ids   []int64
	m     []kernels.Matrix // per column, with memory for all rows of the shard
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

// Room is how many rows the shard in hand, or else the next one, still takes. A caller that appends no more at a time finds
// InShard false between shards.
func (w *Writer) Room() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.pending; p != nil {
		return w.header.Shards[p.shard].Rows - int64(len(p.ids))
	}
	for _, s := range w.header.Shards {
		if !s.Done {
			return s.Rows
		}
	}
	return 0
}

// InShard says that rows of a shard are waiting in memory for the rest of it: who stops now loses them.
func (w *Writer) InShard() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pending != nil && w.err == nil
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
	next := w.Next()
	if w.pending == nil {
		if next == w.header.Rows {
			return 0, w.broken(fmt.Errorf("row id %d is one too many: the store holds %d rows", ids[from], w.header.Rows))
		}
		w.start(w.header.shardOf(next))
	}
	p := w.pending
	taken = int(min(w.header.Shards[p.shard].Rows-int64(len(p.ids)), int64(len(ids)-from)))
	ids = ids[from : from+taken]
	for i, c := range w.header.Layout.columns() {
		part, err := encode(w.header.Layout.dtype(), ids, m[i].Slice(from*c.lines, (from+taken)*c.lines), c)
		if err != nil {
			return 0, w.broken(err)
		}
		put(&p.m[i], len(p.ids)*c.lines, part)
	}
	w.mu.Lock()
	p.ids = append(p.ids, ids...)
	w.mu.Unlock()
	if int64(len(p.ids)) < w.header.Shards[p.shard].Rows {
		return taken, nil
	}
	return taken, w.flush()
}

// put copies rows to line at of dst.
func put(dst *kernels.Matrix, at int, rows kernels.Matrix) {
	size := rows.Type.Size()
	for r := range rows.Rows {
		copy(dst.Data[(at+r)*dst.Cols*size:][:dst.Cols*size], rows.Data[r*rows.Stride*size:])
	}
	if rows.Scale != nil {
		copy(dst.Scale[at:], rows.Scale)
	}
}

// start begins a shard, in the memory of the last one where that is large enough.
func (w *Writer) start(shard int) {
	rows := int(w.header.Shards[shard].Rows)
	p := &pending{shard: shard, m: w.spare}
	w.spare = nil
	if p.m == nil || p.m[0].Rows < rows*w.header.Layout.columns()[0].lines {
		p.m = nil
		for _, c := range w.header.Layout.columns() {
			p.m = append(p.m, kernels.Make(w.header.Layout.dtype(), rows*c.lines, c.width))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = p
}

func (w *Writer) flush() error {
	p := w.pending
	t := &kernels.Tile{Rows: len(p.ids)}
	var m []kernels.Matrix
	for i, c := range w.header.Layout.columns() {
		m = append(m, p.m[i].Slice(0, t.Rows*c.lines))
	}
	setParts(t, m, len(w.header.Layout.Layers) > 0)
	if err := w.writeChecked(p.shard, p.ids, t); err != nil {
		return w.broken(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending, w.spare = nil, p.m
	return nil
}

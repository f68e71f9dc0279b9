package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"attrib/internal/atomicfile"
	"attrib/internal/safetensors"
	"attrib/kernels"
)

// WriteShard writes shard i of Header().Shards from a tile of as many rows and their ids. Shards may come in any order
// and from several goroutines. The tile has Flat, or A and D per layer, as the layout says.
func (w *Writer) WriteShard(i int, ids []int64, t *kernels.Tile) error {
	if err := w.checkRows(ids, t); err != nil {
		return fmt.Errorf("store %s: shard %d: %w", w.dir, i, err)
	}
	s, err := w.reserve(i, ids, t.Rows)
	if err != nil {
		return err
	}
	if err := w.write(&s, ids, t); err != nil {
		return w.broken(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.header.Shards[i] = s
	if err := w.writeHeader(); err != nil {
		w.err = fmt.Errorf("store %s: %w", w.dir, err)
	}
	return w.err
}

// reserve checks that the shard may be written and takes the ids.
func (w *Writer) reserve(i int, ids []int64, rows int) (Shard, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return Shard{}, w.err
	}
	if i < 0 || i >= len(w.header.Shards) {
		return Shard{}, fmt.Errorf("store %s: shard %d is not one of the %d", w.dir, i, len(w.header.Shards))
	}
	s := w.header.Shards[i]
	switch {
	case s.Done:
		return s, fmt.Errorf("store %s: %s is written already", w.dir, s.File)
	case int64(rows) != s.Rows:
		return s, fmt.Errorf("store %s: %s takes %d rows, but %d are given", w.dir, s.File, s.Rows, rows)
	}
	// A second use ends the writer: the ids that were taken before it was seen stay taken.
	if err := w.ids.addAll(ids); err != nil {
		w.err = fmt.Errorf("store %s: %s: %w", w.dir, s.File, err)
	}
	return s, w.err
}

// checkRows refuses rows of another shape and rows that are not finite, by id.
func (w *Writer) checkRows(ids []int64, t *kernels.Tile) error {
	if len(ids) != t.Rows {
		return fmt.Errorf("%d row ids for %d rows", len(ids), t.Rows)
	}
	if len(t.A) != len(t.D) {
		return fmt.Errorf("%d activations but %d output gradients", len(t.A), len(t.D))
	}
	cols := w.header.Layout.columns()
	m := parts(t, len(w.header.Layout.Layers) > 0)
	if err := checkParts(cols, m, t.Rows); err != nil {
		return err
	}
	for i, c := range cols {
		if at := m[i].FirstNonFinite(); at >= 0 {
			return fmt.Errorf("row id %d: %s holds a NaN or an infinity", ids[at/c.lines], c.name)
		}
	}
	return nil
}

func (w *Writer) write(s *Shard, ids []int64, t *kernels.Tile) error {
	m := parts(t, len(w.header.Layout.Layers) > 0)
	norm, err := kernels.MaxNorm(context.Background(), tileSource{int64(t.Rows), w.header.Layout, m})
	if row := (*kernels.RowError)(nil); errors.As(err, &row) {
		return fmt.Errorf("row id %d: the product of its factors is too large for float32", ids[row.Row])
	} else if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := safetensors.Write(&buf, w.header.shardMeta(*s), w.tensors(ids, m, s.Rows)); err != nil {
		return err
	}
	sum := sha256.Sum256(buf.Bytes())
	if err := w.writeFile(s.File, buf.Bytes()); err != nil {
		return err
	}
	s.SHA256, s.MaxNorm, s.Done = hex.EncodeToString(sum[:]), norm, true
	return nil
}

func (w *Writer) tensors(ids []int64, m []kernels.Matrix, rows int64) []safetensors.Tensor {
	out := []safetensors.Tensor{safetensors.New(idsTensor, ids, rows)}
	for i, c := range w.header.Layout.columns() {
		v := make([]float32, 0, m[i].Rows*m[i].Cols)
		for r := range m[i].Rows {
			v = append(v, m[i].Row(r)...)
		}
		out = append(out, safetensors.New(c.name, v, c.shape(rows)...))
	}
	return out
}

// writeFile puts a file in place, atomically, with the places where tests let it fail.
func (w *Writer) writeFile(name string, data []byte) error {
	err := atomicfile.Write(filepath.Join(w.dir, name), func(f io.Writer) error {
		if _, err := f.Write(data[:len(data)/2]); err != nil {
			return err
		}
		if err := w.at("inside " + name); err != nil {
			return err
		}
		_, err := f.Write(data[len(data)/2:])
		return err
	})
	if err != nil {
		return err
	}
	return w.at("after " + name)
}

func (w *Writer) at(step string) error {
	if w.opts.step == nil {
		return nil
	}
	return w.opts.step(step)
}

func (w *Writer) writeHeader() error {
	data, err := w.header.seal()
	if err != nil {
		return err
	}
	return w.writeFile(HeaderFile, data)
}

// broken remembers the first failure.
func (w *Writer) broken(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = fmt.Errorf("store %s: %w", w.dir, err)
	}
	return w.err
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

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
	return w.writeChecked(i, ids, t)
}

// writeChecked is WriteShard of rows that checkRows has seen.
func (w *Writer) writeChecked(i int, ids []int64, t *kernels.Tile) error {
	s, err := w.reserve(i, ids, t.Rows)
	if err != nil {
		return err
	}
	release, err := w.take(i)
	if err != nil {
		return err
	}
	defer release()
	if err := w.write(i, &s, ids, t); err != nil {
		return w.broken(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.header.Shards[i] = s
	}
	return w.err
}

// take locks a shard that other processes might write too.
func (w *Writer) take(i int) (release func(), err error) {
	if !w.opts.Shared {
		return func() {}, nil
	}
	name := shardName(i)
	release, err = atomicfile.LockAs(w.dir, shardLock(i))
	if errors.Is(err, atomicfile.ErrInUse) {
		return nil, fmt.Errorf("store %s: %s is being written by another process: %w", w.dir, name, atomicfile.ErrInUse)
	} else if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(w.dir, recordName(i))); err == nil {
		release()
		return nil, fmt.Errorf("store %s: %s is written already", w.dir, name)
	}
	sweep(w.dir, "."+name+".tmp-*", "."+recordName(i)+".tmp-*")
	return release, nil
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
	if err := checkParts(w.header.Layout, m, t.Rows); err != nil {
		return err
	}
	for i, c := range cols {
		if at := nonFinite(m[i]); at >= 0 {
			return fmt.Errorf("row id %d: %s holds a NaN or an infinity", ids[at/c.lines], c.name)
		}
	}
	return nil
}

// nonFinite is the lowest line of a matrix of any type that holds a NaN or an infinity, −1 for none.
func nonFinite(m kernels.Matrix) int {
	if m.Type == kernels.TypeF32 {
		return m.FirstNonFinite()
	}
	row := make([]float32, m.Cols)
	for i := range m.Rows {
		if m.Slice(i, i+1).Decode(row); !kernels.Finite(row) {
			return i
		}
	}
	return -1
}

// write puts the shard and then its record in place.
func (w *Writer) write(i int, s *Shard, ids []int64, t *kernels.Tile) error {
	m, err := w.encode(ids, parts(t, len(w.header.Layout.Layers) > 0))
	if err != nil {
		return err
	}
	s.MaxNorm, err = kernels.MaxNorm(context.Background(), tileSource{int64(t.Rows), w.header.Layout, m})
	if row := (*kernels.RowError)(nil); errors.As(err, &row) {
		return fmt.Errorf("row id %d: the product of its factors is too large for float32", ids[row.Row])
	} else if err != nil {
		return err
	}
	sum := sha256.New()
	err = w.writeFile(s.File, func(f io.Writer) error {
		return safetensors.Write(io.MultiWriter(f, sum), w.header.shardMeta(*s), w.tensors(ids, m, s.Rows))
	})
	if err != nil {
		return err
	}
	s.SHA256, s.Done = hex.EncodeToString(sum.Sum(nil)), true
	return w.writeRecord(i, *s)
}

// encode rounds the matrices to the layout's type.
func (w *Writer) encode(ids []int64, m []kernels.Matrix) ([]kernels.Matrix, error) {
	out := make([]kernels.Matrix, len(m))
	for i, c := range w.header.Layout.columns() {
		e, err := encode(w.header.Layout.dtype(), ids, m[i], c)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// encode rounds the rows of a column to type t, unless they have it.
func encode(t kernels.DType, ids []int64, m kernels.Matrix, c column) (kernels.Matrix, error) {
	if m.Type == t {
		return m, nil
	}
	e, err := kernels.Encode(t, m)
	if row := (*kernels.RowError)(nil); errors.As(err, &row) {
		return e, fmt.Errorf("row id %d: %s: %s", ids[row.Row/int64(c.lines)], c.name, row.Reason)
	}
	return e, err
}

func (w *Writer) tensors(ids []int64, m []kernels.Matrix, rows int64) []safetensors.Tensor {
	out := []safetensors.Tensor{safetensors.New(idsTensor, ids, rows)}
	for i, c := range w.header.Layout.columns() {
		out = append(out, safetensors.Tensor{Name: c.name, Type: safetensors.DType(w.header.Layout.Type), Shape: c.shape(rows), Data: gapless(m[i])})
		if m[i].Scale != nil {
			out = append(out, safetensors.New(c.scaleName(), m[i].Scale, c.scaleShape(rows)...))
		}
	}
	return out
}

// gapless is the matrix's memory as it lies in a file: rows without gaps, little-endian.
func gapless(m kernels.Matrix) []byte {
	size := m.Type.Size()
	if m.Stride == m.Cols && littleEndian {
		return m.Data[:m.Rows*m.Cols*size]
	}
	out := make([]byte, 0, m.Rows*m.Cols*size)
	for i := range m.Rows {
		out = append(out, m.Data[i*m.Stride*size:(i*m.Stride+m.Cols)*size]...)
	}
	for at := 0; !littleEndian && at < len(out); at += size {
		slices.Reverse(out[at : at+size])
	}
	return out
}

// writeFile puts a file in place, atomically, with the places where tests let it fail.
func (w *Writer) writeFile(name string, fill func(io.Writer) error) error {
	err := atomicfile.Write(filepath.Join(w.dir, name), func(f io.Writer) error {
		if w.opts.step != nil {
			f = &stepping{f, w.opts.step, "inside " + name}
		}
		return fill(f)
	})
	if err != nil {
		return err
	}
	return w.at("after " + name)
}

// stepping writes in small pieces and calls step between them, for tests that fail or die there.
type stepping struct {
	io.Writer
	step func(string) error
	name string
}

func (s *stepping) Write(p []byte) (n int, err error) {
	const piece = 64
	for len(p) > 0 {
		k, err := s.Writer.Write(p[:min(piece, len(p))])
		n += k
		if err != nil {
			return n, err
		}
		if err := s.step(s.name); err != nil {
			return n, err
		}
		p = p[k:]
	}
	return n, nil
}

func (w *Writer) at(step string) error {
	if w.opts.step == nil {
		return nil
	}
	return w.opts.step(step)
}

func (w *Writer) writeHeader(h Header) error {
	data, err := h.seal()
	if err != nil {
		return err
	}
	return w.writeFile(HeaderFile, func(f io.Writer) error {
		_, err := f.Write(data)
		return err
	})
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

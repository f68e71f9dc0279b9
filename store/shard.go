package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"unsafe"

	"attrib/internal/safetensors"
	"attrib/kernels"
)

// shardMeta is a shard's metadata: enough to know what a file is when it is found alone.
func (h *Header) shardMeta(s Shard) map[string]string {
	return map[string]string{
		"format": Schema, "kind": h.Kind, "sign": h.Sign, "measurement": h.Measurement, "unit": h.Unit, "row0": fmt.Sprint(s.Row0),
	}
}

// shardFile is an opened and verified shard.
type shardFile struct {
	Shard
	blob    blob
	offsets []int64 // of each column
	ids     []int64
}

// openShard opens the file, and verifies its hash and its tensors.
func openShard(dir string, h *Header, i int, open func(string) (blob, error)) (_ *shardFile, err error) {
	s := h.Shards[i]
	path := filepath.Join(dir, s.File)
	if !s.Done {
		return nil, fmt.Errorf("%s: rows %d … %d are not written yet: resume the run that makes them", path, s.Row0, s.Row0+s.Rows-1)
	}
	b, err := open(path)
	if err != nil {
		return nil, err
	}
	f := &shardFile{Shard: s, blob: b}
	if err := f.verify(h); err != nil {
		b.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *shardFile) verify(h *Header) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.blob, 0, f.blob.size())); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("SHA-256 is %s, the header says %s: the file was changed or cut short", got, f.SHA256)
	}
	file, err := safetensors.Open(f.blob, f.blob.size())
	if err != nil {
		return err
	}
	cols := h.Layout.columns()
	if err := checkTensors(file, cols, f.Rows); err != nil {
		return err
	}
	for _, c := range cols {
		info, _ := file.Info(c.name)
		f.offsets = append(f.offsets, info.Offset)
	}
	t, err := file.Tensor(idsTensor)
	if err != nil {
		return err
	}
	f.ids, err = safetensors.Values[int64](t)
	return err
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// floats views numbers of a column, or gives nil where that cannot be done without copying.
func (f *shardFile) floats(column int, first, n int64) []float32 {
	b := f.blob.view(f.offsets[column]+4*first, 4*n)
	if len(b) == 0 || !littleEndian || uintptr(unsafe.Pointer(&b[0]))%4 != 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), n)
}

// copyFloats reads numbers of a column into dst.
func (f *shardFile) copyFloats(column int, first int64, dst []float32) error {
	raw := kernels.Bytes(dst)
	if n, err := f.blob.ReadAt(raw, f.offsets[column]+4*first); n < len(raw) {
		return fmt.Errorf("%s: %w", f.File, err)
	}
	if !littleEndian {
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	return nil
}

// tileSource is a tile in memory as a source: for the norms of a shard that is being written.
type tileSource struct {
	rows   int64
	layout Layout
	parts  []kernels.Matrix
}

func (s tileSource) Len() int64             { return s.rows }
func (s tileSource) Layout() kernels.Layout { return s.layout.Kernel() }

func (s tileSource) Read(_ context.Context, row0 int64, t *kernels.Tile) error {
	var m []kernels.Matrix
	for i, c := range s.layout.columns() {
		m = append(m, s.parts[i].Slice(int(row0)*c.lines, (int(row0)+t.Rows)*c.lines))
	}
	setParts(t, m, len(s.layout.Layers) > 0)
	return nil
}

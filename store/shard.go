package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"unsafe"

	"attrib/internal/packed"
	"attrib/internal/safetensors"
	"attrib/kernels"
)

// shardMeta is a shard's metadata: enough to know what a file is when it is found alone.
func (h *Header) shardMeta(s Shard) map[string]string {
	return map[string]string{
		"format": Schema, "kind": h.Kind, "sign": h.Sign, "measurement": h.Measurement, "unit": h.Unit, "row0": fmt.Sprint(s.Row0),
	}
}

// shardFile is a verified shard. The file is not held open.
type shardFile struct {
	Shard
	path    string
	mu      sync.Mutex  // of stat
	stat    fs.FileInfo // of the file that was verified
	size    int64
	offsets []int64 // of each column
	scales  []int64 // of each column's scales, I8 only
	ids     packed.Ints
}

// openShard opens the file, and verifies its hash and its tensors.
func openShard(ctx context.Context, dir string, h *Header, i int) (_ *shardFile, err error) {
	s := h.Shards[i]
	path := filepath.Join(dir, s.File)
	if !s.Done {
		return nil, fmt.Errorf("%s: rows %d … %d are not written yet: resume the run that makes them", path, s.Row0, s.Row0+s.Rows-1)
	}
	if st, err := os.Lstat(path); err != nil {
		return nil, err
	} else if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is a link or no file at all: the shards of a store lie in its folder", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	f := &shardFile{Shard: s, path: path}
	if err := f.verify(ctx, h, file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, f.unchanged(file)
}

func (f *shardFile) verify(ctx context.Context, h *Header, file *os.File) (err error) {
	if f.stat, err = file.Stat(); err != nil {
		return err
	}
	f.size = f.stat.Size()
	if err := f.checkHash(ctx, file); err != nil {
		return err
	}
	return f.describe(h, file)
}

// describe finds where the columns lie, and the row ids.
func (f *shardFile) describe(h *Header, file *os.File) error {
	st, err := safetensors.Open(file, f.size)
	if err != nil {
		return err
	}
	if err := checkTensors(st, h.Layout, f.Rows); err != nil {
		return err
	}
	for _, c := range h.Layout.columns() {
		info, _ := st.Info(c.name)
		f.offsets = append(f.offsets, info.Offset)
		if info, ok := st.Info(c.scaleName()); ok {
			f.scales = append(f.scales, info.Offset)
		}
	}
	info, _ := st.Info(idsTensor)
	return f.readIDs(io.NewSectionReader(file, info.Offset, 8*f.Rows))
}

// readIDs takes the row ids a block at a time.
func (f *shardFile) readIDs(r io.Reader) error {
	block := make([]byte, 1<<16)
	for left := 8 * f.Rows; left > 0; left -= int64(len(block)) {
		block = block[:min(int64(len(block)), left)]
		if _, err := io.ReadFull(r, block); err != nil {
			return err
		}
		for at := 0; at < len(block); at += 8 {
			f.ids.Append(int64(binary.LittleEndian.Uint64(block[at:])))
		}
	}
	return nil
}

func (f *shardFile) checkHash(ctx context.Context, file *os.File) error {
	sum := sha256.New()
	if _, err := io.CopyBuffer(onlyWriter{sum}, untilDone{ctx, io.NewSectionReader(file, 0, f.size)}, make([]byte, 1<<18)); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("SHA-256 is %s, the header says %s: the file was changed or cut short", got, f.SHA256)
	}
	return nil
}

// untilDone reads until a context is cancelled.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// onlyWriter hides everything but Write, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// matrix is rows row0 … row0+rows−1 of a column as they lie in the file: a view of a mapped window, or a copy in the
// tile's memory. slot and slot+1 are the tile's.
func (f *shardFile) matrix(windows *windows, l Layout, column int, row0, rows int64, t *kernels.Tile, slot int) (kernels.Matrix, error) {
	c, typ := l.columns()[column], l.dtype()
	size := c.perRow() * int64(typ.Size())
	m := kernels.Matrix{Rows: int(rows) * c.lines, Cols: c.width, Stride: c.width, Type: typ}
	data, err := f.bytes(windows, f.offsets[column]+row0*size, rows*size, typ.Size(), t, slot)
	if err != nil || typ != kernels.TypeI8 {
		m.Data = data
		return m, err
	}
	m.Data = data
	lines := int64(c.lines)
	scales, err := f.bytes(windows, f.scales[column]+4*row0*lines, 4*rows*lines, 4, t, slot+1)
	m.Scale = kernels.Matrix{Rows: m.Rows, Cols: 1, Stride: 1, Data: scales}.Floats()
	return m, err
}

// bytes are n bytes of the file in the machine's order, aligned to the elements' size.
func (f *shardFile) bytes(windows *windows, offset, n int64, size int, t *kernels.Tile, slot int) ([]byte, error) {
	if littleEndian {
		b, err := windows.view(f, offset, n, t, slot)
		if err != nil || len(b) > 0 && uintptr(unsafe.Pointer(&b[0]))%uintptr(size) == 0 {
			return b, err
		}
	}
	t.Hold(slot, nil)
	raw := kernels.Bytes(t.Buffer(slot, int(n+3)/4))[:n]
	return raw, f.copy(offset, raw, size)
}

// copy reads bytes of elements of that size into dst, in the machine's order.
func (f *shardFile) copy(offset int64, dst []byte, size int) error {
	file, err := f.reopen()
	if err != nil {
		return err
	}
	defer file.Close()
	if n, err := file.ReadAt(dst, offset); n < len(dst) {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	for ; !littleEndian && size > 1 && len(dst) >= size; dst = dst[size:] {
		slices.Reverse(dst[:size])
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
		part := s.parts[i].Slice(int(row0)*c.lines, (int(row0)+t.Rows)*c.lines)
		if part.Type != kernels.TypeF32 {
			part = decoded(part, t.Buffer(i, part.Rows*part.Cols))
		}
		m = append(m, part)
	}
	setParts(t, m, len(s.layout.Layers) > 0)
	return nil
}

// decoded is a matrix in single precision, in the given memory.
func decoded(m kernels.Matrix, memory []float32) kernels.Matrix {
	m.Decode(memory)
	return kernels.F32(m.Rows, m.Cols, memory)
}

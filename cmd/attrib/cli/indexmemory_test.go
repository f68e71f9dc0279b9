package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/runfile"
	"attrib/store"
)

// A limit leads to fewer samples at a time, whose memory then fits, or to an error that says what it takes.
func TestBatchWithin(t *testing.T) {
	h := store.Header{Layout: store.Flat(1 << 18), Rows: 4} // a shard of 4 MiB and 32 bytes, samples of 4 × 1 MiB
	fixed := int64(50<<20) + h.ShardBytes()
	for _, c := range []struct{ room, rows int64 }{{4 << 20, 1}, {8<<20 - 1, 1}, {40 << 20, 10}, {256*4<<20 - 1, 255}} {
		rows, l, err := batchWithin(fixed+c.room, 50<<20, h, 256)
		if err != nil || int64(rows) != c.rows || l == nil || l.Memory != fixed+c.room || l.Tile != c.rows<<20 || l.Mapped != 0 {
			t.Errorf("room for %d bytes: %d samples, %+v, error %v", c.room, rows, l, err)
		}
	}
	if rows, l, err := batchWithin(fixed+256*4<<20, 50<<20, h, 256); rows != 256 || l != nil || err != nil {
		t.Errorf("room enough: %d samples, %+v, error %v", rows, l, err)
	}
	if _, _, err := batchWithin(fixed+4<<20-1, 50<<20, h, 256); err == nil || !strings.Contains(err.Error(), "too few") {
		t.Errorf("no room: %v", err)
	}
	layers := store.Header{Layout: store.Factored(store.Layer{Name: "a", In: 2, Out: 2, Positions: 1 << 16}), Rows: 1}
	if _, l, _ := batchWithin(layers.ShardBytes()+9<<20, 0, layers, 256); l == nil || l.Tile != 2*layers.Layout.Kernel().RowBytes() {
		t.Errorf("factors larger than their product: %+v", l)
	}
}

// A run within a limit says so in run.json, and its store is the same: gradients, flat and factored, and embeddings.
func TestIndexWithinMemory(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	attribIn(t, dir, "train", "--corpus", "$d/corpus", "--model", "$d/model.json", "--out", "$d/train")
	for i, flags := range [][]string{{"--model", "$d/train"}, {"--model", "$d/train", "--factored"}, {"--encoder", "pixel"}} {
		plain, limited := fmt.Sprintf("plain%d", i), fmt.Sprintf("limited%d", i)
		attribIn(t, dir, append([]string{"index", "--corpus", "$d/corpus", "--out", "$d/" + plain}, flags...)...)
		want, err := store.ReadHeader(filepath.Join(dir, plain))
		if err != nil {
			t.Fatal(err)
		}
		resident = func() (now, most int64) {
			return 100<<20 - want.ShardBytes() - 3*batchCopies*4*int64(want.Layout.Width), 0
		}
		attribIn(t, dir, append([]string{"index", "--corpus", "$d/corpus", "--memory", "100MiB", "--out", "$d/" + limited}, flags...)...)
		resident = residentMemory
		got, err := store.ReadHeader(filepath.Join(dir, limited))
		if err != nil || got.Digest != want.Digest {
			t.Errorf("%v: store %s, without a limit %s (error %v)", flags, got.Digest, want.Digest, err)
		}
		r, err := runfile.Read(filepath.Join(dir, limited))
		if err != nil || r.Limit == nil || r.Limit.Memory != 100<<20 || r.Limit.Tile < 4*int64(want.Layout.Width) {
			t.Errorf("%v: run.json says %+v (error %v)", flags, r.Limit, err)
		}
		if r, err := runfile.Read(filepath.Join(dir, plain)); err != nil || r.Limit != nil {
			t.Errorf("%v: without a limit run.json says %+v (error %v)", flags, r.Limit, err)
		}
	}
}

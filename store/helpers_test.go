package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"attrib/internal/philox"
	"attrib/kernels"
)

const testRows, testShard = 10, 4 // three shards, the last one of two rows

func flatHeader() Header {
	return Header{
		Kind: KindGradients, Sign: SignLossGradient, Measurement: MeasureLoss, Unit: UnitInfluence, Layout: Flat(5),
		Model: strings.Repeat("ab", 32), Rows: testRows, ShardRows: testShard,
	}
}

func factoredHeader() Header {
	h := flatHeader()
	h.Layout = Factored(Layer{Name: "fc1", In: 3, Out: 2, Positions: 1}, Layer{Name: "conv", In: 2, Out: 4, Positions: 3})
	return h
}

func random(rows, cols int, stream uint64) kernels.Matrix {
	r := philox.New([32]byte{3}, stream)
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = float32(r.Float64() - 0.5)
	}
	return kernels.F32(rows, cols, v)
}

// ids are not in order and have gaps, as a shuffled split of a corpus has.
func ids(lo, hi int) []int64 {
	var out []int64
	for i := lo; i < hi; i++ {
		out = append(out, int64((i*7)%testRows)*100_000)
	}
	return out
}

// testTile holds rows lo … hi−1 of the test's rows, in the layout of h.
func testTile(h Header, lo, hi int) *kernels.Tile {
	t := &kernels.Tile{Rows: hi - lo}
	var m []kernels.Matrix
	for i, c := range h.Layout.columns() {
		m = append(m, random(testRows*c.lines, c.width, uint64(i)).Slice(lo*c.lines, hi*c.lines))
	}
	setParts(t, m, len(h.Layout.Layers) > 0)
	return t
}

// appendFrom writes rows from Next on, in batches that do not fit the shards.
func appendFrom(w *Writer, h Header) error {
	for lo := int(w.Next()); lo < testRows; lo += 3 {
		hi := min(lo+3, testRows)
		t := testTile(h, lo, hi)
		var err error
		if len(h.Layout.Layers) > 0 {
			err = w.AppendFactors(ids(lo, hi), t.A, t.D)
		} else {
			err = w.Append(ids(lo, hi), t.Flat)
		}
		if err != nil {
			return err
		}
	}
	return w.Finish()
}

// writeAll creates or resumes the store and writes what is missing.
func writeAll(dir string, h Header, o Options) error {
	w, err := Create(dir, h, o)
	if err != nil {
		return err
	}
	defer w.Close()
	return appendFrom(w, h)
}

func written(t *testing.T, h Header) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := writeAll(dir, h, Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// contents are the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(data)
	}
	return out
}

func sameFiles(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s differs from that of an undisturbed run", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left over", name)
		}
	}
}

func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", texts)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// dieAt makes this test binary a writer that dies at that step: see TestKilled.
const dieAt = "ATTRIB_STORE_TEST_DIE_AT"

func TestMain(m *testing.M) {
	if at := os.Getenv(dieAt); at != "" {
		os.Exit(dyingWriter(os.Args[1], at))
	}
	os.Exit(m.Run())
}

// dyingWriter writes the store and is killed, without any cleaning up, at the given step. A second argument is the rank
// of one of two writers that share the store.
func dyingWriter(dir, at string) int {
	n := 0
	o := Options{Resume: true, step: func(string) error {
		if n++; fmt.Sprint(n) == at {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			time.Sleep(time.Minute)
		}
		return nil
	}}
	write := func() error { return writeAll(dir, flatHeader(), o) }
	if len(os.Args) > 2 {
		o.Shared = true
		write = func() error { return writeRank(dir, os.Args[2], o) }
	}
	if err := write(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// writeRank writes every second shard that is missing.
func writeRank(dir, rank string, o Options) error {
	h := flatHeader()
	w, err := Create(dir, h, o)
	if err != nil {
		return err
	}
	for i, s := range w.Header().Shards {
		if s.Done || fmt.Sprint(i%2) != rank {
			continue
		}
		lo, hi := int(s.Row0), int(s.Row0+s.Rows)
		if err := w.WriteShard(i, ids(lo, hi), testTile(h, lo, hi)); err != nil {
			return err
		}
	}
	return w.Finish()
}

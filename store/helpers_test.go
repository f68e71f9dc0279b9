package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	h.Layout = Factored(Layer{"fc1", 3, 2, 1}, Layer{"conv", 2, 4, 3})
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

// dyingWriter resumes the store and exits, without any cleaning up, at the given step.
func dyingWriter(dir, at string) int {
	n := 0
	err := writeAll(dir, flatHeader(), Options{Resume: true, step: func(string) error {
		if n++; fmt.Sprint(n) == at {
			os.Exit(86)
		}
		return nil
	}})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

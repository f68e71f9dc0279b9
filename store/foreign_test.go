package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attrib/internal/safetensors"
	"attrib/internal/testneed"
	"attrib/kernels"
)

// foreignNPY writes a .npy file of format 1.
func foreignNPY(t *testing.T, path, descr string, values any, shape ...int) {
	t.Helper()
	var order binary.ByteOrder = binary.LittleEndian
	if descr[0] == '>' {
		order = binary.BigEndian
	}
	text := strings.TrimSuffix(strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", "), ",")
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }\n", descr, text)
	out := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	out, err := binary.Append(append(out, header...), order, values)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

func foreignFileOf(t *testing.T, path string, tensors ...safetensors.Tensor) {
	t.Helper()
	if err := safetensors.WriteFile(path, map[string]string{"by": "somebody"}, tensors); err != nil {
		t.Fatal(err)
	}
}

// imported puts a foreign file or folder into a store and gives the rows as the store reads them, by row id.
func imported(t *testing.T, path string, o ForeignOptions, change func(*Header)) (map[int64][]float32, Header) {
	t.Helper()
	f, err := OpenForeign(path, o)
	if err != nil {
		t.Fatal(err)
	}
	h := flatHeader()
	h.Layout, h.Rows, h.ShardRows = f.Layout(), f.Rows(), 0
	h.Shards = f.Shards(h)
	if change != nil {
		change(&h)
	}
	dir := t.TempDir()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Import(context.Background(), w, nil), w.Finish()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, tile := map[int64][]float32{}, kernels.Tile{Rows: 1}
	for i, id := range s.RowIDs() {
		if err := kernels.Flatten(s).Read(context.Background(), i, &tile); err != nil {
			t.Fatal(err)
		}
		rows[id] = append([]float32{}, tile.Flat.Row(0)...)
	}
	return rows, s.Header()
}

func wantRows(t *testing.T, got map[int64][]float32, want map[int64][]float32) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("rows are %v, want %v", got, want)
	}
}

// TestForeign: every form of rows that another program writes.
func TestForeign(t *testing.T) {
	want := map[int64][]float32{7: {1, 2, 3, 4}, 3: {5, 6, 7, 8}, 0: {-1, -2, -3, 0.5}}
	flat := []float32{1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, 0.5}
	ids := safetensors.New("row_ids", []int64{7, 3, 0}, 3)
	half := make([]uint16, len(flat))
	for i, x := range flat {
		half[i] = uint16(math.Float32bits(x) >> 16)
	}
	bf16 := safetensors.New("rows", half, 3, 4)
	bf16.Type = safetensors.BF16
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }

	foreignFileOf(t, path("one.safetensors"), ids, safetensors.New("anything", flat, 3, 2, 2))
	got, _ := imported(t, path("one.safetensors"), ForeignOptions{}, nil)
	wantRows(t, got, want)

	foreignFileOf(t, path("wide.safetensors"), safetensors.New("row_ids", []int32{7, 3, 0}, 3), safetensors.New("g", float64s(flat), 3, 4))
	got, h := imported(t, path("wide.safetensors"), ForeignOptions{}, nil)
	wantRows(t, got, want)
	if h.Layout.Type != "F32" {
		t.Errorf("F64 became %s", h.Layout.Type)
	}

	foreignFileOf(t, path("many.safetensors"), ids, safetensors.New("b", []float32{2, 3, 4, 6, 7, 8, -2, -3, 0.5}, 3, 3), safetensors.New("a", []float32{1, 5, -1}, 3))
	got, _ = imported(t, path("many.safetensors"), ForeignOptions{}, nil)
	wantRows(t, got, want)

	foreignFileOf(t, path("bf16.safetensors"), ids, bf16)
	got, h = imported(t, path("bf16.safetensors"), ForeignOptions{}, nil)
	wantRows(t, got, want)
	if h.Layout.Type != "BF16" {
		t.Errorf("BF16 became %s", h.Layout.Type)
	}
	got, _ = imported(t, path("bf16.safetensors"), ForeignOptions{}, func(h *Header) { h.Layout.Type, h.Shards = "F32", nil })
	wantRows(t, got, want)

	for _, descr := range []string{"<f4", ">f4"} {
		folder := t.TempDir()
		foreignNPY(t, filepath.Join(folder, "x.npy"), descr, flat, 3, 4)
		foreignNPY(t, filepath.Join(folder, "row_ids.npy"), descr[:1]+"i8", []int64{7, 3, 0}, 3)
		got, _ = imported(t, folder, ForeignOptions{}, nil)
		wantRows(t, got, want)
	}

	foreignFileOf(t, path("factors.safetensors"), ids, safetensors.New("a.fc", []float32{1, 2, 1, 2, 1, 1}, 3, 1, 2), safetensors.New("d.fc", []float32{1, 3, 5, 1, 2, 4}, 3, 1, 2))
	got, h = imported(t, path("factors.safetensors"), ForeignOptions{}, nil)
	wantRows(t, got, map[int64][]float32{7: {1, 2, 3, 6}, 3: {5, 10, 1, 2}, 0: {2, 2, 4, 4}})
	if len(h.Layout.Layers) != 1 || h.Layout.Layers[0].Name != "fc" {
		t.Errorf("layers %v", h.Layout.Layers)
	}
}

func float64s(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// TestForeignLink: files that have the form of a shard are not copied, and one that is changed later is found.
func TestForeignLink(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		foreignFileOf(t, filepath.Join(dir, fmt.Sprintf("part%d.safetensors", i)), safetensors.New("row_ids", []int64{int64(2 * i), int64(2*i + 1)}[:2-i/2], int64(2-i/2)),
			safetensors.New("rows", []float32{float32(i), 1, 2, 3, 4, 5}[:3*(2-i/2)], int64(2-i/2), 3))
	}
	f, err := OpenForeign(dir, ForeignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := flatHeader()
	h.Layout, h.Rows, h.ShardRows = f.Layout(), f.Rows(), 0
	if h.Shards = f.Shards(h); len(h.Shards) != 3 {
		t.Fatalf("shards %v", h.Shards)
	}
	out := t.TempDir()
	for _, o := range []Options{{}, {Resume: true}} {
		w, err := Create(out, h, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Import(context.Background(), w, nil), w.Finish()); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := os.Stat(filepath.Join(dir, "part1.safetensors"))
	b, err := os.Stat(filepath.Join(out, shardName(1)))
	if err != nil || !os.SameFile(a, b) {
		t.Errorf("the file was copied (%v)", err)
	}
	if err := Check(context.Background(), out); err != nil {
		t.Error(err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "part1.safetensors"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte{1}, a.Size()-3); err != nil {
		t.Fatal(err)
	}
	file.Close()
	wantError(t, Check(context.Background(), out), shardName(1), "SHA-256")
}

// TestForeignRefusals: what is wrong with a file is named.
func TestForeignRefusals(t *testing.T) {
	rows := safetensors.New("rows", make([]float32, 6), 2, 3)
	id := func(v ...int64) safetensors.Tensor { return safetensors.New("row_ids", v, int64(len(v))) }
	for want, tensors := range map[string][]safetensors.Tensor{
		"it holds no row_ids":                 {rows},
		"it holds no rows":                    {id(1, 2)},
		"row_ids is I64 [3], want 2 numbers":  {rows, id(1, 2, 3)},
		"row_ids is F32":                      {rows, safetensors.New("row_ids", []float32{1, 2}, 2)},
		`tensor "x" is I16`:                   {id(1, 2), safetensors.New("x", []int16{1, 2}, 2)},
		`"y" has 2 rows, "x" has 3`:           {id(1, 2), safetensors.New("x", make([]float32, 3), 3), safetensors.New("y", make([]float32, 2), 2)},
		"want one row a sample":               {id(1, 2), safetensors.New("x", []float32{1})},
		`tensor "d.c" has no partner`:         {id(1, 2), safetensors.New("a.b", make([]float32, 2), 2, 1), safetensors.New("d.b", make([]float32, 2), 2, 1), safetensors.New("d.c", make([]float32, 2), 2, 1)},
		`layer "b": a is [2 2 1] and d is []`: {id(1, 2), safetensors.New("a.b", make([]float32, 4), 2, 2, 1)},
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		foreignFileOf(t, path, tensors...)
		_, err := OpenForeign(path, ForeignOptions{})
		wantError(t, err, want, path)
	}
	parameters := []safetensors.Tensor{id(1, 2), safetensors.New("a.weight", make([]float32, 8), 2, 2, 2), safetensors.New("d.weight", make([]float32, 8), 2, 2, 2)}
	named := filepath.Join(t.TempDir(), "x.safetensors")
	foreignFileOf(t, named, parameters...)
	_, err := OpenForeign(named, ForeignOptions{})
	wantError(t, err, "could be a factor", named)
	for as, width := range map[string]int{RowsFlat: 8, RowsFactored: 4} {
		if f, err := OpenForeign(named, ForeignOptions{Rows: as}); err != nil || f.Layout().Width != width {
			t.Errorf("%s: %v", as, err)
		}
	}
	dir := t.TempDir()
	for name, w := range map[string]int64{"a.safetensors": 1, "b.safetensors": 2} { // the same width of other tensors
		foreignFileOf(t, filepath.Join(dir, name), id(w), safetensors.New("u", make([]float32, w), 1, w), safetensors.New("v", make([]float32, 3-w), 1, 3-w))
	}
	_, err = OpenForeign(dir, ForeignOptions{})
	wantError(t, err, "b.safetensors: rows of", `"u" [2]`)
	tiny := filepath.Join(t.TempDir(), "tiny.safetensors")
	foreignFileOf(t, tiny, id(1), safetensors.New("rows", []float64{1e-300, 0}, 1, 2))
	small := must1(OpenForeign(tiny, ForeignOptions{}))
	_, err = small.files[0].tile(small.Layout(), 0, 1)
	wantError(t, err, tiny, "row 0", "too small for float32")
	foreignFileOf(t, filepath.Join(dir, "a.safetensors"), rows, id(1, 2))
	foreignFileOf(t, filepath.Join(dir, "b.safetensors"), safetensors.New("rows", make([]float32, 2), 2, 1), id(3, 2))
	foreignFileOf(t, filepath.Join(dir, "b.safetensors"), safetensors.New("rows", make([]float32, 2), 2, 1), id(3, 2))
	_, err = OpenForeign(dir, ForeignOptions{})
	wantError(t, err, "b.safetensors: rows of width 1", "has width 3")
	foreignFileOf(t, filepath.Join(dir, "b.safetensors"), rows, id(3, 2))
	f, err := OpenForeign(dir, ForeignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, checkIDs(f, 4), "b.safetensors: row 1: row id 2 is given twice")
	wantError(t, checkIDs(f, 2), "a.safetensors: row 1: row id 2 is not one of 0 … 1")
	if err := os.Truncate(filepath.Join(dir, "a.safetensors"), 100); err != nil {
		t.Fatal(err)
	}
	wantError(t, checkIDs(f, 4), "a.safetensors: the file was cut short")
	_, err = OpenForeign(dir, ForeignOptions{})
	wantError(t, err, "a.safetensors")

	for want, bad := range map[string]float32{"row id 9: rows: holds 100000, which is too large for F16": 1e5, "row id 9: rows holds a NaN": float32(math.NaN())} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		foreignFileOf(t, path, safetensors.New("rows", []float32{1, 2, 3, bad}, 2, 2), id(4, 9))
		f, err := OpenForeign(path, ForeignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		h := flatHeader()
		h.Layout, h.Rows, h.ShardRows = f.Layout().As(kernels.TypeF16), 2, 0
		w, err := Create(t.TempDir(), h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, f.Import(context.Background(), w, nil), path, want)
		w.Close()
	}
}

func checkIDs(f *Foreign, lines int64) error {
	_, err := f.CheckIDs(lines)
	return err
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestImportNoticesChange: a file that changes while it is read is an error, and the store is not finished.
func TestImportNoticesChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	ids := make([]int64, 64)
	for i := range ids {
		ids[i] = int64(i)
	}
	foreignFileOf(t, path, safetensors.New("u", make([]float32, 64), 64, 1), safetensors.New("v", make([]float32, 64), 64, 1), safetensors.New("row_ids", ids, 64))
	f := must1(OpenForeign(path, ForeignOptions{}))
	h := flatHeader()
	h.Layout, h.Rows, h.ShardRows, h.Shards, h.Recipe = f.Layout(), 64, 8, nil, f.Recipe()
	w := must1(Create(t.TempDir(), h, Options{}))
	defer w.Close()
	changed := false
	err := f.Import(context.Background(), w, func(done, _ int64) {
		if done == 16 && !changed {
			changed = true
			time.Sleep(20 * time.Millisecond)
			foreignFileOf(t, path, safetensors.New("u", make([]float32, 64), 64, 1), safetensors.New("v", make([]float32, 64), 64, 1), safetensors.New("row_ids", ids, 64))
		}
	})
	wantError(t, err, path, "the file was changed")
}

// TestPipe: a pipe that nobody writes does not make the import wait for ever.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if out, err := exec.Command("mkfifo", path).CombinedOutput(); err != nil {
		testneed.Missing(t, "mkfifo", fmt.Sprintf("%v %s", err, out))
	}
	_, err := OpenForeign(path, ForeignOptions{})
	wantError(t, err, path, "not a regular file")
}

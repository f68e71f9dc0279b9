package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"attrib/kernels"
	"attrib/kernels/cpu"
)

// types are headers in every precision, flat and factored.
func types() []Header {
	var out []Header
	for _, h := range []Header{flatHeader(), factoredHeader()} {
		for _, t := range []kernels.DType{kernels.TypeF32, kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8} {
			typed := h
			typed.Layout = h.Layout.As(t)
			out = append(out, typed)
		}
	}
	return out
}

// TestRoundTrip reads every range of rows, mapped and copied, in every precision.
func TestRoundTrip(t *testing.T) {
	for _, h := range types() {
		dir := written(t, h)
		for _, copied := range []bool{false, true} {
			s, err := Open(context.Background(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if copied {
				s.windows.mapped = maxMapped() // no room for a window
			}
			checkRanges(t, s, h)
			if copied != (len(s.windows.open) == 0) {
				t.Errorf("%d windows are mapped", len(s.windows.open))
			}
			if !slices.Equal(s.idsOf(0, s.Len()), ids(0, testRows)) {
				t.Errorf("row ids are %v", s.idsOf(0, s.Len()))
			}
			norm, err := kernels.MaxNorm(context.Background(), kernels.Section(s, 0, testRows))
			if err != nil || s.MaxNorm() != norm || norm == 0 {
				t.Errorf("largest norm is %g, want %g (error %v)", s.MaxNorm(), norm, err)
			}
			if err := errors.Join(s.Unchanged(), s.Close()); err != nil {
				t.Error(err)
			}
			wantError(t, s.Read(context.Background(), 0, &kernels.Tile{Rows: 1}), "closed")
		}
		if err := Check(context.Background(), dir); err != nil {
			t.Error(err)
		}
	}
}

// stored is a matrix as it comes back from numbers of that type.
func stored(t *testing.T, h Header, m kernels.Matrix) kernels.Matrix {
	t.Helper()
	e, err := kernels.Encode(h.Layout.dtype(), m)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(e, make([]float32, m.Rows*m.Cols))
}

func checkRanges(t *testing.T, s *Store, h Header) {
	t.Helper()
	got := new(kernels.Tile)
	for lo := range testRows + 1 {
		for hi := lo; hi <= testRows; hi++ {
			got.Rows = hi - lo
			if err := s.Read(context.Background(), int64(lo), got); err != nil {
				t.Fatal(err)
			}
			want := parts(testTile(h, lo, hi), len(h.Layout.Layers) > 0)
			for i, m := range parts(got, len(h.Layout.Layers) > 0) {
				want[i] = stored(t, h, want[i])
				if m.Rows != want[i].Rows || m.Cols != want[i].Cols {
					t.Fatalf("rows %d … %d: part %d is %d×%d", lo, hi, i, m.Rows, m.Cols)
				}
				for r := range m.Rows {
					if !slices.Equal(m.Row(r), want[i].Row(r)) {
						t.Fatalf("rows %d … %d: part %d differs in line %d", lo, hi, i, r)
					}
				}
			}
		}
	}
	for _, bad := range [][2]int64{{-1, 1}, {testRows, 1}, {0, testRows + 1}, {math.MaxInt64, 2}} {
		got.Rows = int(bad[1])
		wantError(t, s.Read(context.Background(), bad[0], got), "10 rows")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantError(t, s.Read(ctx, 0, got), "canceled")
}

// TestScan: a device gets the same bits from a store as from memory.
func TestScan(t *testing.T) {
	s, err := Open(context.Background(), written(t, flatHeader()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	scan := kernels.Scan{Queries: random(3, 5, 9), K: testRows}
	got, err := cpu.New(cpu.Options{}).Scan(context.Background(), s, scan)
	if err != nil {
		t.Fatal(err)
	}
	want, err := cpu.New(cpu.Options{}).Scan(context.Background(), kernels.MatrixSource(testTile(flatHeader(), 0, testRows).Flat), scan)
	if err != nil || !slices.Equal(got.ID, want.ID) || !slices.Equal(got.Score, want.Score) {
		t.Errorf("store: %v %v, memory: %v %v (error %v)", got.ID, got.Score, want.ID, want.Score, err)
	}
}

// TestViews: rows of one shard are not copied where files can be mapped.
func TestViews(t *testing.T) {
	s, err := Open(context.Background(), written(t, flatHeader()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !canMap {
		t.Log("this system does not map files")
		return
	}
	address := func(row0 int64, rows int) uintptr {
		tile := kernels.Tile{Rows: rows}
		if err := s.Read(context.Background(), row0, &tile); err != nil {
			t.Fatal(err)
		}
		return uintptr(unsafe.Pointer(&tile.Flat.Data[0]))
	}
	if address(4, 4) != address(4, 2) || address(5, 1) != address(4, 1)+5*4 {
		t.Error("rows of one shard are copied")
	}
	if address(4, 1)%4 != 0 || address(3, 2) == address(3, 1) {
		t.Error("rows of two shards are a view")
	}
}

// TestShardwise: shards written by several goroutines in any order give the bytes of appended rows.
func TestShardwise(t *testing.T) {
	for _, h := range []Header{flatHeader(), factoredHeader()} {
		dir := t.TempDir()
		w, err := Create(dir, h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i, s := range slices.Backward(w.Header().Shards) {
			wg.Go(func() {
				lo, hi := int(s.Row0), int(s.Row0+s.Rows)
				if err := w.WriteShard(i, ids(lo, hi), testTile(h, lo, hi)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if w.Next() != testRows {
			t.Errorf("next row is %d", w.Next())
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, contents(t, dir), contents(t, written(t, h)))
	}
}

// TestGap: Append goes on after a shard that was written out of order.
func TestGap(t *testing.T) {
	dir, h := t.TempDir(), flatHeader()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteShard(1, ids(4, 8), testTile(h, 4, 8)); err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]int{{0, 4}, {8, 10}} {
		if w.Next() != int64(r[0]) {
			t.Errorf("next row is %d, want %d", w.Next(), r[0])
		}
		if err := w.Append(ids(r[0], r[1]), testTile(h, r[0], r[1]).Flat); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, contents(t, dir), contents(t, written(t, h)))
}

// TestSchema holds written headers, finished and not, against the published schema.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/schemas/store.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range types() {
		h.plan()
		h.Schema, h.Of = Schema, OfOutputs
		unfinished, err := h.seal()
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range []string{string(unfinished), contents(t, written(t, h))[HeaderFile]} {
			if err := schema.Validate(parsed(t, data)); err != nil {
				t.Error(err)
			}
		}
		bad := parsed(t, string(unfinished)).(map[string]any)
		bad["extra"] = 1
		if schema.Validate(bad) == nil {
			t.Error("the schema allows unknown fields")
		}
	}
}

package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"attrib/internal/safetensors"
	"attrib/internal/strictjson"
)

// FuzzHeader: no store.json makes ReadHeader panic; one that it accepts holds together, and names no file outside of the
// folder.
func FuzzHeader(f *testing.F) {
	for _, h := range types() {
		h.Schema, h.Of = Schema, OfSamples
		h.plan()
		data, err := h.seal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"schema":"attrib.store/1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, HeaderFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		h, err := ReadHeader(dir)
		if err != nil {
			// The digest keeps changed bytes out: what stands behind it is looked at with a right one.
			var again Header
			if again, err = unsealed(data); err != nil {
				return
			}
			h = again
		}
		rows := int64(0)
		for _, s := range h.Shards {
			if s.Row0 != rows || s.Rows < 1 || filepath.Base(s.File) != s.File {
				t.Fatalf("shard %+v", s)
			}
			rows += s.Rows
		}
		if rows != h.Rows || h.Layout.Kernel().Validate() != nil || h.Layout.rowBytes() <= 0 {
			t.Fatalf("%d rows in shards, header %+v", rows, h)
		}
	})
}

// FuzzForeign: no file makes OpenForeign or the import panic.
func FuzzForeign(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "x.safetensors")
	err := safetensors.WriteFile(path, nil, []safetensors.Tensor{safetensors.New("row_ids", []int64{1, 2}, 2), safetensors.New("a.x", []float32{1, 2}, 2, 1), safetensors.New("d.x", []float32{1, 2}, 2, 1)})
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, false)
	f.Add([]byte("\x93NUMPY\x01\x00\x3a\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n12345678"), true)
	f.Fuzz(func(t *testing.T, data []byte, npy bool) {
		name := "x.safetensors"
		if npy {
			name = "x.npy"
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := OpenForeign(path, ForeignOptions{InOrder: true})
		if err != nil {
			return
		}
		if file.Rows() < 1 || file.Layout().validate() != nil {
			t.Fatalf("%d rows, layout %+v", file.Rows(), file.Layout())
		}
		for _, part := range file.files {
			if _, err := part.tile(file.layout, 0, int(part.rows)); err != nil {
				continue
			}
			if _, err := part.readIDs(0, int(part.rows)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// unsealed reads a header as ReadHeader does, but for its digest.
func unsealed(data []byte) (h Header, err error) {
	if err := strictjson.Unmarshal(data, &h); err != nil {
		return h, err
	}
	return h, errors.Join(h.validate(), h.checkShards())
}

package store

import (
	"context"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
)

// Rows in the type of the file are the rows, across shards and windows too, and give the scores that decoded ones give.
func TestRaw(t *testing.T) {
	for _, h := range types() {
		if len(h.Layout.Layers) > 0 {
			continue
		}
		t.Run(h.Layout.Type, func(t *testing.T) {
			s, err := Open(context.Background(), written(t, h))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			source := s.Raw()
			if got := source.Layout().Type.String(); got != h.Layout.Type || source.Len() != s.Len() {
				t.Fatalf("%d rows of %s", source.Len(), got)
			}
			var a, b kernels.Tile
			defer a.Release()
			defer b.Release()
			for row0 := range s.Len() {
				for n := 1; row0+int64(n) <= s.Len(); n += 3 {
					a.Rows, b.Rows = n, n
					if err := source.Read(context.Background(), row0, &a); err != nil {
						t.Fatal(err)
					}
					if err := s.Read(context.Background(), row0, &b); err != nil {
						t.Fatal(err)
					}
					got := make([]float32, n*h.Layout.Width)
					a.Flat.Decode(got)
					if !slices.Equal(got, b.Flat.Floats()[:len(got)]) {
						t.Fatalf("rows %d … %d differ", row0, row0+int64(n)-1)
					}
				}
			}
			scan := kernels.Scan{Queries: kernels.F32(1, h.Layout.Width, slices.Repeat([]float32{1}, h.Layout.Width)), K: int(s.Len())}
			device := cpu.New(cpu.Options{})
			x, err := device.Scan(context.Background(), source, scan)
			if err != nil {
				t.Fatal(err)
			}
			y, err := device.Scan(context.Background(), s, scan)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x.ID, y.ID) || !slices.Equal(x.Score, y.Score) {
				t.Error("the scores differ")
			}
			if h.Layout.Type != "F32" && x.Bytes >= y.Bytes {
				t.Errorf("%d bytes were read, %d when decoded", x.Bytes, y.Bytes)
			}
		})
	}
}

package cpu_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

// patient is a context that ends when it has been asked so often.
type patient struct {
	context.Context
	left *atomic.Int64
}

func (p patient) Err() error {
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestFactoredCancelWithinTile: rows of many positions take long, so a scan asks its context for each of them, also inside
// a tile: while it multiplies out a layer, and while it makes norms.
func TestFactoredCancelWithinTile(t *testing.T) {
	const rows = 40
	for _, dims := range []kernels.FactorDims{{In: 3, Out: 3, Positions: 9}, {In: 64, Out: 64, Positions: 3}} {
		layers := []kernels.FactorDims{dims}
		a, d := kernelstest.Random(rows*dims.Positions, dims.In, 1), kernelstest.Random(rows*dims.Positions, dims.Out, 2)
		g := kernels.FactoredQueries{Rows: rows, Factors: layers, A: []kernels.Matrix{a}, D: []kernels.Matrix{d}}
		q := kernels.FactoredQueries{Rows: 1, Factors: layers, A: []kernels.Matrix{a.Slice(0, dims.Positions)}, D: []kernels.Matrix{d.Slice(0, dims.Positions)}}
		for _, p := range simd.Available() {
			device := cpu.New(cpu.Options{Path: p, Workers: 1}).(kernels.FactoredScanner)
			scan := kernels.Scan{K: 1, Metric: kernels.Cosine}
			left := new(atomic.Int64)
			left.Store(1 << 40)
			if _, err := device.ScanFactored(patient{context.Background(), left}, g.Source(), q, scan); err != nil {
				t.Fatal(err)
			}
			if asked := 1<<40 - left.Load(); asked < rows {
				t.Errorf("%v, %v: the context of a scan of %d rows is asked %d times", dims, p, rows, asked)
			}
			left.Store(rows / 2)
			if _, err := device.ScanFactored(patient{context.Background(), left}, g.Source(), q, scan); !errors.Is(err, context.Canceled) {
				t.Errorf("%v, %v: error %v after the context's end", dims, p, err)
			}
		}
	}
}

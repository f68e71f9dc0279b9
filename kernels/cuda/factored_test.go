package cuda

import (
	"context"
	"fmt"
	"testing"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
)

func TestConformanceFactored(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, arch := range someArchs(80, 75) {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 64})
			kernelstest.ConformanceFactored(t, func(*testing.T) kernels.Device { return d })
		})
	}
}

// layersOf are layers of every kind: one position, several, and one that is multiplied out.
var layersOf = []kernels.FactorDims{{In: 530, Out: 40, Positions: 1}, {In: 30, Out: 50, Positions: 2}, {In: 9, Out: 7, Positions: 5}}

func factoredOf(rows int, stream uint64) kernels.FactoredQueries {
	f := kernels.FactoredQueries{Rows: rows, Factors: layersOf}
	for l, d := range layersOf {
		f.A = append(f.A, kernelstest.Random(rows*d.Positions, d.In, stream+uint64(2*l)))
		f.D = append(f.D, kernelstest.Random(rows*d.Positions, d.Out, stream+uint64(2*l)+1))
	}
	return f
}

// Scores of factored rows have the bits of the CPU's vectors, extreme rows included.
func TestFactoredBits(t *testing.T) {
	c := exactCPU(t)
	for _, arch := range archList {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 30, TileBytes: 400_000})
			for _, q := range []int{3, 20, 70} {
				queries, rows := factoredOf(q, 1), factoredOf(131, 20)
				for k := range 40 {
					rows.D[0].Row(7)[k] *= 0x1p60
				}
				for l := range layersOf {
					for k := range rows.D[l].Cols {
						for p := range layersOf[l].Positions {
							rows.D[l].Row(9*layersOf[l].Positions + p)[k] *= 1e-30
							rows.D[l].Row(11*layersOf[l].Positions + p)[k] = 0
						}
					}
				}
				for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine} {
					scan := all(kernels.F32(q, 1, make([]float32, q)), 131, metric, 12, 3)
					scan.Queries = kernels.Matrix{}
					if scan.Unit = 20; metric == kernels.Cosine {
						scan.Unit = -40
					}
					got, err := d.ScanFactored(context.Background(), rows.Source(), queries, scan)
					if err != nil {
						t.Fatal(err)
					}
					want, err := c.(kernels.FactoredScanner).ScanFactored(context.Background(), rows.Source(), queries, scan)
					if err != nil {
						t.Fatal(err)
					}
					if same(t, got, want); t.Failed() {
						t.Fatalf("%d queries, %v", q, metric)
					}
					if got.Ops != want.Ops || got.Bytes != want.Bytes {
						t.Errorf("%d operations and %d bytes, want %d and %d", got.Ops, got.Bytes, want.Ops, want.Bytes)
					}
				}
			}
		})
	}
}

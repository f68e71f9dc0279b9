package cpu_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/simd"
)

// factoredBench is a scan of factored rows to time.
type factoredBench struct {
	name   string
	q, n   int
	layers []kernels.FactorDims
}

func repeated(times, in, out, positions int) []kernels.FactorDims {
	var layers []kernels.FactorDims
	for range times {
		layers = append(layers, kernels.FactorDims{In: in, Out: out, Positions: positions})
	}
	return layers
}

var factoredBenches = []factoredBench{
	{"square", 64, 20_000, repeated(4, 512, 512, 1)},
	{"one", 1, 20_000, repeated(4, 512, 512, 1)},
	{"narrow", 64, 100_000, repeated(3, 65, 64, 1)},
	{"positions", 64, 2_000, repeated(2, 512, 512, 8)},
	{"expanded", 64, 2_000, repeated(2, 64, 64, 64)},
}

func (s factoredBench) rows(n int, stream uint64) kernels.FactoredQueries {
	f := kernels.FactoredQueries{Rows: n, Factors: s.layers}
	for l, d := range s.layers {
		f.A = append(f.A, random(n*d.Positions, d.In, stream+uint64(2*l)))
		f.D = append(f.D, random(n*d.Positions, d.Out, stream+uint64(2*l)+1))
	}
	return f
}

// part is the first rows: the flat scan does not need all of them to be timed.
func part(f kernels.FactoredQueries, n int) kernels.FactoredQueries {
	out := kernels.FactoredQueries{Rows: n, Factors: f.Factors}
	for l, d := range f.Factors {
		out.A, out.D = append(out.A, f.A[l].Slice(0, n*d.Positions)), append(out.D, f.D[l].Slice(0, n*d.Positions))
	}
	return out
}

// BenchmarkFactored times scans of factored rows beside the peak of the same moment. ×flat is how many times longer a
// scan of the same rows takes that are flattened while they are read, from a quarter of them.
func BenchmarkFactored(b *testing.B) {
	for _, s := range factoredBenches {
		rows, queries := s.rows(s.n, 1), s.rows(s.q, 100)
		for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine} {
			for _, p := range simd.Available() {
				b.Run(fmt.Sprintf("%s/q=%d/n=%d/%v/%s", s.name, s.q, s.n, metric, p), func(b *testing.B) {
					benchFactored(b, p, rows, queries, kernels.Scan{K: 10, Metric: metric})
				})
			}
		}
	}
}

func benchFactored(b *testing.B, p simd.Path, rows, queries kernels.FactoredQueries, scan kernels.Scan) {
	workers, ctx, c := runtime.GOMAXPROCS(0), context.Background(), new(timing)
	dev := cpu.New(cpu.Options{Path: p})
	var ops, bytes float64
	for b.Loop() {
		c.calls = append(c.calls, c.once(func() {
			r, err := dev.(kernels.FactoredScanner).ScanFactored(ctx, rows.Source(), queries, scan)
			if err != nil {
				b.Fatal(err)
			}
			ops, bytes = float64(r.Ops), float64(r.Bytes)
		}))
		c.peaks = append(c.peaks, simd.Peak(p, workers, 10*time.Millisecond))
		c.reads = append(c.reads, simd.Bandwidth(p, workers, 20*time.Millisecond))
	}
	c.report(b, ops, bytes)
	few := part(rows, rows.Rows/4)
	tile := kernels.Tile{Rows: queries.Rows}
	if err := kernels.Flatten(queries.Source()).Read(ctx, 0, &tile); err != nil {
		b.Fatal(err)
	}
	scan.Queries = tile.Flat
	flat := c.once(func() {
		if _, err := dev.Scan(ctx, few.Source(), scan); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(4*flat/median(c.calls), "×flat")
	runtime.GC() // what the flat scan leaves would be cleared beside the next one
}

package cpu_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/simd"
)

// random is quick to make: benchmarks have many rows.
func random(rows, cols int, stream uint64) kernels.Matrix {
	r := rand.New(rand.NewPCG(1, stream))
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = r.Float32()*2 - 1
	}
	return kernels.F32(rows, cols, v)
}

// scanShape is a scan to time.
type scanShape struct {
	name    string
	q, n, w int
	metric  kernels.Metric
	groups  int
}

var scanShapes = []scanShape{
	{"top", 64, 200_000, 512, 0, 0},
	{"groups", 64, 200_000, 512, 0, 1000},
	{"wide", 64, 40_000, 4096, 0, 0},
	{"one", 1, 200_000, 512, 0, 0},
	{"one-wide", 1, 25_000, 4096, 0, 0},
	{"four", 4, 200_000, 512, 0, 0},
	{"cosine", 64, 200_000, 512, kernels.Cosine, 0},
	{"l2", 64, 200_000, 512, kernels.L2, 0},
	{"many", 1000, 20_000, 512, 0, 0},
	{"narrow", 64, 1_000_000, 64, 0, 0},
}

func (s scanShape) scan(queries kernels.Matrix) kernels.Scan {
	scan := kernels.Scan{Queries: queries, Metric: s.metric, K: 10}
	if s.groups > 0 {
		scan.Groups, scan.Reduce = s.groups, []kernels.Reduce{kernels.Sum}
		scan.Unit = kernels.UnitFor(float64(s.w), int64(s.n))
		r := rand.New(rand.NewPCG(3, 4))
		for range s.n {
			scan.Group = append(scan.Group, int32(r.IntN(s.groups)))
		}
	}
	return scan
}

// timing is the seconds of calls, and the ceilings measured between them: operations and bytes per second.
type timing struct{ calls, plain, peaks, reads []float64 }

func (c *timing) once(f func()) float64 {
	began := time.Now()
	f()
	return time.Since(began).Seconds()
}

// report prints the median call, its rates, and the medians of what part of its neighbours it reaches; and what part of
// the best ceilings the best call reaches, which other work on the machine disturbs less.
func (c *timing) report(b *testing.B, ops, bytes float64) {
	part := func(work float64, ceilings []float64) float64 {
		parts := make([]float64, len(c.calls))
		for i, t := range c.calls {
			parts[i] = 100 * work / t / ceilings[i]
		}
		return median(parts)
	}
	b.ReportMetric(part(ops, c.peaks), "%peak")
	b.ReportMetric(part(bytes, c.reads), "%read")
	if len(c.plain) > 0 {
		ratio := make([]float64, len(c.calls))
		for i, t := range c.calls {
			ratio[i] = t / c.plain[i]
		}
		b.ReportMetric(median(ratio), "×plain")
	}
	t := median(c.calls)
	b.ReportMetric(100*ops/slices.Min(c.calls)/slices.Max(c.peaks), "%peak-best")
	b.ReportMetric(100*bytes/slices.Min(c.calls)/slices.Max(c.reads), "%read-best")
	b.ReportMetric(1e3*t, "ms")
	b.ReportMetric(ops/t/1e9, "GFLOP/s")
	b.ReportMetric(bytes/t/1e9, "GB/s")
	b.ReportMetric(0, "ns/op")
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// BenchmarkScan times whole scans beside the multiply-add peak and the read bandwidth of the same moment; a scan with
// groups also beside the same scan without them.
func BenchmarkScan(b *testing.B) {
	workers := runtime.GOMAXPROCS(0)
	for _, s := range scanShapes {
		src, queries := kernels.MatrixSource(random(s.n, s.w, 1)), random(s.q, s.w, 2)
		for _, p := range simd.Available() {
			b.Run(fmt.Sprintf("%s/q=%d/n=%d/w=%d/%v/groups=%d/%s", s.name, s.q, s.n, s.w, s.metric, s.groups, p), func(b *testing.B) {
				dev, scan, c := cpu.New(cpu.Options{Path: p}), s.scan(queries), new(timing)
				bare := scan
				bare.Reduce, bare.Group, bare.Groups = nil, nil, 0
				var ops, bytes float64
				run := func(scan kernels.Scan) {
					r, err := dev.Scan(context.Background(), src, scan)
					if err != nil {
						b.Fatal(err)
					}
					ops, bytes = float64(r.Ops), float64(r.Bytes)
				}
				run(scan)
				for b.Loop() {
					c.calls = append(c.calls, c.once(func() { run(scan) }))
					c.peaks = append(c.peaks, simd.Peak(p, workers, 10*time.Millisecond))
					c.reads = append(c.reads, simd.Bandwidth(p, workers, 20*time.Millisecond))
					if s.groups > 0 {
						c.plain = append(c.plain, c.once(func() { run(bare) }))
					}
				}
				c.report(b, ops, bytes)
			})
		}
	}
}

func BenchmarkGram(b *testing.B) {
	src := kernels.MatrixSource(random(1500, 600, 1))
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			dev := cpu.New(cpu.Options{Workers: workers})
			for b.Loop() {
				if _, err := dev.Gram(context.Background(), src); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1500*600*601/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

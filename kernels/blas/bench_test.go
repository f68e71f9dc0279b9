package blas

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/kernels/simd"
)

// ceiling times calls, each followed by one short loop of multiply-adds, so that both see the same machine whatever else
// it does.
type ceiling struct {
	path    simd.Path
	workers int
	calls   []float64 // seconds
	peaks   []float64 // operations per second
}

func (c *ceiling) time(b *testing.B, f func()) {
	began := time.Now()
	f()
	c.calls = append(c.calls, time.Since(began).Seconds())
	b.StopTimer()
	c.peaks = append(c.peaks, simd.Peak(c.path, c.workers, time.Microsecond))
	b.StartTimer()
}

// report prints the rates of the median and of the best call, the median peak, and what part of the peak a call reaches:
// the median over neighbours.
func (c *ceiling) report(b *testing.B, operations float64) {
	parts := make([]float64, len(c.calls))
	for i, t := range c.calls {
		parts[i] = 100 * operations / t / c.peaks[i]
	}
	for _, v := range [][]float64{parts, c.calls, c.peaks} {
		slices.Sort(v)
	}
	middle := len(parts) / 2
	b.ReportMetric(parts[middle], "%peak")
	b.ReportMetric(operations/c.calls[middle]/1e9, "GFLOP/s-median")
	b.ReportMetric(operations/c.calls[0]/1e9, "GFLOP/s-best")
	b.ReportMetric(c.peaks[middle]/1e9, "GFLOP/s-peak")
}

// benchShape is a batch of products: in PyTorch's layout, where weights are out×in.
type benchShape struct {
	name           string
	count, m, n, k int
	transA, transB bool
	shareA         bool
}

var benchShapes = []benchShape{
	{"square", 1, 1024, 1024, 1024, false, false, false},
	{"square-ABt", 1, 1024, 1024, 1024, false, true, false},
	{"square-AtB", 1, 1024, 1024, 1024, true, false, false},
	{"hidden", 64, 200, 64, 64, false, true, true},       // X·Wᵀ, one X for all networks
	{"hidden-own", 64, 200, 64, 64, false, true, false},  // H·Wᵀ, each network its own activations
	{"hidden-grad", 64, 64, 64, 200, true, false, false}, // Dᵀ·H
	{"hidden-back", 64, 200, 64, 64, false, false, false},
	{"second", 64, 200, 32, 64, false, true, false},
	{"second-grad", 64, 32, 64, 200, true, false, false},
	{"second-back", 64, 200, 64, 32, false, false, false},
	{"head", 64, 200, 10, 32, false, true, false},
	{"head-grad", 64, 10, 32, 200, true, false, false},
	{"head-back", 64, 200, 32, 10, false, false, false},
}

func (s benchShape) task(p simd.Path, workers int) task {
	rnd := stream(77)
	x := task{count: s.count, alpha: 1, o: Options{Path: p, Workers: workers}}
	x.a = operand(rnd, s.count, s.m, s.k, layout{trans: s.transA})
	x.b = operand(rnd, s.count, s.k, s.n, layout{trans: s.transB})
	x.c = operand(rnd, s.count, s.m, s.n, layout{})
	if s.shareA {
		x.a.Step = 0
	}
	return x
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range benchShapes {
		for _, p := range simd.Available() {
			for _, workers := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
				b.Run(fmt.Sprintf("%s/%dx%dx%dx%d/%s/workers=%d", s.name, s.count, s.m, s.n, s.k, p, workers), func(b *testing.B) {
					x := s.task(p, workers)
					c := ceiling{path: p, workers: workers}
					for b.Loop() {
						c.time(b, func() {
							if err := GemmBatch(x.count, x.alpha, x.a, x.b, x.beta, x.c, x.o); err != nil {
								b.Fatal(err)
							}
						})
					}
					c.report(b, 2*float64(s.count*s.m)*float64(s.n*s.k))
				})
			}
		}
	}
}

package blas

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/kernels/simd"
)

// A run of products and short loops of multiply-adds take turns, so that both see the same machine.

// ceiling collects the best rates of a benchmark and of the machine beside it.
type ceiling struct {
	path    simd.Path
	workers int
	all     []time.Duration
	peak    float64
	last    time.Time
}

// time runs f once and keeps its time; now and then it measures the peak.
func (c *ceiling) time(b *testing.B, f func()) {
	if time.Since(c.last) > 20*time.Millisecond {
		b.StopTimer()
		c.peak = max(c.peak, simd.Peak(c.path, c.workers, 4*time.Millisecond))
		c.last = time.Now()
		b.StartTimer()
	}
	began := time.Now()
	f()
	c.all = append(c.all, time.Since(began))
}

// report prints the rates of the median and of the best call, and the best as a part of the peak.
func (c *ceiling) report(b *testing.B, operations float64) {
	slices.Sort(c.all)
	b.ReportMetric(operations/c.all[len(c.all)/2].Seconds()/1e9, "GFLOP/s-median")
	rate := operations / c.all[0].Seconds()
	b.ReportMetric(rate/1e9, "GFLOP/s-best")
	b.ReportMetric(100*rate/c.peak, "%peak")
	b.ReportMetric(c.peak/1e9, "GFLOP/s-peak")
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

package cpu_test

import (
	"context"
	"fmt"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cpu"
)

func random(rows, cols int, stream uint64) kernels.Matrix {
	r := philox.New([32]byte{1}, stream)
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = float32(r.Float64()*2 - 1)
	}
	return kernels.F32(rows, cols, v)
}

func BenchmarkScan(b *testing.B) {
	for _, c := range []struct {
		q, n, w int
		metric  kernels.Metric
	}{{1, 20000, 512, 0}, {64, 4000, 512, 0}, {64, 4000, 512, kernels.Cosine}, {64, 4000, 512, kernels.L2}, {100, 1500, 2410, 0}, {64, 20000, 64, 0}} {
		src, q := kernels.MatrixSource(random(c.n, c.w, 1)), random(c.q, c.w, 2)
		group := make([]int32, c.n)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("q=%d/n=%d/w=%d/%v/workers=%d", c.q, c.n, c.w, c.metric, workers), func(b *testing.B) {
				dev := cpu.New(cpu.Options{Workers: workers})
				var ops int64
				for b.Loop() {
					r, err := dev.Scan(context.Background(), src, kernels.Scan{Queries: q, Metric: c.metric, K: 10, Group: group, Groups: 1,
						Reduce: []kernels.Reduce{kernels.Sum}, Unit: kernels.UnitFor(float64(4*c.w), int64(c.n))})
					if err != nil {
						b.Fatal(err)
					}
					ops += r.Ops
				}
				b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
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

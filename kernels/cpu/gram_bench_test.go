package cpu

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// BenchmarkGramPeak prints the rate of the Gram matrix, counting n·w² operations, and what part of the float32 peak
// it is: the median over calls, each with the peak measured after it.
func BenchmarkGramPeak(b *testing.B) {
	for _, shape := range [][2]int{{20000, 4096}, {20000, 512}, {1437, 6570}} {
		n, w := shape[0], shape[1]
		v := make([]float32, n*w)
		r := philox.New([32]byte{1}, 1)
		for i := range v {
			v[i] = float32(r.Float64()*2 - 1)
		}
		src := kernels.MatrixSource(kernels.F32(n, w, v))
		for _, p := range slices.Backward(simd.Available()[1:]) {
			for _, workers := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
				b.Run(fmt.Sprintf("n=%d/w=%d/%s/workers=%d", n, w, p, workers), func(b *testing.B) {
					d := New(Options{Workers: workers}).(*device)
					var calls, parts []float64
					for b.Loop() {
						began := time.Now()
						if _, err := d.gram(context.Background(), src, p); err != nil {
							b.Fatal(err)
						}
						seconds := time.Since(began).Seconds()
						calls = append(calls, seconds)
						b.StopTimer()
						parts = append(parts, 100*float64(n)*float64(w)*float64(w)/seconds/simd.Peak(p, workers, 5*time.Millisecond))
						b.StartTimer()
					}
					slices.Sort(calls)
					slices.Sort(parts)
					middle := len(calls) / 2
					b.ReportMetric(1e3*calls[middle], "ms-median")
					b.ReportMetric(float64(n)*float64(w)*float64(w)/calls[middle]/1e9, "GFLOP/s")
					b.ReportMetric(parts[middle], "%peak")
				})
			}
		}
	}
}

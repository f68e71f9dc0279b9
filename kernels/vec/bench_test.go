package vec

import (
	"slices"
	"testing"
	"time"

	"attrib/kernels/simd"
)

// BenchmarkVec prints values per second of one core, the median call and the best.
func BenchmarkVec(b *testing.B) {
	const rows, cols = 400, 10
	x := make([]float32, rows*cols)
	for i := range x {
		x[i] = float32(i%97)/12 - 4
	}
	y, zero := make([]float32, len(x)), make([]float32, len(x))
	for _, p := range simd.Available() {
		u := &units[p]
		for name, f := range map[string]func(){
			"exp":        func() { u.exp(y, x) },
			"tanh":       func() { u.tanh(y, x) },
			"tanhGrad":   func() { u.tanhGrad(y, zero) },
			"logSoftmax": func() { u.logSoftmax(y, x, rows, cols, cols) },
		} {
			b.Run(name+"/"+p.String(), func(b *testing.B) {
				var all []time.Duration
				for b.Loop() {
					began := time.Now()
					f()
					all = append(all, time.Since(began))
				}
				slices.Sort(all)
				b.ReportMetric(float64(len(x))/all[len(all)/2].Seconds()/1e9, "Gvalues/s-median")
				b.ReportMetric(float64(len(x))/all[0].Seconds()/1e9, "Gvalues/s-best")
			})
		}
	}
}

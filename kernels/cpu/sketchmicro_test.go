package cpu

import (
	"attrib/kernels/simd"
	"testing"
	"time"
	"unsafe"
)

func BenchmarkSketchKernel(b *testing.B) {
	eachForm(b, func(name string, p simd.Path, u *sketchUnit) {
		if u == nil {
			return
		}
		b.Run(name, func(b *testing.B) {
			v := u.unit.most
			lanes := v * u.unit.lanes
			rows, q := alignedBytes[byte](192*512), alignedBytes[int8](512*lanes)
			start, out, factor := make([]int32, lanes), aligned[float32](192*lanes), make([]float32, 192)
			k := sketchBlock{rows: &rows[0], stride: 512, count: 192, query: &q[0], depth: 64, ahead: &rows[0], start: &start[0], out: (*int32)(unsafe.Pointer(&out[0])), factor: &factor[0]}
			var r []float64
			for b.Loop() {
				t := time.Now()
				for range 100 {
					u.dot[v-1](&k)
				}
				s := time.Since(t).Seconds()
				r = append(r, 100*2*100*192*512*float64(lanes)/s/simd.Peak(p, 1, 5*time.Millisecond))
			}
			b.ReportMetric(middle(r), "%fma-peak")
		})
	})
}

package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// eachForm runs f for every form of this machine on every path, and for plain Go with nil.
func eachForm(t testing.TB, f func(name string, p simd.Path, form *sketchUnit)) {
	for _, p := range simd.Available() {
		if p == simd.Generic {
			f("generic", p, nil)
		}
		for _, form := range sketchUnits(p) {
			f(fmt.Sprintf("%v/%s", p, form.name), p, form)
		}
	}
}

// sketchShape is a scan to time by way of a sketch and without.
type sketchShape struct{ q, n, w, k int }

// BenchmarkSketch times scans by way of a sketch and the same scans without, in turn.
func BenchmarkSketch(b *testing.B) {
	for _, s := range []sketchShape{{64, 200_000, 512, 10}, {64, 40_000, 4096, 10}, {1, 200_000, 512, 10}, {1000, 20_000, 512, 10}} {
		rows, queries := gaussian(s.n, s.w, 1), gaussian(s.q, s.w, 2)
		benchmarkSketch(b, s, rows, queries)
	}
}

func benchmarkSketch(b *testing.B, s sketchShape, rows, queries kernels.Matrix) {
	small, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		b.Fatal(err)
	}
	sketch, exact := kernels.MatrixSource(small), kernels.MatrixSource(rows)
	eachForm(b, func(form string, p simd.Path, u *sketchUnit) {
		if u == nil {
			return
		}
		b.Run(fmt.Sprintf("q=%d/n=%d/w=%d/k=%d/%s", s.q, s.n, s.w, s.k, form), func(b *testing.B) {
			d := New(Options{Path: p}).(*device)
			scan, ctx := kernels.Scan{Queries: queries, K: s.k}, context.Background()
			candidates, err := kernels.SketchOptions{}.Resolve(sketch, exact, scan)
			if err != nil {
				b.Fatal(err)
			}
			var calls, whole, ratios, peaks []float64
			var got, want *kernels.Result
			for b.Loop() {
				t0 := time.Now()
				got, err = d.sketchWith(ctx, u, sketch, exact, &scan, candidates)
				t1 := time.Now()
				want, _ = d.Scan(ctx, exact, scan)
				t2 := time.Now()
				if err != nil {
					b.Fatal(err)
				}
				calls, whole = append(calls, t1.Sub(t0).Seconds()), append(whole, t2.Sub(t1).Seconds())
				ratios = append(ratios, t2.Sub(t1).Seconds()/t1.Sub(t0).Seconds())
				peaks = append(peaks, 100*float64(got.Ops)/t1.Sub(t0).Seconds()/simd.Peak(p, runtime.GOMAXPROCS(0), 10*time.Millisecond))
			}
			t := middle(calls)
			b.ReportMetric(1e3*t, "ms")
			b.ReportMetric(1e3*middle(whole), "f32-ms")
			b.ReportMetric(middle(ratios), "×f32")
			b.ReportMetric(middle(peaks), "%fma-peak")
			b.ReportMetric(float64(got.Ops)/t/1e12, "TOP/s")
			b.ReportMetric(recall(got, want, s.k), "recall")
			b.ReportMetric(0, "ns/op")
		})
	})
}

func middle(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// recall is the part of want's rows that got has too.
func recall(got, want *kernels.Result, k int) float64 {
	found := 0
	for i, id := range want.ID {
		if slices.Contains(got.ID[i/k*k:i/k*k+k], id) {
			found++
		}
	}
	return float64(found) / float64(len(want.ID))
}

// gaussian is quick to make: benchmarks have many rows.
func gaussian(rows, cols int, stream uint64) kernels.Matrix {
	r := rand.New(rand.NewPCG(7, stream))
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return kernels.F32(rows, cols, v)
}

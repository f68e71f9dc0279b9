package nn

import (
	"math"
	"slices"
	"testing"
)

// TestActivationsAgreeWithTheirDefinitions walks values, slopes and second derivatives over the whole range, against
// the reference and differences of it.
func TestActivationsAgreeWithTheirDefinitions(t *testing.T) {
	var z []float32
	for x := -14.0; x <= 14; x += 1.0 / 512 {
		z = append(z, float32(x)+1e-4) // off the kink of relu
	}
	z = append(z, 40, -40, 1e4, -1e4, 1e30, -1e30)
	for _, name := range []string{Tanh, ReLU, GELU, GELUTanh} {
		y := append([]float32(nil), z...)
		activate(name, y)
		slope, bend := make([]float32, len(z)), make([]float32, len(z))
		derivatives(name, y, z, slope, bend)
		kept, again := append([]float32(nil), slope...), append([]float32(nil), z...)
		if name == GELU || name == GELUTanh {
			activateKeeping(name, again, kept)
			if !slices.Equal(kept, slope) || !slices.Equal(again, y) {
				t.Errorf("%s: values or slopes differ from one function to the other", name)
			}
		}
		var offValue, offSlope, offBend float64
		for j, v := range z {
			x := float64(v)
			const h = 1e-5
			second := (refSlope(name, x+h) - refSlope(name, x-h)) / (2 * h)
			if math.Abs(x) > 100 {
				second = 0
			}
			offValue = max(offValue, math.Abs(float64(y[j])-refActivation(name, x))/max(1, math.Abs(x)))
			offSlope = max(offSlope, math.Abs(float64(slope[j])-refSlope(name, x)))
			offBend = max(offBend, math.Abs(float64(bend[j])-second))
		}
		t.Logf("%s: largest differences of value %.1e (of |z|), slope %.1e, second derivative %.1e", name, offValue, offSlope, offBend)
		if !(offValue < 2e-7 && offSlope < 4e-7 && offBend < 1e-6) {
			t.Errorf("%s differs", name)
		}
	}
}

func BenchmarkActivations(b *testing.B) {
	z, slope := make([]float32, 4096), make([]float32, 4096)
	for i := range z {
		z[i] = float32(i%97)/16 - 3
	}
	y := make([]float32, len(z))
	for _, name := range []string{Tanh, ReLU, GELU, GELUTanh} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				copy(y, z)
				if name == GELU || name == GELUTanh {
					activateKeeping(name, y, slope)
				} else {
					activate(name, y)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(z)), "ns/value")
		})
	}
}

package vec

import (
	"testing"

	"attrib/kernels/simd"
)

// The assembly touches nothing beyond its slices.
func TestOuterFences(t *testing.T) {
	for _, path := range simd.Available() {
		for round := range 200 {
			checkOuter(t, path, round, func(n int) []float32 { return fenced(t, n, round%3 == 0) })
		}
	}
}

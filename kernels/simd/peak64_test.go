package simd

import (
	"testing"
	"time"
)

// The loops must do the work they are counted for: a vector of float64 has half the lanes of one of float32.
func TestPeak64(t *testing.T) {
	for _, p := range Available() {
		single, double := Peak(p, 1, 20*time.Millisecond), Peak64(p, 1, 20*time.Millisecond)
		t.Logf("%s: %.1f GFLOP/s in float32, %.1f in float64", p, single/1e9, double/1e9)
		if part := double / single; p != Generic && (part < 0.25 || part > 0.75) || p == Generic && (part < 0.3 || part > 2) {
			t.Errorf("%s: float64 runs at %.2f of float32", p, part)
		}
	}
	if Peak64(best()+1, 1, time.Millisecond) != 0 || Peak64(Generic, 0, time.Millisecond) != 0 {
		t.Error("a path that cannot run, or no workers, has a rate")
	}
}

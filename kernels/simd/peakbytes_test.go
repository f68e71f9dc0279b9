package simd

import (
	"testing"
	"time"
)

// A vector of bytes has four times the lanes of one of float32, and an instruction adds four products or takes part in it.
func TestPeakBytes(t *testing.T) {
	for _, p := range Available() {
		single, bytes := Peak(p, 1, 20*time.Millisecond), PeakBytes(p, 1, 20*time.Millisecond)
		t.Logf("%s: %.1f GFLOP/s in float32, %.1f GOP/s of bytes", p, single/1e9, bytes/1e9)
		if part := bytes / single; p != Generic && (part < 0.8 || part > 8) || p == Generic && bytes != 0 {
			t.Errorf("%s: bytes run at %.2f of float32", p, part)
		}
	}
	if PeakBytes(best()+1, 1, time.Millisecond) != 0 || PeakBytes(AVX2, 0, time.Millisecond) != 0 {
		t.Error("a path that cannot run, or no workers, has a rate")
	}
}

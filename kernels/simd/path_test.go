package simd

import (
	"testing"
	"time"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		setting string
		top     Path
		want    Path
		ok      bool
	}{
		{"", AVX512, AVX512, true}, {"", Generic, Generic, true},
		{"avx2", AVX512, AVX2, true}, {"generic", AVX512, Generic, true}, {"avx512", AVX512, AVX512, true},
		{"avx512", AVX2, AVX2, false}, {"sse", AVX512, AVX512, false}, {"auto", AVX2, AVX2, false},
	} {
		got, err := choose(c.setting, c.top)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("choose(%q, %s) = %s, %v; want %s, ok %v", c.setting, c.top, got, err, c.want, c.ok)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, p := range Available() {
		if got, err := Resolve(p); got != p || err != nil {
			t.Errorf("Resolve(%s) = %s, %v", p, got, err)
		}
	}
	if _, err := Resolve(best() + 1); err == nil {
		t.Error("a path above the best was not refused")
	}
	if got, err := Resolve(Auto); err == nil && got != Active() {
		t.Errorf("Resolve(Auto) = %s, Active() = %s", got, Active())
	}
}

// The loops must do the work they are counted for: no core does more than 2 units · 16 lanes · 2 operations · 6 GHz, and
// wider vectors are not slower (they may be as fast, where a wide operation takes two turns).
func TestPeak(t *testing.T) {
	last := 0.0
	for _, p := range Available() {
		rate := Peak(p, 1, 20*time.Millisecond)
		t.Logf("%s: %.1f GFLOP/s on one core", p, rate/1e9)
		if rate < last/2 || rate < 1e8 || rate > 4e11 {
			t.Errorf("%s: %.3g operations per second after %.3g of the path below", p, rate, last)
		}
		last = rate
	}
	if Peak(best()+1, 1, time.Millisecond) != 0 || Peak(Generic, 0, time.Millisecond) != 0 {
		t.Error("a path that cannot run, or no workers, has a rate")
	}
}

package half

import (
	"math"
	"testing"
)

// nearest is the oracle: of all values of a format the one that is nearest to x, ties to the even bit pattern.
func nearest(x float32, from func(uint16) float32, infinity uint16) uint16 {
	best, sign := uint16(0), uint16(0)
	if math.Signbit(float64(x)) {
		sign = 0x8000
	}
	a := math.Abs(float64(x))
	step := float64(from(infinity-1)) - float64(from(infinity-2))
	distance := math.Inf(1)
	for h := range infinity + 1 {
		v := float64(from(h))
		if h == infinity {
			v = float64(from(infinity-1)) + step // where the next number would be
		}
		if d := math.Abs(v - a); d < distance || d == distance && h&1 == 0 {
			best, distance = h, d
		}
	}
	return sign | best
}

// TestRoundTrip: every value of both formats comes back.
func TestRoundTrip(t *testing.T) {
	for h := range 1 << 16 {
		h := uint16(h)
		if v := FromF16(h); v == v && ToF16(v) != h {
			t.Fatalf("F16 %04x is %v, which is %04x", h, v, ToF16(v))
		}
		if v := FromBF16(h); v == v && ToBF16(v) != h {
			t.Fatalf("BF16 %04x is %v, which is %04x", h, v, ToBF16(v))
		}
	}
	nan := float32(math.NaN())
	if v := FromF16(ToF16(nan)); v == v {
		t.Error("a NaN became a number in F16")
	}
	if v := FromBF16(ToBF16(math.Float32frombits(0x7f800001))); v == v {
		t.Error("a NaN became a number in BF16")
	}
}

// TestNearest holds the rounding against a search, at halves between neighbours, beside them, and in all magnitudes.
func TestNearest(t *testing.T) {
	var values []float32
	for _, from := range []func(uint16) float32{FromF16, FromBF16} {
		for _, h := range []uint16{0, 1, 2, 3, 0x3fe, 0x3ff, 0x400, 0x401, 0x3bff, 0x3c00, 0x3c01, 0x7bfe, 0x7bff, 0x7f7e, 0x7f7f, 0x0080, 0x007f} {
			lo, hi := from(h), from(h+1)
			mid := float32((float64(lo) + float64(hi)) / 2)
			if math.IsNaN(float64(mid)) || math.IsInf(float64(mid), 0) {
				mid = math.MaxFloat32
			}
			values = append(values, lo, mid, math.Nextafter32(mid, 0), math.Nextafter32(mid, math.MaxFloat32), -mid)
		}
	}
	values = append(values, 65519.996, 65520, 65536, 1e-9, 1e-45, math.MaxFloat32, 3e38)
	for _, x := range values {
		if x != x || math.IsInf(float64(x), 0) {
			continue
		}
		if got, want := ToF16(x), nearest(x, FromF16, 0x7c00); got != want {
			t.Errorf("F16 of %g (%08x) is %04x, want %04x", x, math.Float32bits(x), got, want)
		}
		if got, want := ToBF16(x), nearest(x, FromBF16, 0x7f80); got != want {
			t.Errorf("BF16 of %g (%08x) is %04x, want %04x", x, math.Float32bits(x), got, want)
		}
	}
}

package shapley

import (
	"math"
	"math/big"
	"testing"

	"attrib/internal/philox"
)

// curvePoints are the edges of segments and octaves, the ends, and random points.
func curvePoints() []int64 {
	x := []int64{0, 1, 2, 3, 2046, 2047, 2048, 2049, 1<<31 - 2, 1<<31 - 1}
	for k := range knotNumber - 1 {
		if k%37 == 0 {
			x = append(x, int64(knotAt(k)))
		}
	}
	draw := philox.New([32]byte{}, 3)
	for range 5000 {
		x = append(x, int64(draw.Uint64()>>(33+draw.Intn(31))))
	}
	return x
}

func TestKnotsCoverTheDomain(t *testing.T) {
	if knotAt(0) != 0 || knotAt(2048) != 2048 || knotAt(knotNumber-1) != 1<<31 {
		t.Fatal(knotAt(0), knotAt(2048), knotAt(knotNumber-1))
	}
	for k := 1; k < knotNumber; k++ {
		if knotAt(k) <= knotAt(k-1) {
			t.Fatal("knot", k)
		}
	}
}

func TestCurveErrorBound(t *testing.T) {
	check := func(c *Curve, g func(x float64) float64) {
		t.Helper()
		for _, x := range curvePoints() {
			want := math.Ldexp(g(float64(x)), -c.Scale)
			if d := math.Abs(float64(c.At(x)) - want); d > 1.5+math.Ldexp(want, -22) {
				t.Fatalf("%s, unit %d: g(%d) is off by %.2f of %.0f", c.Name, c.Unit, x, d, want)
			}
		}
		if end := c.At(1<<31 - 1); end >= 1<<31 || end < 1<<29 {
			t.Errorf("%s, unit %d: g(2^31 − 1) = %d: overflows or wastes precision", c.Name, c.Unit, end)
		}
	}
	for _, u := range []int64{1, 2, 3, 1000, 123457, 1 << 20, 1<<31 - 1, 1 << 31} {
		check(logCurve(t, u), func(x float64) float64 { return math.Log1p(x / float64(u)) })
	}
	check(Sqrt(), math.Sqrt)
}

func TestCurveIsMonotone(t *testing.T) {
	table, err := Table(3, []Point{{1000, 5}, {7000, 5}, {9000, 2000000000}, {1 << 31, 1<<31 - 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Curve{logCurve(t, 1), logCurve(t, 77777), logCurve(t, 1<<31), Sqrt(), table} {
		if c.At(0) != 0 {
			t.Errorf("%s: g(0) = %d", c.Name, c.At(0))
		}
		for _, x := range curvePoints() {
			if x > 0 && c.At(x) < c.At(x-1) {
				t.Fatalf("%s: falls at %d", c.Name, x)
			}
		}
	}
}

func TestTableInterpolates(t *testing.T) {
	c, err := Table(1000, []Point{{0, 0}, {100, 1000}, {300, 1100}, {1000000, 1<<31 - 1}})
	if err != nil {
		t.Fatal(err)
	}
	at := []Point{{0, 0}, {100, 1000}, {300, 1100}, {1000000, 1<<31 - 1}}
	for _, x := range []int64{0, 1, 50, 99, 100, 101, 299, 300, 301, 500000, 999999, 1000000, 1000001, 1<<31 - 1} {
		want := at[len(at)-1].Y
		for k := 1; k < len(at); k++ {
			if a, b := at[k-1], at[k]; a.X <= x && x <= b.X {
				r := big.NewInt(b.Y - a.Y)
				want = a.Y + r.Mul(r, big.NewInt(x-a.X)).Div(r, big.NewInt(b.X-a.X)).Int64()
				break
			}
		}
		if got := c.At(x); got != want {
			t.Errorf("g(%d) = %d, want %d", x, got, want)
		}
	}
	for _, bad := range [][]Point{nil, {{0, 0}}, {{5, 1}, {5, 2}}, {{5, 2}, {9, 1}}, {{5, 1 << 31}}, {{5, -1}}, {{-5, 1}}} {
		if _, err := Table(1000, bad); err == nil {
			t.Error("accepted", bad)
		}
	}
	for _, u := range []int64{0, -1, 1<<31 + 1} {
		if _, err := Table(u, at); err == nil {
			t.Error("accepted unit", u)
		}
		if _, err := Log1p(u); err == nil {
			t.Error("accepted unit", u)
		}
	}
}

func TestFixedLog2(t *testing.T) {
	for _, y := range []uint64{1, 2, 3, 10, 1000003, 1<<31 - 1, 1 << 32, 1<<32 + 1} {
		got, want := float64(fixedLog2(y))/(1<<logFraction), math.Log2(float64(y))
		if math.Abs(got-want) > 1e-14 {
			t.Errorf("log2 %d = %.17g, want %.17g", y, got, want)
		}
	}
}

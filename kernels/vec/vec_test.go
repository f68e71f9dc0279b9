package vec

import (
	"flag"
	"math"
	"slices"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

// Every float32 is 2³² inputs: `go test ./kernels/vec -run Error -stride 1` takes them all, in minutes.
var stride = flag.Int("stride", 4093, "the tests of the error take one float32 in so many")

func eachPath(t *testing.T, f func(t *testing.T, u *unit)) {
	for _, p := range simd.Available() {
		t.Run(p.String(), func(t *testing.T) { f(t, &units[p]) })
	}
}

// ulps is the error of got in units of the last place of want.
func ulps(got float32, want float64) float64 {
	if float64(got) == want || (got != got && want != want) {
		return 0
	}
	if math.IsInf(float64(got), 0) && math.Abs(want) > math.MaxFloat32 {
		return 0
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

// sweep is the largest error over every stride-th float32.
func sweep(f func(dst, x []float32), exact func(float64) float64) (worst float64, at float32) {
	x, y := make([]float32, 0, 4096), make([]float32, 4096)
	flush := func() {
		f(y[:len(x)], x)
		for i, v := range x {
			if e := ulps(y[i], exact(float64(v))); !(e <= worst) {
				worst, at = e, v
			}
		}
		x = x[:0]
	}
	for b := uint64(0); b < 1<<32; b += uint64(*stride) {
		if x = append(x, math.Float32frombits(uint32(b))); len(x) == cap(x) {
			flush()
		}
	}
	if len(x) > 0 {
		flush()
	}
	return worst, at
}

func TestError(t *testing.T) {
	p := simd.Available()
	u := &units[p[len(p)-1]]
	for _, c := range []struct {
		name  string
		f     func(dst, x []float32)
		exact func(float64) float64
		bound float64
	}{{"exp", u.exp, math.Exp, ExpError}, {"tanh", u.tanh, math.Tanh, TanhError}} {
		worst, at := sweep(c.f, c.exact)
		t.Logf("%s: at most %.4f ulp, at %x (%g), over one float32 in %d", c.name, worst, at, at, *stride)
		if !(worst <= c.bound) || worst < 0.4 {
			t.Errorf("%s: %.4f ulp at %x, stated %g", c.name, worst, at, c.bound)
		}
	}
}

func TestSpecialValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	tiny := float64(math.SmallestNonzeroFloat32)
	eachPath(t, func(t *testing.T, u *unit) {
		for _, c := range []struct {
			name    string
			f       func(dst, x []float32)
			x, want float64
		}{
			{"exp", u.exp, 0, 1}, {"exp", u.exp, math.Copysign(0, -1), 1}, {"exp", u.exp, inf, inf}, {"exp", u.exp, -inf, 0},
			{"exp", u.exp, nan, nan}, {"exp", u.exp, tiny, 1}, {"exp", u.exp, -tiny, 1}, {"exp", u.exp, 1e30, inf}, {"exp", u.exp, -1e30, 0},
			{"exp", u.exp, 88.72283, math.Exp(float64(float32(88.72283)))}, {"exp", u.exp, 88.72284, inf},
			{"exp", u.exp, -103.27893, tiny}, {"exp", u.exp, -103.97208, 0}, {"exp", u.exp, -100, 27 * tiny},
			{"tanh", u.tanh, 0, 0}, {"tanh", u.tanh, math.Copysign(0, -1), math.Copysign(0, -1)}, {"tanh", u.tanh, inf, 1},
			{"tanh", u.tanh, -inf, -1}, {"tanh", u.tanh, nan, nan}, {"tanh", u.tanh, tiny, tiny}, {"tanh", u.tanh, -5 * tiny, -5 * tiny},
			{"tanh", u.tanh, 0x1p-126, 0x1p-126}, {"tanh", u.tanh, -0x1p-130, -0x1p-130}, {"tanh", u.tanh, 9.1, 1}, {"tanh", u.tanh, -1e30, -1},
		} {
			for n := 1; n < 40; n += 19 { // in a whole vector and in a partial one
				x := make([]float32, n)
				for i := range x {
					x[i] = float32(c.x)
				}
				c.f(x, x)
				got, want := x[n-1], float32(c.want)
				if ulps(got, c.want) > 1 || math.Signbit(float64(got)) != math.Signbit(c.want) && c.want == c.want {
					t.Errorf("%s(%g) = %g, want %g", c.name, c.x, got, want)
				}
			}
		}
	})
}

// Every path has the bits of plain Go, whatever the length and the alignment, in place or not, and writes nothing else.
func TestSameBits(t *testing.T) {
	rnd := philox.New([32]byte{7}, 1)
	for n := range 70 {
		for offset := range 3 {
			x, delta := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], delta[i] = math.Float32frombits(rnd.Uint32()), float32(rnd.Float64()-0.5)
				if i%2 == 0 {
					x[i] = float32(20*rnd.Float64() - 10)
				}
			}
			eachPath(t, func(t *testing.T, u *unit) {
				same(t, n, offset, delta, x, generic.exp, u.exp)
				same(t, n, offset, delta, x, generic.tanh, u.tanh)
				same(t, n, offset, delta, x, generic.tanhGrad, u.tanhGrad)
				of := func(u *unit) (multiply, blend func(dst, x []float32)) {
					return func(dst, x []float32) { u.multiply(dst, dst, x) },
						func(dst, x []float32) { u.blend(dst, x, delta, x) }
				}
				wantMultiply, wantBlend := of(&generic)
				multiply, blend := of(u)
				same(t, n, offset, delta, x, wantMultiply, multiply)
				same(t, n, offset, delta, x, wantBlend, blend)
			})
		}
	}
}

// same compares got with want on dst and x that stand at an offset between sentinels.
func same(t *testing.T, n, offset int, dst, x []float32, want, got func(dst, x []float32)) {
	t.Helper()
	if n == 0 {
		return
	}
	const sentinel = 12345
	place := func(v []float32) []float32 {
		out := make([]float32, n+40)
		for i := range out {
			out[i] = sentinel
		}
		copy(out[offset+16:], v)
		return out
	}
	a, b, in := place(dst), place(dst), place(x)
	lo, hi := offset+16, offset+16+n
	want(a[lo:hi], in[lo:hi])
	got(b[lo:hi], in[lo:hi])
	equal(t, b, a)
	want(a[lo:hi], a[lo:hi])
	got(b[lo:hi], b[lo:hi])
	equal(t, b, a)
}

func equal(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("value %d of %d is %x, in plain Go %x", i, len(want), got[i], want[i])
		}
	}
}

// A dense sweep in which each path must have the bits of plain Go.
func TestSameBitsEverywhere(t *testing.T) {
	x, a, b := make([]float32, 1<<12), make([]float32, 1<<12), make([]float32, 1<<12)
	for block := range 1 << 8 {
		for i := range x {
			x[i] = math.Float32frombits(uint32(block<<24 | i<<12 | (i*block)&0xfff))
		}
		for _, p := range simd.Available() {
			u := &units[p]
			generic.exp(a, x)
			u.exp(b, x)
			equal(t, b, a)
			generic.tanh(a, x)
			u.tanh(b, x)
			equal(t, b, a)
		}
	}
}

func TestPublic(t *testing.T) {
	x := make([]float32, turn+3)
	for i := range x {
		x[i] = float32(i%37)/8 - 2
	}
	y, z, g := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	Exp(y, x)
	Tanh(z, x)
	copy(g, y)
	TanhGrad(g, z)
	for i, v := range x {
		if y[i] != exp(v) || z[i] != tanh(v) || g[i] != y[i]*(1-float32(z[i]*z[i])) {
			t.Fatalf("value %d: e^%g = %g, tanh %g, derivative %g", i, v, y[i], z[i], g[i])
		}
	}
	Exp(nil, nil)
	w := slices.Clone(x)
	Multiply(g, x, y)
	Blend(w, x, y, z)
	for i, v := range x {
		if g[i] != v*y[i] || w[i] != float32(v*v)+float32(y[i]*z[i]) {
			t.Fatalf("value %d: product %g, blend %g", i, g[i], w[i])
		}
	}
	for name, f := range map[string]func(){
		"lengths": func() { Exp(y[:2], x[:3]) },
		"product": func() { Multiply(y[:2], x[:2], x[:3]) },
		"blend":   func() { Blend(y[:2], x[:2], x[:2], x[:3]) },
		"stride":  func() { LogSoftmax(y, x, 2, 5, 4) },
		"short":   func() { LogSoftmax(y, x[:13], 2, 5, 9) },
		"far":     func() { LogSoftmax(y, x, math.MaxInt, 1, math.MaxInt) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

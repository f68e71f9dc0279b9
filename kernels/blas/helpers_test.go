package blas

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

// eachPath runs a test on every path of the machine.
func eachPath(t *testing.T, f func(t *testing.T, p simd.Path)) {
	for _, p := range simd.Available() {
		t.Run(p.String(), func(t *testing.T) { f(t, p) })
	}
}

// layout says how an operand lies in memory.
type layout struct {
	trans bool
	gap   int // values between rows that are not of the matrix
	apart int // values between matrices
}

const poison = 0x7fc0dead // a NaN no computation makes

func poisoned(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(poison)
	}
	return v
}

// operand makes count random matrices whose shape after transposition is rows×cols, in poison.
func operand(rnd *philox.Stream, count, rows, cols int, l layout) Batch {
	if l.trans {
		rows, cols = cols, rows
	}
	m := Matrix{Rows: rows, Cols: cols, Stride: cols + l.gap, Trans: l.trans}
	b := Batch{Matrix: m, Step: rows*m.Stride + l.apart}
	b.Data = poisoned(max(count, 1) * b.Step)
	for p := range count {
		for i := range rows {
			for j := range cols {
				b.Data[p*b.Step+i*b.Stride+j] = float32(rnd.Float64() - 0.5)
			}
		}
	}
	return b
}

// task is a batch of products.
type task struct {
	count       int
	alpha, beta float32
	a, b, c     Batch
	o           Options
}

func (x task) String() string {
	m, k := x.a.Dims()
	_, n := x.b.Dims()
	return fmt.Sprintf("%d of %d×%d×%d, A %t/%d, B %t/%d, α %g, β %g, bias %t", x.count, m, n, k, x.a.Trans, x.a.Stride,
		x.b.Trans, x.b.Stride, x.alpha, x.beta, x.o.Bias != nil)
}

// run does the task on a copy of C and returns all of C's memory.
func (x task) run(t *testing.T) []float32 {
	t.Helper()
	c := x.c
	c.Data = slices.Clone(c.Data)
	if err := GemmBatch(x.count, x.alpha, x.a, x.b, x.beta, c, x.o); err != nil {
		t.Fatal(x, err)
	}
	return c.Data
}

// model is what C's memory must hold afterwards, to the bit: the chain of additions the package promises. Values of
// C's memory that are of no matrix stay.
func (x task) model(p simd.Path) []float32 {
	fma := func(a, b, c float32) float32 { return float32(a*b) + c }
	if p != simd.Generic {
		fma = fma32
	}
	out := slices.Clone(x.c.Data)
	m, k := x.a.Dims()
	if x.alpha == 0 {
		k = 0
	}
	for q := range x.count {
		for i := range m {
			for j := range x.c.Cols {
				at := q*x.c.Step + i*x.c.stride() + j
				out[at] = x.element(q, i, j, k, out[at], fma)
			}
		}
	}
	return out
}

func (x task) element(q, i, j, k int, old float32, fma func(a, b, c float32) float32) float32 {
	if k == 0 { // nothing to add up: not even a zero of the sign of α
		switch {
		case x.o.Bias != nil:
			return x.o.Bias[q*x.o.BiasStep+j]
		case x.beta == 0:
			return 0
		}
		return float32(x.beta * old)
	}
	var sum float32
	for t := range k {
		sum = fma(x.a.at(q, i, t), x.b.at(q, t, j), sum)
	}
	sum = float32(x.alpha * sum)
	switch {
	case x.o.Bias != nil:
		return sum + x.o.Bias[q*x.o.BiasStep+j]
	case x.beta == 0:
		return sum
	}
	return fma(x.beta, old, sum)
}

// fma32 is a·b + c rounded once. The product is exact in float64; the sum is rounded to odd, so that rounding it to
// float32 is as good as rounding once.
func fma32(a, b, c float32) float32 {
	p, d := float64(a)*float64(b), float64(c)
	s := p + d
	r := s - p
	rest := (p - (s - r)) + (d - r)
	if rest != 0 && math.Float64bits(s)&1 == 0 {
		s = math.Nextafter(s, math.Copysign(math.Inf(1), rest))
	}
	return float32(s)
}

func sameBits(t *testing.T, what any, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%v: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v: value %d is %x (%g), want %x (%g)", what, i, got[i], got[i], want[i], want[i])
		}
	}
}

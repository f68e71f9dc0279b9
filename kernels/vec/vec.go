package vec

import (
	"fmt"

	"attrib/kernels/simd"
)

// Bounds of the error over all inputs, in units of the last place (ulp) of the result, against float64. The largest
// found over all 2³² are 0.9903, at e^70.4031, and 2.4193, at tanh 0.06200009.
const (
	ExpError  = 1.0
	TanhError = 2.42
)

// unit is the functions on one path. Lengths are checked and not 0.
type unit struct {
	exp, tanh, tanhGrad func(dst, x []float32)
	multiply            func(dst, a, b []float32)
	blend               func(x, a, b, y []float32)
	rowSums             func(x []float32, rows, cols, stride int, peak, sum []float32)
	shiftRows           func(dst, x []float32, rows, cols, stride int, peak, log []float32)
}

// turn is how many values are done between chances for the scheduler.
const turn = 1 << 15

// Exp sets dst[i] to e^x[i]. dst may be x.
func Exp(dst, x []float32) { active().do(active().exp, "Exp", dst, x) }

// Tanh sets dst[i] to the hyperbolic tangent of x[i]. dst may be x.
func Tanh(dst, x []float32) { active().do(active().tanh, "Tanh", dst, x) }

// TanhGrad multiplies delta[i] by 1 − h[i]², the derivative of tanh where its value is h[i].
func TanhGrad(delta, h []float32) { active().do(active().tanhGrad, "TanhGrad", delta, h) }

// Multiply sets dst[i] to a[i]·b[i]. dst may be a or b.
func Multiply(dst, a, b []float32) {
	alike("Multiply", len(dst), len(a), len(b))
	for lo := 0; lo < len(dst); lo += turn {
		hi := min(lo+turn, len(dst))
		active().multiply(dst[lo:hi], a[lo:hi], b[lo:hi])
	}
}

// Blend sets x[i] to a[i]·x[i] + b[i]·y[i], every operation rounded.
func Blend(x, a, b, y []float32) {
	alike("Blend", len(x), len(a), len(b), len(y))
	for lo := 0; lo < len(x); lo += turn {
		hi := min(lo+turn, len(x))
		active().blend(x[lo:hi], a[lo:hi], b[lo:hi], y[lo:hi])
	}
}

func alike(name string, want int, lengths ...int) {
	for _, n := range lengths {
		if n != want {
			panic(fmt.Sprintf("vec: %s of %d values with %d", name, want, n))
		}
	}
}

// LogSoftmax sets every row of dst (rows×cols, stride values between rows) to the logarithms of the softmax of that row
// of x, which lies the same way. dst may be x.
func LogSoftmax(dst, x []float32, rows, cols, stride int) {
	active().logSoftmax(dst, x, rows, cols, stride)
}

func active() *unit { return &units[simd.Active()] }

func (u *unit) do(f func(dst, x []float32), name string, dst, x []float32) {
	if len(dst) != len(x) {
		panic(fmt.Sprintf("vec: %s of %d values into %d", name, len(x), len(dst)))
	}
	for lo := 0; lo < len(x); lo += turn {
		hi := min(lo+turn, len(x))
		f(dst[lo:hi], x[lo:hi])
	}
}

// batch is the number of rows whose sums are kept at a time.
const batch = 64

func (u *unit) logSoftmax(dst, x []float32, rows, cols, stride int) {
	if rows == 0 || cols == 0 {
		return
	}
	if rows < 0 || cols < 0 || stride < cols || !fits(len(x), rows, cols, stride) || !fits(len(dst), rows, cols, stride) {
		panic(fmt.Sprintf("vec: LogSoftmax of %d×%d with stride %d from %d values into %d", rows, cols, stride, len(x), len(dst)))
	}
	var peak, log [batch]float32
	for lo := 0; lo < rows; lo += batch {
		n := min(batch, rows-lo)
		from := x[lo*stride:]
		u.rowSums(from, n, cols, stride, peak[:n], log[:n])
		for i := range n {
			log[i] = logarithm(log[i])
		}
		u.shiftRows(dst[lo*stride:], from, n, cols, stride, peak[:n], log[:n])
	}
}

// fits says whether rows of cols values, stride apart, are within length.
func fits(length, rows, cols, stride int) bool {
	return length >= cols && (rows == 1 || stride <= (length-cols)/(rows-1))
}

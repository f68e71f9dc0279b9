package vec

import "math"

// The constants of the generated assembly. The conversions to float32 in what follows forbid fusing, which some
// compilers otherwise do: the order and the roundings are part of the definition.
const (
	magic    = 12582912 // 1.5·2²³: added to a small number it leaves the nearest whole number in the low bits
	ln2Hi    = 0.693359375
	ln2Lo    = -2.12194440e-4
	p0       = 1.9875691500e-4
	p1       = 1.3981999507e-3
	p2       = 8.3334519073e-3
	p3       = 4.1665795894e-2
	p4       = 1.6666665459e-1
	p5       = 5.0000001201e-1
	expLow   = -104.5 // e^x rounds to 0
	expHigh  = 89     // e^x overflows
	tanhHigh = 9.2    // tanh rounds to 1
)

var magicBits = int32(math.Float32bits(magic))

var generic = unit{
	exp:       func(dst, x []float32) { each(exp, dst, x) },
	tanh:      func(dst, x []float32) { each(tanh, dst, x) },
	tanhGrad:  genericTanhGrad,
	multiply:  genericMultiply,
	blend:     genericBlend,
	rowSums:   genericRowSums,
	shiftRows: genericShiftRows,
}

func each(f func(float32) float32, dst, x []float32) {
	for i, v := range x {
		dst[i] = f(v)
	}
}

// reduced is e^r − 1 for r = y − n·ln 2, |r| ≤ ln 2 / 2.
func reduced(y, n float32) float32 {
	r := y - float32(n*ln2Hi)
	r -= float32(n * ln2Lo)
	q := float32(p0*r) + p1
	q = float32(q*r) + p2
	q = float32(q*r) + p3
	q = float32(q*r) + p4
	q = float32(q*r) + p5
	return float32(q*float32(r*r)) + r
}

// power is 2ⁿ for n from −126 to 127.
func power(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

func exp(x float32) float32 {
	if x < expLow {
		x = expLow
	}
	if x > expHigh {
		x = expHigh
	}
	t := float32(x*math.Log2E) + magic
	q := reduced(x, t-magic) + 1
	n := int32(math.Float32bits(t)) - magicBits
	q = float32(q * power(n>>1)) // in two halves: n alone may be no exponent of a float32
	return float32(q * power(n-n>>1))
}

func tanh(x float32) float32 {
	bits := math.Float32bits(x)
	y := math.Float32frombits(bits &^ (1 << 31))
	if y > tanhHigh {
		y = tanhHigh
	}
	t := float32(y*(2*math.Log2E)) + magic
	q := reduced(y+y, t-magic)
	s := power(int32(math.Float32bits(t)) - magicBits)
	m := float32(q*s) + (s - 1)
	return math.Float32frombits(math.Float32bits(m/(m+2)) | bits&(1<<31))
}

func genericTanhGrad(delta, h []float32) {
	for i, v := range h {
		delta[i] *= 1 - float32(v*v)
	}
}

func genericMultiply(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func genericBlend(x, a, b, y []float32) {
	a, b, y = a[:len(x)], b[:len(x)], y[:len(x)]
	for i, v := range x {
		x[i] = float32(a[i]*v) + float32(b[i]*y[i])
	}
}

func genericRowSums(x []float32, rows, cols, stride int, peak, sum []float32) {
	for i := range rows {
		row := x[i*stride : i*stride+cols]
		top := float32(math.Inf(-1))
		for _, v := range row {
			if v > top {
				top = v
			}
		}
		var lane [16]float32
		for j, v := range row {
			lane[j%16] += exp(v - top)
		}
		for half := 8; half > 0; half /= 2 {
			for j := range half {
				lane[j] += lane[j+half]
			}
		}
		peak[i], sum[i] = top, lane[0]
	}
}

func genericShiftRows(dst, x []float32, rows, cols, stride int, peak, log []float32) {
	for i := range rows {
		for j, v := range x[i*stride : i*stride+cols] {
			dst[i*stride+j] = v - peak[i] - log[i]
		}
	}
}

// logarithm is log s for s ≥ 1, in float64: 2·artanh((m−1)/(m+1)) of the mantissa between √½ and √2, plus the exponent.
func logarithm(s float32) float32 {
	if s != s || math.IsInf(float64(s), 0) {
		return s
	}
	m, e := math.Frexp(float64(s))
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	f := (m - 1) / (m + 1)
	z := float64(f * f)
	p := 1.0 / 13
	for _, c := range [...]float64{1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1} {
		p = float64(p*z) + c
	}
	return float32(float64(2*f*p) + float64(float64(e)*math.Ln2))
}

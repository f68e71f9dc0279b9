package train

import "math"

// The products below are converted explicitly (float32(a*b)), which forbids the compiler to fuse multiply and add: a
// training run gives the same bits on amd64 and arm64. exp and tanh are our own for the same reason.

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
)

// exp is eˣ to 1e-11, relative: reduction by powers of two and a Taylor polynomial of degree 9 on |r| ≤ ln 2 / 2.
func exp(x float64) float64 {
	switch {
	case x > 700:
		return math.Inf(1)
	case x < -700:
		return 0
	case x != x:
		return x
	}
	k := math.RoundToEven(x * math.Log2E)
	r := x - float64(k*ln2Hi) - float64(k*ln2Lo)
	p := 1.0 / 362880
	p = float64(p*r) + 1.0/40320
	p = float64(p*r) + 1.0/5040
	p = float64(p*r) + 1.0/720
	p = float64(p*r) + 1.0/120
	p = float64(p*r) + 1.0/24
	p = float64(p*r) + 1.0/6
	p = float64(p*r) + 0.5
	p = float64(p*r) + 1
	p = float64(p*r) + 1
	return p * math.Float64frombits(uint64(int64(k)+1023)<<52)
}

// tanh is the hyperbolic tangent, rounded once to float32 but for the last bit.
func tanh(v float32) float32 {
	x := float64(v)
	switch {
	case x > 10:
		return 1
	case x < -10:
		return -1
	case x > -1e-3 && x < 1e-3: // 1 − 2/(e²ˣ+1) would cancel
		return float32(x - float64(x*x*x)/3)
	}
	return float32(1 - 2/(exp(2*x)+1))
}

// mulNT sets c (m×n) to a (m×k) · b (n×k)ᵀ, with bias (n) added to every row. Sums run over k in order.
func mulNT(c, a, b, bias []float32, m, n, k int) {
	for i := range m {
		row, out := a[i*k:i*k+k], c[i*n:i*n+n]
		j := 0
		for ; j+4 <= n; j += 4 {
			s0, s1, s2, s3 := dot4(row, b[j*k:], k)
			out[j], out[j+1], out[j+2], out[j+3] = s0+bias[j], s1+bias[j+1], s2+bias[j+2], s3+bias[j+3]
		}
		for ; j < n; j++ {
			out[j] = dot(row, b[j*k:j*k+k]) + bias[j]
		}
	}
}

func dot4(row, b []float32, k int) (s0, s1, s2, s3 float32) {
	b0, b1, b2, b3 := b[:k], b[k:2*k], b[2*k:3*k], b[3*k:4*k]
	row, b1, b2, b3 = row[:len(b0)], b1[:len(b0)], b2[:len(b0)], b3[:len(b0)]
	for t := range b0 {
		x := row[t]
		s0 += float32(x * b0[t])
		s1 += float32(x * b1[t])
		s2 += float32(x * b2[t])
		s3 += float32(x * b3[t])
	}
	return
}

func dot(a, b []float32) (s float32) {
	b = b[:len(a)]
	for t := range a {
		s += float32(a[t] * b[t])
	}
	return s
}

// mulNN sets c (m×k) to a (m×n) · b (n×k).
func mulNN(c, a, b []float32, m, n, k int) {
	for i := range m {
		out := c[i*k : i*k+k]
		clear(out)
		axpyRows(out, a[i*n:], 1, b, n)
	}
}

// mulTN sets c (n×k) to a (m×n)ᵀ · b (m×k).
func mulTN(c, a, b []float32, m, n, k int) {
	for j := range n {
		out := c[j*k : j*k+k]
		clear(out)
		axpyRows(out, a[j:], n, b, m)
	}
}

// axpyRows adds Σ_t a[t·stride]·b[t] to out, where b[t] is row t of count rows, in the order of t.
func axpyRows(out, a []float32, stride int, b []float32, count int) {
	k := len(out)
	t := 0
	for ; t+4 <= count; t += 4 {
		x0, x1, x2, x3 := a[t*stride], a[(t+1)*stride], a[(t+2)*stride], a[(t+3)*stride]
		r0, r1 := b[t*k:t*k+k], b[(t+1)*k:(t+1)*k+k]
		r2, r3 := b[(t+2)*k:(t+2)*k+k], b[(t+3)*k:(t+3)*k+k]
		r0, r1, r2, r3 = r0[:len(out)], r1[:len(out)], r2[:len(out)], r3[:len(out)]
		for j := range out {
			s := out[j] + float32(x0*r0[j])
			s += float32(x1 * r1[j])
			s += float32(x2 * r2[j])
			out[j] = s + float32(x3*r3[j])
		}
	}
	for ; t < count; t++ {
		x, r := a[t*stride], b[t*k:t*k+k]
		for j := range out {
			out[j] += float32(x * r[j])
		}
	}
}

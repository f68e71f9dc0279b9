package train

import "math"

// Products below are converted explicitly (float64(a*b)), which forbids the compiler to fuse multiply and add, so that
// a loss is the same bits on amd64 and arm64. exp is our own for the same reason.

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

// LossGradient sets grad to the gradient of a sample's loss with respect to its logits and returns the loss. It works
// in float64: a loss of CrossEntropy neither overflows nor cancels.
func LossGradient(loss string, logits []float64, label int, grad []float64) float64 {
	if loss == SquaredError {
		sum := 0.0
		for j, z := range logits {
			grad[j] = z
			if j == label {
				grad[j]--
			}
			sum += float64(grad[j] * grad[j])
		}
		return sum / 2
	}
	top := logits[0]
	for _, z := range logits {
		top = max(top, z)
	}
	sum := 0.0
	for j, z := range logits {
		grad[j] = exp(z - top)
		sum += grad[j]
	}
	for j := range grad {
		grad[j] /= sum
	}
	grad[label]--
	return math.Log(sum) + top - logits[label]
}

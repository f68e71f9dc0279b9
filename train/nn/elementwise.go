package nn

import "attrib/kernels/vec"

// add adds b to the values that a begins with.
func add(a, b []float32) {
	a = a[:len(b)]
	for i, v := range b {
		a[i] += v
	}
}

// multiply multiplies a with b.
func multiply(a, b []float32) { vec.Multiply(a, a, b[:len(a)]) }

// scaleBy multiplies a with beta; 0 clears it, NaN or not.
func scaleBy(a []float32, beta float32) {
	switch beta {
	case 0:
		clear(a)
	case 1:
	default:
		for i := range a {
			a[i] *= beta
		}
	}
}

package lapack

import (
	"math"
	"testing"
)

// symmetric is a random symmetric matrix.
func symmetric(n, gap int, seed uint64) Matrix {
	m := random(n, n, gap, seed)
	for i := range n {
		for j := range i {
			m.Data[j*m.Stride+i] = m.At(i, j)
		}
	}
	return m
}

// checkEigen holds values and vectors to the matrix: A·V = V·Λ, VᵀV = I, and values in order.
func checkEigen(t *testing.T, name string, a Matrix, values []float64, v Matrix) {
	t.Helper()
	n := a.Rows
	if len(values) != n || v.Rows != n || v.Cols != n {
		t.Fatalf("%s: %d values and %d×%d vectors for n = %d", name, len(values), v.Rows, v.Cols, n)
	}
	bound := 4 * float64(n) * 0x1p-52
	norm := Norm(Lower, a)
	for i := range n {
		if i > 0 && values[i] < values[i-1] {
			t.Fatalf("%s: value %d is less than the one before", name, i)
		}
		for j := range n {
			product, dot := -v.At(i, j)*values[j], 0.0
			for k := range n {
				product += a.At(i, k) * v.At(k, j)
				dot += v.At(k, i) * v.At(k, j)
			}
			if i == j {
				dot--
			}
			if !(math.Abs(product) <= bound*norm) || !(math.Abs(dot) <= bound) {
				t.Fatalf("%s: element (%d, %d): residual %.2g of %.2g, product of vectors off by %.2g", name, i, j, product, norm, dot)
			}
		}
	}
}

func TestEigenSym(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 8, 25, 33, 64, 65, 100, 241, 300} {
		for _, triangle := range []Triangle{Lower, Upper} {
			a := symmetric(n, n%3, 20)
			values, v, err := EigenSym(triangle, a.only(triangle), Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkEigen(t, "random", a, values, v)
		}
	}
}

// Matrices with equal, clustered, widely spread and zero eigenvalues.
func TestEigenSymSpecial(t *testing.T) {
	const n = 130
	for name, element := range map[string]func(i, j int) float64{
		"zero":     func(int, int) float64 { return 0 },
		"identity": func(i, j int) float64 { return float64(btoi(i == j)) },
		"ones":     func(int, int) float64 { return 1 },
		"diagonal": func(i, j int) float64 { return float64(btoi(i == j)) * float64((i*37)%n) },
		"second difference": func(i, j int) float64 {
			return map[int]float64{0: 2, 1: -1}[max(i-j, j-i)]
		},
		"Wilkinson": func(i, j int) float64 {
			if i == j {
				return math.Abs(float64(i - n/2))
			}
			return float64(btoi(max(i-j, j-i) == 1))
		},
		"graded":  func(i, j int) float64 { return math.Exp(-float64(i + j)) },
		"Hilbert": func(i, j int) float64 { return 1 / float64(i+j+1) },
		"blocks":  func(i, j int) float64 { return float64(btoi(i/10 == j/10)) },
		"huge":    func(i, j int) float64 { return 1e200 / float64(i+j+1) },
		"tiny":    func(i, j int) float64 { return 1e-200 / float64(i+j+1) },
	} {
		a := Dense(n, n, make([]float64, n*n))
		for i := range a.Data {
			a.Data[i] = element(i/n, i%n)
		}
		values, v, err := EigenSym(Lower, a, Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		checkEigen(t, name, a, values, v)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestEigenSymRefuses(t *testing.T) {
	a := symmetric(5, 0, 1)
	a.Data[15] = math.NaN() // row 3
	if _, _, err := EigenSym(Lower, a, Options{}); err == nil {
		t.Error("a NaN was not refused")
	}
	if _, _, err := EigenSym(Lower, random(3, 4, 0, 1), Options{}); err == nil {
		t.Error("a matrix that is not square was not refused")
	}
}

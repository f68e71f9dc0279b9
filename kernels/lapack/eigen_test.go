package lapack

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"attrib/internal/philox"
	"attrib/kernels/simd"
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
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, n := range []int{0, 1, 2, 3, 8, 25, 32, 33, 34, 64, 65, 97, 98, 99, 130, 241, 300} {
			a := symmetric(n, n%3, 20)
			before := slices.Clone(a.Data)
			values, v, err := EigenSym(Lower, a.only(Lower), Options{Path: p, Workers: 1 + n%3})
			if err != nil {
				t.Fatal(err)
			}
			checkEigen(t, "random", a, values, v)
			sameBits(t, "the matrix", a.Data, before)
			same, w, err := EigenSym(Upper, a.only(Upper), Options{Path: p, Workers: 5})
			if err != nil {
				t.Fatal(err)
			}
			sameBits(t, "values from the other triangle", same, values)
			sameBits(t, "vectors from the other triangle", w.Data, v.Data)
		}
	})
}

// Values are those of gonum, which finds them in another way.
func TestEigenSymAgainstGonum(t *testing.T) {
	const n = 150
	a := symmetric(n, 0, 21)
	var want mat.EigenSym
	if !want.Factorize(mat.NewSymDense(n, slices.Clone(a.Data)), false) {
		t.Fatal("gonum did not converge")
	}
	values, _, err := EigenSym(Upper, a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range want.Values(nil) {
		if !(math.Abs(x-values[i]) <= n*0x1p-52*Norm(Lower, a)) {
			t.Errorf("value %d is %v, gonum's %v", i, values[i], x)
		}
	}
}

// The roots interlace the poles, their distances are exact to rounding, and they solve the equation, also where poles
// nearly meet or weights are tiny.
func TestSecular(t *testing.T) {
	r := philox.New([32]byte{8}, 0)
	for trial := range 200 {
		k := 1 + trial%40
		s := secular{d: make([]float64, k), z: make([]float64, k), rho: math.Exp(20 * (r.Float64() - 0.5))}
		at, sum := -1.0, 0.0
		for i := range k {
			at += math.Exp(-25 * r.Float64())
			s.d[i], s.z[i] = at, math.Exp(-15*r.Float64())
			sum += s.z[i] * s.z[i]
		}
		for i := range s.z {
			s.z[i] /= math.Sqrt(sum)
		}
		delta := make([]float64, k)
		for j := range k {
			value := s.root(j, delta)
			if !(value >= s.d[j]) || j+1 < k && !(value <= s.d[j+1]) || !(delta[j] < 0) || j+1 < k && !(delta[j+1] > 0) {
				t.Fatalf("trial %d: root %d is %v, not above %v", trial, j, value, s.d[j])
			}
			f, size := 1.0, 1.0
			for i, d := range delta {
				f += s.rho * s.z[i] * s.z[i] / d
				size += s.rho * s.z[i] * s.z[i] / math.Abs(d)
			}
			if !(math.Abs(f) <= float64(8+k)*0x1p-52*size) {
				t.Fatalf("trial %d: at root %d of %d the function is %.2g of %.2g", trial, j, k, f, size)
			}
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

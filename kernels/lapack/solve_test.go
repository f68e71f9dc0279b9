package lapack

import (
	"math"
	"testing"

	"attrib/kernels/simd"
)

// triangular is a matrix whose triangles are both well conditioned.
func triangular(n, gap int, seed uint64) Matrix {
	m := random(n, n, gap, seed)
	for i := range n {
		for j := range n {
			m.Data[i*m.Stride+j] /= float64(n)
		}
		m.Data[i*m.Stride+i] = 1 + math.Abs(m.At(i, i))
	}
	return m
}

// Every kind of substitution is the textbook's.
func TestSolveTriangular(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for at, n := range sizes {
			full := triangular(n, n%2, 5)
			for kind := range 4 {
				triangle, trans := Triangle(kind%2), kind/2 == 1
				m := []int{0, 1, 5, 24, 25, 100}[(at+kind)%6]
				a, b := full.only(triangle), random(n, m, m%3, 6)
				want := b.clone()
				solveReference(triangle, trans, a, want)
				if err := SolveTriangular(triangle, trans, a, b, Options{Path: p, Workers: 1 + n%4}); err != nil {
					t.Fatal(err)
				}
				for i, x := range b.Data {
					if isPoison(want.Data[i]) != isPoison(x) || math.Abs(x-want.Data[i]) > 1e-13*float64(n+1) {
						t.Fatalf("n %d, m %d, triangle %d, transposed %t: value %d is %v, want %v", n, m, triangle, trans, i, x, want.Data[i])
					}
				}
			}
		}
	})
}

// A·X = B to rounding, from either triangle with the same bits.
func TestSolve(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, s := range [][2]int{{1, 1}, {30, 3}, {240, 24}, {301, 70}, {520, 1000}} {
			n, m := s[0], s[1]
			a, b := definite(n, 1, 7), random(n, m, 2, 8)
			var x [2]Matrix
			for triangle := range x {
				l := a.only(Triangle(triangle))
				x[triangle] = b.clone()
				if err := Cholesky(Triangle(triangle), l, Options{Path: p}); err != nil {
					t.Fatal(err)
				}
				if err := Solve(Triangle(triangle), l, x[triangle], Options{Path: p}); err != nil {
					t.Fatal(err)
				}
			}
			sameBits(t, "triangles", x[1].Data, x[0].Data)
			for _, c := range []int{0, m / 2, m - 1} {
				for i := range n {
					sum := -b.At(i, c)
					for j := range n {
						sum += a.At(i, j) * x[0].At(j, c)
					}
					if !(math.Abs(sum) <= 1e-13*float64(n)) {
						t.Fatalf("%d×%d: residual of element (%d, %d) is %.2g", n, m, i, c, sum)
					}
				}
			}
		}
	})
}

// Workers and other right-hand sides do not change the bits of a solution.
func TestSolveBits(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		const n, m = 500, 130
		a, b := triangular(n, 0, 9), random(n, m, 0, 10)
		want := b.clone()
		if err := SolveTriangular(Lower, true, a, want, Options{Path: p, Workers: 1}); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{0, 2, 3, 9} {
			got := b.clone()
			if err := SolveTriangular(Lower, true, a, got, Options{Path: p, Workers: workers}); err != nil {
				t.Fatal(err)
			}
			sameBits(t, "workers", got.Data, want.Data)
		}
		for _, c := range []int{0, 23, 24, 129} {
			one := Dense(n, 1, make([]float64, n))
			for i := range n {
				one.Data[i] = b.At(i, c)
			}
			if err := SolveTriangular(Lower, true, a, one, Options{Path: p}); err != nil {
				t.Fatal(err)
			}
			for i, x := range one.Data {
				if x != want.At(i, c) {
					t.Fatalf("column %d alone gives %v in row %d, with others %v", c, x, i, want.At(i, c))
				}
			}
		}
	})
}

// The estimate is the true condition of diagonal matrices, and within a factor of three of it for others.
func TestCondition(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, n := range []int{0, 1, 2, 50, 260} {
			for _, triangle := range []Triangle{Lower, Upper} {
				a := definite(n, 0, 11)
				norm := Norm(triangle, a.only(triangle))
				if err := Cholesky(triangle, a, Options{Path: p}); err != nil {
					t.Fatal(err)
				}
				inverse := Dense(n, n, make([]float64, n*n))
				for i := range n {
					inverse.Data[i*n+i] = 1
				}
				if err := Solve(triangle, a, inverse, Options{Path: p}); err != nil {
					t.Fatal(err)
				}
				truth := norm * Norm(Lower, inverse)
				got, err := Condition(triangle, a, norm, Options{Path: p})
				if err != nil || !(got <= truth*(1+1e-10) && got >= truth/3) {
					t.Errorf("%d: estimate %g, truth %g, error %v", n, got, truth, err)
				}
			}
		}
	})
	d := Dense(3, 3, []float64{1e6, 0, 0, 0, 1e-6, 0, 0, 0, 4})
	norm := Norm(Lower, d)
	if err := Cholesky(Lower, d, Options{}); err != nil {
		t.Fatal(err)
	}
	if got, err := Condition(Lower, d, norm, Options{}); err != nil || math.Abs(got/1e12-1) > 1e-9 {
		t.Errorf("condition %g of a diagonal matrix, want 1e12 (error %v)", got, err)
	}
}

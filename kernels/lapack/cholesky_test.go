package lapack

import (
	"errors"
	"math"
	"slices"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

func eachPath(t *testing.T, f func(t *testing.T, p simd.Path)) {
	for _, p := range simd.Available() {
		t.Run(p.String(), func(t *testing.T) { f(t, p) })
	}
}

// poison is a NaN that no computation makes.
var poison = math.Float64frombits(0x7ff8dead0000dead)

func isPoison(x float64) bool { return math.Float64bits(x) == math.Float64bits(poison) }

// random is a rows×cols matrix of numbers in (−1, 1), with gap poisoned values after every row.
func random(rows, cols, gap int, seed uint64) Matrix {
	r := philox.New([32]byte{7}, seed)
	m := Matrix{Rows: rows, Cols: cols, Stride: cols + gap, Data: make([]float64, rows*(cols+gap))}
	for i := range m.Data {
		m.Data[i] = poison
		if i%m.Stride < cols {
			m.Data[i] = 2*r.Float64() - 1
		}
	}
	return m
}

// definite is a symmetric positive definite matrix of condition about n.
func definite(n, gap int, seed uint64) Matrix {
	m := random(n, n, gap, seed)
	for i := range n {
		for j := range i {
			m.Data[j*m.Stride+i] = m.At(i, j)
		}
		m.Data[i*m.Stride+i] = 1 + 2*math.Sqrt(float64(n))*(1+m.At(i, i)/4)
	}
	return m
}

// only is the matrix with poison in the other triangle.
func (m Matrix) only(t Triangle) Matrix {
	m = m.clone()
	for i := range m.Rows {
		for j := range m.Cols {
			if (t == Lower) == (j > i) && i != j {
				m.Data[i*m.stride()+j] = poison
			}
		}
	}
	return m
}

func (m Matrix) clone() Matrix {
	m.Data = slices.Clone(m.Data)
	return m
}

func sameBits(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

var sizes = []int{0, 1, 2, 3, 7, 8, 9, 15, 16, 23, 24, 25, 31, 47, 48, 49, 100, 239, 240, 241, 263, 264, 265, 479, 480, 481, 500}

// The factor times its transpose is the matrix, and the factor is that of the textbook.
func TestCholesky(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, n := range sizes {
			a := definite(n, n%3, 1)
			want := a.clone()
			if err := choleskyReference(want); err != nil {
				t.Fatal(err)
			}
			lower, upper := a.only(Lower), a.only(Upper)
			for triangle, m := range []Matrix{lower, upper} {
				if err := Cholesky(Triangle(triangle), m, Options{Path: p, Workers: 1 + n%3}); err != nil {
					t.Fatal(n, err)
				}
			}
			for i := range n {
				for j := range n {
					if j > i {
						if !isPoison(lower.At(i, j)) || !isPoison(upper.At(j, i)) {
							t.Fatalf("%d: the other triangle was written", n)
						}
						continue
					}
					if lower.At(i, j) != upper.At(j, i) {
						t.Fatalf("%d: element (%d, %d) is %v in L, %v in U", n, i, j, lower.At(i, j), upper.At(j, i))
					}
					if off := math.Abs(lower.At(i, j) - want.At(i, j)); !(off <= 1e-12*math.Sqrt(a.At(i, i))) {
						t.Fatalf("%d: element (%d, %d) is %v, textbook %v", n, i, j, lower.At(i, j), want.At(i, j))
					}
				}
				for _, m := range []Matrix{lower, upper} {
					if end := (i + 1) * m.Stride; !isPoison(m.Data[end-1]) && m.Stride > n {
						t.Fatalf("%d: memory behind row %d was written", n, i)
					}
				}
			}
			if r := residual(a, lower); !(r <= float64(n)*0x1p-52) {
				t.Errorf("%d: residual %.2g", n, r)
			}
		}
	})
}

// residual is the largest |A − L·Lᵀ| of an element relative to √(A_ii·A_jj).
func residual(a, l Matrix) float64 {
	worst := 0.0
	for i := range a.Rows {
		for j := range i + 1 {
			sum := 0.0
			for k := range j + 1 {
				sum += l.At(i, k) * l.At(j, k)
			}
			worst = max(worst, math.Abs(sum-a.At(i, j))/math.Sqrt(a.At(i, i)*a.At(j, j)))
		}
	}
	return worst
}

// A matrix that is nearly singular has a factor as exact as others.
func TestCholeskyOfNearlySingular(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		const n, rank = 300, 40
		g := random(n, rank, 0, 2)
		a := Dense(n, n, make([]float64, n*n))
		for i := range n {
			for j := range n {
				for k := range rank {
					a.Data[i*n+j] += g.At(i, k) * g.At(j, k)
				}
			}
			a.Data[i*n+i] += 1e-11
		}
		l := a.clone()
		if err := Cholesky(Lower, l, Options{Path: p}); err != nil {
			t.Fatal(err)
		}
		if r := residual(a, l); !(r <= n*0x1p-52) {
			t.Errorf("residual %.2g", r)
		}
	})
}

func TestCholeskyWorkers(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		a := definite(701, 1, 3)
		want := a.clone()
		if err := Cholesky(Lower, want, Options{Path: p, Workers: 1}); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{0, 2, 3, 16} {
			got := a.clone()
			if err := Cholesky(Lower, got, Options{Path: p, Workers: workers}); err != nil {
				t.Fatal(err)
			}
			sameBits(t, "workers", got.Data, want.Data)
		}
	})
}

// The first row that makes the matrix indefinite, or that is not finite, is named.
func TestPivots(t *testing.T) {
	eachPath(t, func(t *testing.T, p simd.Path) {
		for _, n := range []int{1, 10, 250, 500} {
			for _, row := range []int{0, n / 2, n - 1} {
				for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
					for _, triangle := range []Triangle{Lower, Upper} {
						a := definite(n, 0, 4)
						a.Data[row*n+row] = bad
						err := Cholesky(triangle, a, Options{Path: p})
						var pivot *PivotError
						if !errors.As(err, &pivot) || pivot.Row != row {
							t.Errorf("%d: %v on the diagonal of row %d: %v", n, bad, row, err)
						}
					}
				}
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	for name, err := range map[string]error{
		"not square": Cholesky(Lower, random(3, 4, 0, 1), Options{}),
		"too short":  Cholesky(Lower, Matrix{Rows: 3, Cols: 3, Data: make([]float64, 8)}, Options{}),
		"stride":     Cholesky(Upper, Matrix{Rows: 3, Cols: 3, Stride: 2, Data: make([]float64, 9)}, Options{}),
		"workers":    Cholesky(Upper, random(3, 3, 0, 1), Options{Workers: -1}),
		"path":       Cholesky(Upper, random(3, 3, 0, 1), Options{Path: 77}),
		"rows":       Solve(Lower, definite(3, 0, 1), random(4, 1, 0, 1), Options{}),
		"triangle":   SolveTriangular(Lower, false, random(3, 4, 0, 1), random(3, 1, 0, 1), Options{}),
	} {
		if err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}

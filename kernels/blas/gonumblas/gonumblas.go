package gonumblas

import (
	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	reference "gonum.org/v1/gonum/blas/gonum"

	"attrib/kernels/blas"
	"attrib/kernels/simd"
)

// Implementation is gonum's BLAS with the float32 product of kernels/blas. The zero value is ready.
type Implementation struct{ reference.Implementation }

// Use registers [Implementation] with gonum's blas32, for the whole process.
func Use() { blas32.Use(Implementation{}) }

// Sgemm sets C (m×n, rows ldc apart) to alpha·op(A)·op(B) + beta·C, row-major, as gonum does: op transposes for Trans and
// ConjTrans. It panics on wrong arguments.
func (i Implementation) Sgemm(tA, tB gonum.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if err := simd.Check(); err != nil {
		panic(err)
	}
	if min(m, n, k, lda, ldb, ldc) > 0 && known(tA) && known(tB) {
		err := blas.Gemm(alpha, view(tA, m, k, a, lda), view(tB, k, n, b, ldb), beta, blas.Matrix{Rows: m, Cols: n, Stride: ldc, Data: c}, blas.Options{})
		if err == nil {
			return
		}
	}
	i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) // nothing to add up, or it says what is wrong
}

func known(t gonum.Transpose) bool {
	return t == gonum.NoTrans || t == gonum.Trans || t == gonum.ConjTrans
}

// view is the operand whose shape after transposition is rows×cols.
func view(t gonum.Transpose, rows, cols int, data []float32, stride int) blas.Matrix {
	if t == gonum.NoTrans {
		return blas.Matrix{Rows: rows, Cols: cols, Stride: stride, Data: data}
	}
	return blas.Matrix{Rows: cols, Cols: rows, Stride: stride, Trans: true, Data: data}
}

// Package lapack factors and solves dense float64 systems on all cores: Cholesky, triangular solves with many right-hand
// sides, and symmetric eigenvalues.
//
// The two functions most callers need are [Cholesky], which factors a symmetric positive definite matrix in place, and
// [Solve], which then solves for the columns of B. [Condition] says how far the solution can be trusted; [EigenSym] is
// for matrices that need their eigenvalues.
//
// # Method
//
// Blocked right-looking Cholesky and left-looking substitution, as in LAPACK (Anderson et al., "LAPACK Users' Guide",
// 1999), on panels of 24 columns that are packed as in Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication" (2008). Tiles of 8×24 (AVX-512) or 4×12 sums (AVX2) are made in registers by code of
// kernels/internal/asmgen; plain Go does the same where there is none, and where ATTRIB_CPU or [Options].Path asks for
// it. The condition is estimated as by LAPACK's dpocon: Higham, "FORTRAN codes for estimating the one-norm of a real or
// complex matrix" (1988).
//
// # Determinism
//
// The number of workers, strides and the triangle that is used do not change a bit of a factor or a solution, nor do the
// other right-hand sides. AVX2 and AVX-512 fuse and may differ in the last places, as they solve 4 and 8 rows at a time.
//
// # Assumptions and failure modes
//
// Only the named triangle of a symmetric or triangular matrix is read, and only it is written. Matrices do not overlap.
// Shapes are checked before anything is written, all violations together. A matrix that is not positive definite, or not
// finite, is a [*PivotError] that names the row; what its triangle then holds is of no use. ‖A − L·Lᵀ‖ is at most about
// n·2⁻⁵²·‖A‖ (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 10.3).
package lapack

// arch: 75 80
// Cholesky factors: many small matrices, with their sums over coalitions made in place, and one large matrix in blocks.
// Unproven on a GPU.
//
// cholesky_small_*: a block factors a matrix of up to 512 rows in shared memory, or in global memory where it does not fit,
// in panels. Right-hand sides are rows below the matrix, so the factorisation solves L*y = b on the way; what is left is
// the transposed substitution. With coalitions, the matrix is the sum of the players' Gram matrices in rising order, plus
// ridge on the diagonal: v(S) depends on S alone, not on the way there.
//
// Work per matrix of n rows and m right-hand sides: n^3/3 + 2*n^2*m operations, n^2/2 numbers from L2 per player of the
// coalition. 10^6 coalitions of 10 players, 128 rows, float32: 0.7e12 operations, 20 ms at 35 TFLOP/s; 3.3e11 bytes from
// L2, 60 ms at 5.5 TB/s: bound by the sums.
//
// cholesky_corner, _substitute and _subtract are the blocked form in float64, 64 rows a step: n^3/3 operations, 10 ms for
// n = 8,192 at 30 TFLOP/s were they all in _subtract, which reads 8 numbers of shared memory for 16 multiply-adds.
#include "choleskysmall.cuh"
#include "choleskylarge.cuh"

// Package blas multiplies float32 matrices: one product, or many small ones of the same shape.
//
// The two functions you need are [Gemm], C = α·op(A)·op(B) + β·C, and [GemmBatch], the same for a row of products with a
// fixed step between their operands, which is what training many small networks together does. Package
// kernels/blas/gonumblas gives the product to gonum and gorgonia.
//
// # Method
//
// A strip of columns of op(B) is multiplied with rows of op(A), 6×64 to 12×16 sums at a time in registers (AVX-512;
// 6×16 and 12×8 with AVX2), as in Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008).
// Small operands are read where they lie; larger ones, and a transposed B, are packed. The assembly is made by
// kernels/internal/asmgen; plain Go does the same where there is none, and where ATTRIB_CPU or [Options].Path asks
// for it.
//
// # Determinism
//
// An element of C is one chain of additions from zero over k, in order, then ·α, then + β·C (or the bias). With AVX2 and
// AVX-512 every step is fused, and both give the same bits. Plain Go rounds each product before it is added, also where the
// compiler could fuse: the same bits on every machine, but not those of the fused paths. Nothing else reaches the bits:
// not the other rows and columns, the place in a batch, strides, blocks or workers. Signs and payloads of NaN are not
// promised.
//
// # Assumptions and failure modes
//
// C does not overlap A or B. Shapes, strides and lengths are checked before anything is written and reported together.
// When α is 0, A and B are not read; when β is 0, C is not read, so that NaN in it does not spread. Errors of
// ATTRIB_CPU are reported by every call. A step of the chain rounds at 2⁻²⁴ of the partial sum, so the error of an
// element grows with k: up to k·2⁻²⁴·Σ|aᵢbᵢ|, typically √k.
package blas

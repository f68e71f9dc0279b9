// Package project multiplies rows by random matrices that are never kept: Johnson–Lindenstrauss projections of gradients that are
// too wide to hold.
//
// [Matrix.Project] projects lines of numbers, [TwoSided] the factors of a layer's gradient; [Matrix.Signs] gives a row of a sign
// matrix.
//
// # Method
//
// Entries come from a counter-based generator (Philox4x32-10, package internal/philox), keyed by seed, matrix, row and column: the
// same bits on every machine and path and in every order, and in the Python package attrib_torch.
//
//   - Sign: entry (r, c) of matrix m is bit c mod 32 of word (c mod 128) div 32 of block (c div 128, r, m); 0 stands for +1.
//   - Gaussian: half c mod 2 (the lower one first) of word (c mod 8) div 2 of block (c div 8, r, m). Its lower 12 bits choose a
//     magnitude of a committed table, its highest is the sign: logarithms and cosines differ between machines, a table does not.
//   - Sparse: nonzero t of s of column c lies in rows t·k/s … (t+1)·k/s − 1, by word 0 of block (c, t, m), and is negative
//     where word 1 is odd. This is the sparse transform of Kane and Nelson, "Sparser Johnson-Lindenstrauss transforms" (2014).
//
// Words, signs and normal numbers are made in generated AVX-512 or AVX2 where there is, a run of 1,024 columns at a time, and meet
// all lines in one product (package kernels/blas). A two-sided projection (LoGra: Choe et al. 2024, arXiv 2405.13954) takes
// layer l's activations by matrix 2l and its output gradients by matrix 2l+1.
//
// # Failure modes
//
// Lines that are not finite, and projections that overflow float32, are refused by row. Columns are numbered in 32 bits.
package project

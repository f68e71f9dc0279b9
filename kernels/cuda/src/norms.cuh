// Norms of rows in float64, with the bits of kernels/cpu.
#pragma once
#include "rows.cuh"

// exponentOf is e of x = f*2^e with f in [0.5, 1), for a positive x that is a normal number.
INLINE int exponentOf(double x) { return (int)((unsigned long long)__double_as_longlong(x) >> 52 & 2047) - 1022; }

INLINE double powerOfTwo(int e) { return __longlong_as_double((long long)(e + 1023) << 52); }

// squaredNorm adds up the squares of a row by sixteen threads that follow each other: 16 chains, joined in halves, and
// one more for the rest of the columns. The first of them has the sum. All threads of the block call it, with a number
// for each in chains; rows that are not there count nothing.
INLINE double squaredNorm(double *chains, const Rows &r, int row) {
  int lane = threadIdx.x % 16, whole = r.width & ~15;
  double *chain = chains + threadIdx.x / 16 * 16;
  double sum = 0, rest = 0;
  if (row < r.count) {
    for (int k = lane; k < whole; k += 16) {
      double x = element(r, row, k);
      sum += x * x;
    }
  }
  chain[lane] = sum;
  __syncthreads();
  for (int half = 8; half > 0; half /= 2) {
    double other = lane < half ? chain[lane + half] : 0;
    if (lane < half) chain[lane] += other;
    __syncthreads();
  }
  double squared = chain[0];
  __syncthreads();
  if (row >= r.count || lane != 0) return 0;
  for (int k = whole; k < r.width; k++) {
    double x = element(r, row, k);
    rest += x * x;
  }
  return squared + rest;
}

// One large matrix in blocks of 64 rows, in float64; part of cholesky.cu. Unproven on a GPU.
#pragma once
#include "choleskysmall.cuh"

const int largeBlock = 64, largeLine = largeBlock + 1;

// cholesky_corner factors a block on the diagonal, of up to 64 rows `stride` apart, by one block of threads. What does not
// go is told by 1 + its row, counted from first; nothing more is then done by any of these kernels.
extern "C" __global__ void __launch_bounds__(256, 1) cholesky_corner(double *a, long long stride, int rows, int first, int *info) {
  SHARED(double, smem);
  __shared__ int failed;
  Small<double> s;
  s.n = s.rows = rows, s.line = largeLine, s.panelLine = largeBlock + 4;
  s.w = smem, s.panel = s.w + largeBlock * largeLine, s.corner = s.panel + Width<double>::value * s.panelLine;
  s.failed = &failed;
  if (*info) return;
  if (threadIdx.x == 0) failed = 0;
  for (int i = threadIdx.x; i < rows * rows; i += blockDim.x)
    if (i % rows <= i / rows) s.w[i / rows * largeLine + i % rows] = a[i / rows * stride + i % rows];
  __syncthreads();
  bool whole = factor(s);
  if (!whole) {
    if (threadIdx.x == 0) *info = first + failed;
    return;
  }
  for (int i = threadIdx.x; i < rows * rows; i += blockDim.x)
    if (i % rows <= i / rows) a[i / rows * stride + i % rows] = s.w[i / rows * largeLine + i % rows];
}

// SubstituteArgs is a launch of cholesky_substitute. The Go side has the same struct.
struct SubstituteArgs {
  const double *corner; // lower triangle of `rows` rows, stride numbers apart
  double *x;            // vectors of `rows` numbers: right-hand sides, then solutions
  const int *info;
  long long stride, step, next; // numbers between rows of the corner, numbers of a vector, vectors
  int rows, count, back;        // back: the transpose is solved, from the last row on
};

// cholesky_substitute solves E*x = b or E^T*x = b for 32 vectors a block, eight lanes to a vector: lane q has numbers q, q+8,
// q+16 ...
extern "C" __global__ void __launch_bounds__(256) cholesky_substitute(SubstituteArgs a) {
  SHARED(double, e); // [64][65]: element (i, j) is what x_j is taken times from equation i, the diagonal inverted
  if (*a.info) return;
  for (int i = threadIdx.x; i < largeBlock * largeBlock; i += 256) {
    int row = i / largeBlock, col = i % largeBlock, r = max(row, col), c = min(row, col);
    double v = row == col ? 1. : 0.;
    if (r < a.rows) v = a.corner[r * a.stride + c];
    e[row * largeLine + col] = row == col ? inverse(v) : v;
  }
  __syncthreads();
  const int vector = blockIdx.x * 32 + threadIdx.x / 8, q = threadIdx.x % 8;
  double *x = a.x + vector * a.next, v[8];
#pragma unroll
  for (int i = 0; i < 8; i++) v[i] = vector < a.count && q + 8 * i < a.rows ? x[(q + 8 * i) * a.step] : 0.;
#pragma unroll 1
  for (int pass = 0; pass < 8; pass++) {
    const int block = a.back ? 7 - pass : pass; // of eight unknowns
#pragma unroll 1
    for (int k = 0; k < 8; k++) {
      const int lane = a.back ? 7 - k : k, j = 8 * block + lane;
      double mine = 0.;
#pragma unroll
      for (int i = 0; i < 8; i++)
        if (i == block) mine = v[i];
      const double known = __shfl_sync(~0u, __dmul_rn(mine, e[j * largeLine + j]), lane, 8);
#pragma unroll
      for (int i = 0; i < 8; i++) {
        const int row = q + 8 * i;
        if (row == j) v[i] = known;
        if (a.back ? row < j : row > j) v[i] = minus(e[row * largeLine + j], known, v[i]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 8; i++)
    if (vector < a.count && q + 8 * i < a.rows) x[(q + 8 * i) * a.step] = v[i];
}

// SubtractArgs is a launch of cholesky_subtract: C -= A*B. The Go side has the same struct.
struct SubtractArgs {
  const double *a, *b;
  double *c;
  const int *info;
  long long rowA, stepA, stepB, colB, rowC; // numbers between rows and steps of A, steps and columns of B, rows of C
  int rows, cols, depth, lower;             // lower: only C's lower triangle
};

const int subtractDepth = 16;

// putSubtract lays down 16 steps of 64 rows of A, or columns of B, as [step][65]; zeros beyond them.
DEVICE void putSubtract(double *to, const double *from, long long row, long long step, int rows, int depth) {
  for (int i = threadIdx.x; i < largeBlock * subtractDepth; i += 256) {
    int r = step == 1 ? i / subtractDepth : i % largeBlock, k = step == 1 ? i % subtractDepth : i / largeBlock;
    to[k * largeLine + r] = r < rows && k < depth ? from[r * row + k * step] : 0.;
  }
}

// cholesky_subtract: a block has a tile of 64 x 64, a thread rows y + 16*i and columns x + 16*j of it.
extern "C" __global__ void __launch_bounds__(256, 2) cholesky_subtract(SubtractArgs a) {
  SHARED(double, smem);
  const int row0 = blockIdx.y * largeBlock, col0 = blockIdx.x * largeBlock, x = threadIdx.x % 16, y = threadIdx.x / 16;
  if (*a.info || (a.lower && col0 > row0)) return;
  double *left = smem, *right = smem + subtractDepth * largeLine, sum[4][4] = {};
  for (int k0 = 0; k0 < a.depth; k0 += subtractDepth) {
    putSubtract(left, a.a + row0 * a.rowA + k0 * a.stepA, a.rowA, a.stepA, a.rows - row0, a.depth - k0);
    putSubtract(right, a.b + col0 * a.colB + k0 * a.stepB, a.colB, a.stepB, a.cols - col0, a.depth - k0);
    __syncthreads();
#pragma unroll 4
    for (int k = 0; k < subtractDepth; k++) {
      double p[4], q[4];
#pragma unroll
      for (int i = 0; i < 4; i++) p[i] = left[k * largeLine + y + 16 * i], q[i] = right[k * largeLine + x + 16 * i];
#pragma unroll
      for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) sum[i][j] = __fma_rn(p[i], q[j], sum[i][j]);
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 4; i++)
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int row = row0 + y + 16 * i, col = col0 + x + 16 * j;
      if (row < a.rows && col < a.cols && (!a.lower || col <= row)) {
        double *to = a.c + row * a.rowC + col;
        *to = __dsub_rn(*to, sum[i][j]);
      }
    }
}
EMU_KERNEL(cholesky_corner)
EMU_KERNEL(cholesky_substitute)
EMU_KERNEL(cholesky_subtract)

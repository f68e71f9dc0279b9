// Batches of products of one shape, C = alpha*op(A)*op(B) + beta*C or + bias: the layers of many small networks that are
// trained together. Unproven on a GPU.
//
// gemm_f32_* have the bits of kernels/blas's vector paths: one chain of fused multiply-adds over k from zero, then alpha,
// then beta*C, fused. gemm_tf32 (sm_80) is float32 to about 2^-21 of sum |a||b|; gemm_bf16 (sm_80) and gemm_f16 round the
// operands and sum in float32.
//
// Work per product: 2*m*n*k operations; 4*(m*k*ceil(n/64) + k*n*ceil(m/64) + m*n) bytes, mostly from L2. 1,024 products of
// 64 x 64 x 64 are 0.54 GFLOP and 50 MB: bound by bytes, 12 us at 4.3 TB/s. Large products are bound by arithmetic: 128 x
// 128 tiles read 16 numbers of shared memory for 64 multiply-adds of a thread.
#include "square.cuh"
#include "fragment.cuh"

// GemmArgs is a launch. The Go side has the same struct.
struct GemmArgs {
  const float *a, *b;
  float *c;
  const float *bias;                         // null for none
  long long stepA, stepB, stepC, stepBias;   // numbers between products
  long long rowA, colA, rowB, colB, rowC;    // numbers between rows and columns of op(A) and op(B), rows of C
  int m, n, k, count;
  float alpha, beta;
};

// Operand is op(A), or the transpose of op(B), of one product: `rows` rows of k numbers.
struct Operand {
  const float *data;
  long long row, step; // numbers between rows, and between steps of k
  int rows, depth;

  DEVICE float at(int r, int k) const { return r < rows && k < depth ? data[r * row + k * step] : 0.f; }
};

// place is where thread's value `part` of a tile of ROWS rows and DEPTH steps is: neighbours in memory go to neighbouring
// threads, whichever way the operand lies.
template <int ROWS, int DEPTH> DEVICE void place(const Operand &o, int e, int &r, int &k) {
  if (o.step == 1) {
    k = e % DEPTH;
    r = e / DEPTH;
  } else {
    r = e % ROWS;
    k = e / ROWS;
  }
}

DEVICE Operand operandA(const GemmArgs &g, int product, int row0) {
  return {g.a + product * g.stepA + row0 * g.rowA, g.rowA, g.colA, g.m - row0, g.k};
}

DEVICE Operand operandB(const GemmArgs &g, int product, int col0) {
  return {g.b + product * g.stepB + col0 * g.colB, g.colB, g.rowB, g.n - col0, g.k};
}

// finish is what becomes of a sum. Without a sum, nothing is fused: C keeps signs of zeros.
DEVICE void finish(const GemmArgs &g, int product, int row, int col, float sum) {
  if (row >= g.m || col >= g.n) return;
  float *at = g.c + product * g.stepC + row * g.rowC + col;
  if (g.k == 0) {
    if (g.bias) *at = g.bias[product * g.stepBias + col];
    else if (g.beta != 1.f) *at = g.beta == 0.f ? 0.f : __fmul_rn(g.beta, *at);
    return;
  }
  if (g.alpha != 1.f) sum = __fmul_rn(g.alpha, sum);
  if (g.bias) sum = __fadd_rn(g.bias[product * g.stepBias + col], sum);
  else if (g.beta != 0.f) sum = __fmaf_rn(g.beta, *at, sum);
  *at = sum;
}

template <class S, int BM, int BN, int TM, int TN> DEVICE void fetch(const Operand &a, const Operand &b, int k, float (&x)[S::PARTSA], float (&y)[S::PARTSB]) {
  int r, step;
#pragma unroll
  for (int i = 0; i < S::PARTSA; i++) {
    place<BM, stepDepth>(a, threadIdx.x + i * 256, r, step);
    x[i] = a.at(r, k + step);
  }
#pragma unroll
  for (int i = 0; i < S::PARTSB; i++) {
    place<BN, stepDepth>(b, threadIdx.x + i * 256, r, step);
    y[i] = b.at(r, k + step);
  }
}

template <class S, int BM, int BN> DEVICE void keep(float *stage, const Operand &a, const Operand &b, const float (&x)[S::PARTSA], const float (&y)[S::PARTSB]) {
  int r, step;
#pragma unroll
  for (int i = 0; i < S::PARTSA; i++) {
    place<BM, stepDepth>(a, threadIdx.x + i * 256, r, step);
    stage[step * S::LINEA + r] = x[i];
  }
#pragma unroll
  for (int i = 0; i < S::PARTSB; i++) {
    place<BN, stepDepth>(b, threadIdx.x + i * 256, r, step);
    stage[stepDepth * S::LINEA + step * S::LINEB + r] = y[i];
  }
}

// gemm: blocks of a product follow each other along x; y deals the products.
template <int BM, int BN, int TM, int TN> DEVICE void gemm(const GemmArgs &g, unsigned char *smem) {
  typedef Square<BM, BN, TM, TN> S;
  float *stage = (float *)smem; // two of them
  const int across = (g.n + BN - 1) / BN, row0 = (int)blockIdx.x / across * BM, col0 = (int)blockIdx.x % across * BN;
  for (int product = blockIdx.y; product < g.count; product += gridDim.y) {
    const Operand a = operandA(g, product, row0), b = operandB(g, product, col0);
    float sum[TM][TN], x[S::PARTSA], y[S::PARTSB];
    S::clear(sum);
    fetch<S, BM, BN, TM, TN>(a, b, 0, x, y);
    keep<S, BM, BN>(stage, a, b, x, y);
    __syncthreads();
    for (int k = 0, at = 0; k < g.k; k += stepDepth, at ^= 1) {
      bool more = k + stepDepth < g.k;
      if (more) fetch<S, BM, BN, TM, TN>(a, b, k + stepDepth, x, y);
      S::multiply(stage + at * S::STAGE, min(stepDepth, g.k - k), sum);
      if (more) keep<S, BM, BN>(stage + (at ^ 1) * S::STAGE, a, b, x, y);
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) finish(g, product, row0 + S::row(i), col0 + S::col(j), sum[i][j]);
  }
}

extern "C" __global__ void __launch_bounds__(256, 2) gemm_f32_128(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemm<128, 128, 8, 8>(g, smem);
}
extern "C" __global__ void __launch_bounds__(256, 4) gemm_f32_64(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemm<64, 64, 4, 4>(g, smem);
}
EMU_KERNEL(gemm_f32_128)
EMU_KERNEL(gemm_f32_64)

// The products of gemm.cu and train.cu: tiles of C by blocks. What a product is comes as a struct of arguments G, a GemmArgs
// or more: how many rows and steps product p has (rowsOf, depthOf), whether a tile is to be left out (skips), and what a
// block does to a tile of C when it is written (after). Unproven on a GPU.
#pragma once
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
};

// Place is where a thread's values of a tile of ROWS rows and DEPTH steps are: neighbours in memory go to
// neighbouring threads, whichever way the operand lies. The thread's next value is `down` rows and `on` steps further.
template <int ROWS, int DEPTH, int THREADS> struct Place {
  int r, k, down, on;

  DEVICE Place of(const Operand &o) {
    const int tid = threadIdx.x;
    if (o.step == 1) return {tid / DEPTH, tid % DEPTH, THREADS / DEPTH, 0};
    return {tid % ROWS, tid / ROWS, 0, THREADS / ROWS};
  }
};

// All products of a GemmArgs are of one shape, and nothing is left to do.
DEVICE int rowsOf(const GemmArgs &g, int) { return g.m; }
DEVICE int depthOf(const GemmArgs &g, int) { return g.k; }
DEVICE bool skips(const GemmArgs &, int, int) { return false; }
template <int BM, int BN, int THREADS> DEVICE void after(const GemmArgs &, int, int, int) {}

template <class G> DEVICE Operand operandA(const G &g, int product, int row0) {
  return {g.a + product * g.stepA + row0 * g.rowA, g.rowA, g.colA, rowsOf(g, product) - row0, depthOf(g, product)};
}

template <class G> DEVICE Operand operandB(const G &g, int product, int col0) {
  return {g.b + product * g.stepB + col0 * g.colB, g.colB, g.rowB, g.n - col0, depthOf(g, product)};
}

// finish is what becomes of a sum of `depth` steps, in a product of `rows` rows. Without a sum, nothing is fused: C keeps signs of zeros.
template <class G> DEVICE void finish(const G &g, int product, int rows, int depth, int row, int col, float sum) {
  if (row >= rows || col >= g.n) return;
  float *at = g.c + product * g.stepC + row * g.rowC + col;
  if (depth == 0) {
    if (g.bias) *at = g.bias[product * g.stepBias + col];
    else if (g.beta != 1.f) *at = g.beta == 0.f ? 0.f : __fmul_rn(g.beta, *at);
    return;
  }
  if (g.alpha != 1.f) sum = __fmul_rn(g.alpha, sum);
  if (g.bias) sum = __fadd_rn(g.bias[product * g.stepBias + col], sum);
  else if (g.beta != 0.f) sum = __fmaf_rn(g.beta, *at, sum);
  *at = sum;
}

// take brings a thread's values of steps from k on; zeros beyond the operand.
template <int ROWS, int THREADS, int PARTS> DEVICE void take(const Operand &o, int k, float (&v)[PARTS]) {
  auto p = Place<ROWS, stepDepth, THREADS>::of(o);
  const float *from = o.data + p.r * o.row + (k + p.k) * o.step;
  const long long next = p.down * o.row + p.on * o.step;
  int r = p.r, step = k + p.k;
#pragma unroll
  for (int i = 0; i < PARTS; i++, from += next, r += p.down, step += p.on) v[i] = r < o.rows && step < o.depth ? *from : 0.f;
}

// put lays them down, as [step][line].
template <int ROWS, int THREADS, int PARTS> DEVICE void put(float *to, int line, const Operand &o, const float (&v)[PARTS]) {
  auto p = Place<ROWS, stepDepth, THREADS>::of(o);
  to += p.k * line + p.r;
#pragma unroll
  for (int i = 0; i < PARTS; i++, to += p.on * line + p.down) *to = v[i];
}

// gemm: blocks of a product follow each other along x; y deals the products.
template <int BM, int BN, int TM, int TN, class G> DEVICE void gemm(const G &g, unsigned char *smem) {
  typedef Square<BM, BN, TM, TN> S;
  float *stage = (float *)smem; // two of them
  const int across = (g.n + BN - 1) / BN, row0 = (int)blockIdx.x / across * BM, col0 = (int)blockIdx.x % across * BN;
  for (int product = blockIdx.y; product < g.count; product += gridDim.y) {
    if (skips(g, product, row0)) continue;
    const Operand a = operandA(g, product, row0), b = operandB(g, product, col0);
    float sum[TM][TN], x[S::PARTSA], y[S::PARTSB];
    S::clear(sum);
    take<BM, S::THREADS>(a, 0, x);
    take<BN, S::THREADS>(b, 0, y);
    put<BM, S::THREADS>(stage, S::LINEA, a, x);
    put<BN, S::THREADS>(stage + stepDepth * S::LINEA, S::LINEB, b, y);
    __syncthreads();
    for (int k = 0, at = 0; k < a.depth; k += stepDepth, at ^= 1) {
      bool more = k + stepDepth < a.depth;
      if (more) {
        take<BM, S::THREADS>(a, k + stepDepth, x);
        take<BN, S::THREADS>(b, k + stepDepth, y);
      }
      S::multiply(stage + at * S::STAGE, min(stepDepth, a.depth - k), sum);
      if (more) {
        float *next = stage + (at ^ 1) * S::STAGE;
        put<BM, S::THREADS>(next, S::LINEA, a, x);
        put<BN, S::THREADS>(next + stepDepth * S::LINEA, S::LINEB, b, y);
      }
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) finish(g, product, row0 + a.rows, a.depth, row0 + S::row(i), col0 + S::col(j), sum[i][j]);
    after<BM, BN, S::THREADS>(g, product, row0, col0);
  }
}

// A tile of 64 x 64 by four warps, 32 x 32 each, on tensor cores. Element (r, k) of an operand, or a pair of elements, is
// a word of shared memory.
const int tensorTile = 64;

DEVICE int warpRow(int i) { return (int)threadIdx.x / 64 * 32 + i * 16 + (int)threadIdx.x % 32 / 4; }
DEVICE int warpCol(int j) { return (int)threadIdx.x / 32 % 2 * 32 + j * 8 + (int)threadIdx.x % 32 / 4; }

template <class G> DEVICE void finishTile(const G &g, int product, const Operand &a, int row0, int col0, const float (&d)[2][4][4]) {
  const int t = threadIdx.x % 4, back = (int)threadIdx.x % 32 / 4;
#pragma unroll
  for (int i = 0; i < 2; i++)
#pragma unroll
    for (int j = 0; j < 4; j++)
#pragma unroll
      for (int c = 0; c < 4; c++)
        finish(g, product, row0 + a.rows, a.depth, row0 + warpRow(i) + c / 2 * 8, col0 + warpCol(j) - back + 2 * t + c % 2, d[i][j][c]);
}

#if ARCH >= 80
// Tf32 holds numbers as [step of k][72]: the eight more than 64 give the four steps of a fragment banks of their own.
struct Tf32 {
  static const int DEPTH = 16, LINE = tensorTile + 8, WORDS = DEPTH * LINE, PARTS = DEPTH * tensorTile / 128;

  DEVICE void fetch(const Operand &o, int k, unsigned (&v)[PARTS]) {
    auto p = Place<tensorTile, DEPTH, 128>::of(o);
    const float *from = o.data + p.r * o.row + (k + p.k) * o.step;
    const long long next = p.down * o.row + p.on * o.step;
    int r = p.r, step = k + p.k;
#pragma unroll
    for (int i = 0; i < PARTS; i++, from += next, r += p.down, step += p.on)
      v[i] = r < o.rows && step < o.depth ? __float_as_uint(*from) : 0u;
  }

  DEVICE void keep(const Operand &o, unsigned *to, const unsigned (&v)[PARTS]) {
    auto p = Place<tensorTile, DEPTH, 128>::of(o);
    to += p.k * LINE + p.r;
#pragma unroll
    for (int i = 0; i < PARTS; i++, to += p.on * LINE + p.down) *to = v[i];
  }

  // multiply adds lo*hi, hi*lo and hi*hi, the small ones first.
  DEVICE void multiply(const unsigned *a, const unsigned *b, float (&d)[2][4][4]) {
    const int t = threadIdx.x % 4;
#pragma unroll
    for (int k = 0; k < DEPTH; k += 8) {
      unsigned hiA[2][4], loA[2][4], hiB[4][2], loB[4][2];
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int c = 0; c < 4; c++)
          splitTF32(__uint_as_float(a[(k + t + c / 2 * 4) * LINE + warpRow(i) + c % 2 * 8]), hiA[i][c], loA[i][c]);
#pragma unroll
      for (int j = 0; j < 4; j++)
#pragma unroll
        for (int c = 0; c < 2; c++)
          splitTF32(__uint_as_float(b[(k + t + c * 4) * LINE + warpCol(j)]), hiB[j][c], loB[j][c]);
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) {
          mma_m16n8k8_tf32(d[i][j], loA[i], hiB[j]);
          mma_m16n8k8_tf32(d[i][j], hiA[i], loB[j]);
          mma_m16n8k8_tf32(d[i][j], hiA[i], hiB[j]);
        }
    }
  }
};
#endif

// Pairs holds two steps of k in a word, as [row][20]: four more than 16, so that eight rows x four words of a fragment
// have banks of their own.
template <int TYPE> struct Pairs {
  static const int DEPTH = 32, LINE = DEPTH / 2 + 4, WORDS = tensorTile * LINE, PARTS = tensorTile * DEPTH / 2 / 128;

  DEVICE void fetch(const Operand &o, int k, unsigned (&v)[PARTS]) {
    auto p = Place<tensorTile, DEPTH / 2, 128>::of(o);
    const float *from = o.data + p.r * o.row + (k + 2 * p.k) * o.step;
    const long long next = p.down * o.row + 2 * p.on * o.step;
    int r = p.r, step = k + 2 * p.k;
#pragma unroll
    for (int i = 0; i < PARTS; i++, from += next, r += p.down, step += 2 * p.on) {
      float x = r < o.rows && step < o.depth ? *from : 0.f, y = r < o.rows && step + 1 < o.depth ? from[o.step] : 0.f;
      v[i] = Half<TYPE>::pair(x, y);
    }
  }

  DEVICE void keep(const Operand &o, unsigned *to, const unsigned (&v)[PARTS]) {
    auto p = Place<tensorTile, DEPTH / 2, 128>::of(o);
    to += p.r * LINE + p.k;
#pragma unroll
    for (int i = 0; i < PARTS; i++, to += p.down * LINE + p.on) *to = v[i];
  }

  DEVICE void multiply(const unsigned *a, const unsigned *b, float (&d)[2][4][4]) {
    const int t = threadIdx.x % 4;
#pragma unroll
    for (int k = 0; k < DEPTH / 2; k += 8) {
      unsigned x[2][4], y[4][2];
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int c = 0; c < 4; c++) x[i][c] = a[(warpRow(i) + c % 2 * 8) * LINE + k + t + c / 2 * 4];
#pragma unroll
      for (int j = 0; j < 4; j++)
#pragma unroll
        for (int c = 0; c < 2; c++) y[j][c] = b[warpCol(j) * LINE + k + t + c * 4];
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) Half<TYPE>::mma(d[i][j], x[i], y[j]);
    }
  }
};

template <class T, class G> DEVICE void gemmTensor(const G &g, unsigned char *smem) {
  unsigned *stage = (unsigned *)smem; // two of them, each A and then B
  const int across = (g.n + tensorTile - 1) / tensorTile;
  const int row0 = (int)blockIdx.x / across * tensorTile, col0 = (int)blockIdx.x % across * tensorTile;
  for (int product = blockIdx.y; product < g.count; product += gridDim.y) {
    if (skips(g, product, row0)) continue;
    const Operand a = operandA(g, product, row0), b = operandB(g, product, col0);
    float d[2][4][4] = {};
    unsigned x[T::PARTS], y[T::PARTS];
    T::fetch(a, 0, x);
    T::fetch(b, 0, y);
    T::keep(a, stage, x);
    T::keep(b, stage + T::WORDS, y);
    __syncthreads();
    for (int k = 0, at = 0; k < a.depth; k += T::DEPTH, at ^= 1) {
      bool more = k + T::DEPTH < a.depth;
      if (more) {
        T::fetch(a, k + T::DEPTH, x);
        T::fetch(b, k + T::DEPTH, y);
      }
      T::multiply(stage + at * 2 * T::WORDS, stage + (at * 2 + 1) * T::WORDS, d);
      if (more) {
        T::keep(a, stage + (at ^ 1) * 2 * T::WORDS, x);
        T::keep(b, stage + ((at ^ 1) * 2 + 1) * T::WORDS, y);
      }
      __syncthreads();
    }
    finishTile(g, product, a, row0, col0, d);
    after<tensorTile, tensorTile, 128>(g, product, row0, col0);
  }
}

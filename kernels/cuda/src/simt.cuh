// Products of rows and queries in single precision, with the bits of kernels/cpu's vectors: a chain of fused
// multiply-adds, column after column, over runs of 512 columns; the sums of the runs are added one after the other.
#pragma once
#include "copy.cuh"

// Queries are packed for these products in panels of 64, column after column: [panel][depth][64], where depth is the
// width rounded up to 16. What is added is zero.
const int panelQueries = 64, runColumns = 512;

enum { DOT, DISTANCE };

// Simt is the product of BM rows and BN queries by a block of threads, each of which has TM x TN of them: rows
// ty + BM/TM*i, queries tx*TN + j. Columns come in tiles of 16 through two buffers in shared memory, so that one tile is
// fetched while the other is used.
template <int BM_, int BN_, int TM, int TN, int KIND> struct Simt {
  static const int BM = BM_, BN = BN_;
  static const int BK = 16, LINE = BK + 4; // numbers of a row in shared memory: the four more keep banks apart
  static const int TX = BN / TN, TY = BM / TM, THREADS = TX * TY;
  static const int STAGE = BM * LINE + BK * BN;
  static const int SHARED_BYTES = 2 * STAGE * 4;
  static const int ROW_PARTS = BM * BK / 4 / THREADS, QUERY_PARTS = BK * BN / 4;

  // fetch begins to bring columns k ... k+15 to a buffer, and settle ends it; a barrier must follow. Rows that are not
  // copied as they are come in settle: they would take registers that the products need.
  static INLINE void fetch(float *stage, const Rows &r, int row0, const float *panel, int k, bool direct) {
    if (direct) {
#pragma unroll 1
      for (int i = 0; i < ROW_PARTS; i++) {
        int part = (int)threadIdx.x + i * THREADS, line = part / 4, col = k + part % 4 * 4;
        int row = row0 + line < r.count ? row0 + line : r.count - 1;
        copy16(stage + line * LINE + part % 4 * 4, col < r.width ? r.data + row * r.stride + 4ll * col : r.data, col < r.width);
      }
    }
    for (int part = threadIdx.x; part < QUERY_PARTS; part += THREADS) {
      int line = part / (BN / 4), col = part % (BN / 4) * 4;
      copy16(stage + BM * LINE + line * BN + col, panel + (long long)(k + line) * panelQueries + col, true);
    }
    copyCommit();
  }

  static INLINE void settle(float *stage, const Rows &r, int row0, int k, bool direct) {
    if (!direct) {
#pragma unroll 1
      for (int i = 0; i < ROW_PARTS; i++) {
        int part = (int)threadIdx.x + i * THREADS, line = part / 4;
        int row = row0 + line < r.count ? row0 + line : r.count - 1;
        *(float4 *)(stage + line * LINE + part % 4 * 4) = four(r, row, k + part % 4 * 4);
      }
    }
    copyWait();
  }

  static INLINE float step(float q, float g, float sum) {
    if (KIND == DOT) return __fmaf_rn(q, g, sum);
    float d = __fadd_rn(g, -q);
    return __fmaf_rn(d, d, sum);
  }

  // multiply adds the 16 columns of a buffer to the sums.
  static INLINE void multiply(const float *stage, float (&run)[TM][TN]) {
    const float *rows = stage + (int)threadIdx.x / TX * LINE, *queries = stage + BM * LINE + (int)threadIdx.x % TX * TN;
#pragma unroll 1
    for (int k = 0; k < BK; k += 4) {
      float q[4][TN];
#pragma unroll
      for (int u = 0; u < 4; u++)
#pragma unroll
        for (int j = 0; j < TN; j += 4) {
          float4 v = *(const float4 *)(queries + (k + u) * BN + j);
          q[u][j] = v.x, q[u][j + 1] = v.y, q[u][j + 2] = v.z, q[u][j + 3] = v.w;
        }
#pragma unroll
      for (int i = 0; i < TM; i++) {
        float4 g = *(const float4 *)(rows + TY * i * LINE + k);
#pragma unroll
        for (int j = 0; j < TN; j++) run[i][j] = step(q[0][j], g.x, run[i][j]);
#pragma unroll
        for (int j = 0; j < TN; j++) run[i][j] = step(q[1][j], g.y, run[i][j]);
#pragma unroll
        for (int j = 0; j < TN; j++) run[i][j] = step(q[2][j], g.z, run[i][j]);
#pragma unroll
        for (int j = 0; j < TN; j++) run[i][j] = step(q[3][j], g.w, run[i][j]);
      }
    }
  }

  // product sets total to the products of rows row0 ... and the queries of a panel from its column on. All threads call
  // it; shared memory may be used again when it returns.
  static INLINE void product(float (&total)[TM][TN], unsigned char *shared, const Rows &r, int row0, const float *panel) {
    float *stages = (float *)shared;
    float run[TM][TN];
    bool direct = r.type == TYPE_F32 && !r.shifted;
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) total[i][j] = run[i][j] = 0.f;
    fetch(stages, r, row0, panel, 0, direct);
    settle(stages, r, row0, 0, direct);
    __syncthreads();
    for (int k = 0, at = 0; k < r.width; k += BK, at ^= 1) {
      bool more = k + BK < r.width;
      float *next = stages + (at ^ 1) * STAGE;
      if (more) fetch(next, r, row0, panel, k + BK, direct);
      multiply(stages + at * STAGE, run);
      if (!more || (k + BK) % runColumns == 0) {
#pragma unroll
        for (int i = 0; i < TM; i++)
#pragma unroll
          for (int j = 0; j < TN; j++) {
            total[i][j] = KIND == DOT ? __fadd_rn(total[i][j], run[i][j]) : __fadd_rn(total[i][j], -run[i][j]);
            run[i][j] = 0.f;
          }
      }
      if (more) settle(next, r, row0, k + BK, direct);
      __syncthreads();
    }
  }
};

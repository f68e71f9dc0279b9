// A square tile of a product in single precision, element by element in the order of the depth: what gemm.cu, gram.cu and
// project.cu share. Unproven on a GPU.
#pragma once
#include "device.cuh"

const int stepDepth = 16; // values of the depth that lie in shared memory at a time

// Square is the product of BM x BN by THREADS threads with TM x TN sums each. Operands lie in shared memory as [depth][BM] and
// [depth][BN], LINE values apart; four more than a multiple of 32, so that 8 steps x 4 rows are stored without conflicts.
//
// Thread (ty, tx) has rows 4*ty + i%4 + i/4*(4*TY) and columns alike: a quarter of a warp reads 16 bytes of the same row
// of B or its neighbours, which is one pass.
template <int BM, int BN, int TM, int TN> struct Square {
  static const int TX = BN / TN, TY = BM / TM, THREADS = TX * TY;
  static const int LINEA = BM + 4, LINEB = BN + 4, STAGE = stepDepth * (LINEA + LINEB);
  static const int PARTSA = BM * stepDepth / THREADS, PARTSB = BN * stepDepth / THREADS; // values that a thread fetches
  static_assert(THREADS % 32 == 0 && THREADS <= 256 && BM * stepDepth % THREADS == 0 && BN * stepDepth % THREADS == 0, "whole warps with as many values each");

  DEVICE int row(int i) { return (int)threadIdx.x / TX * 4 + i % 4 + i / 4 * (4 * TY); }
  DEVICE int col(int j) { return (int)threadIdx.x % TX * 4 + j % 4 + j / 4 * (4 * TX); }

  DEVICE void four(float *to, const float *from) {
    float4 v = *(const float4 *)from;
    to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
  }

  DEVICE void one(const float *a, const float *b, float (&sum)[TM][TN]) {
    float x[TM], y[TN];
#pragma unroll
    for (int i = 0; i < TM; i += 4) four(x + i, a + row(i));
#pragma unroll
    for (int j = 0; j < TN; j += 4) four(y + j, b + col(j));
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) sum[i][j] = __fmaf_rn(x[i], y[j], sum[i][j]);
  }

  // multiply adds `depth` steps of a stage, at most stepDepth. Steps past the last are not added at all: a zero that is
  // added would turn -0 into +0.
  DEVICE void multiply(const float *stage, int depth, float (&sum)[TM][TN]) {
    const float *a = stage, *b = stage + stepDepth * LINEA;
    if (depth == stepDepth) {
#pragma unroll 4
      for (int k = 0; k < stepDepth; k++) one(a + k * LINEA, b + k * LINEB, sum);
      return;
    }
#pragma unroll 1
    for (int k = 0; k < depth; k++) one(a + k * LINEA, b + k * LINEB, sum);
  }

  DEVICE void clear(float (&sum)[TM][TN]) {
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) sum[i][j] = 0.f;
  }
};

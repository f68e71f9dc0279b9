// arch: 75 80
// The scan by tensor cores, in four precisions. Unproven on a GPU.
#include "mma.cuh"
#include "scanargs.cuh"

// scaleWhole turns sums of products of bytes into scores. For cosines the two factors of a row are joined first: one of
// them may be too large for its score.
template <int NR, int NQ, class RowOf, class QueryOf>
INLINE void scaleWhole(const ScanArgs &a, float (&s)[NR][NQ], int row0, int query0, RowOf rowOf, QueryOf queryOf) {
#pragma unroll
  for (int i = 0; i < NR; i++) {
    int row = row0 + rowOf(i);
    float f = row < a.folds.rows ? a.rows.scale[row] : 0.f;
    if (a.by && row < a.folds.rows) f = (float)((double)f * a.rows.shift[row] * (double)a.by[row]);
#pragma unroll
    for (int j = 0; j < NQ; j++) s[i][j] = __fmul_rn(s[i][j], f);
  }
  if (!a.queryScale) return;
#pragma unroll
  for (int j = 0; j < NQ; j++) {
    int query = query0 + queryOf(j);
    float f = query < a.folds.queries ? a.queryScale[query] : 0.f;
#pragma unroll
    for (int i = 0; i < NR; i++) s[i][j] = __fmul_rn(s[i][j], f);
  }
}

// tensorScan is the scan of 128 rows x 64 queries a block; blocks of the same rows follow each other.
template <int MODE> INLINE void tensorScan(const ScanArgs &a, unsigned char *shared) {
  typedef Mma<MODE> Tile;
  if (unwanted(a)) return;
  int blocks = (a.folds.queries + Tile::BN - 1) / Tile::BN;
  int row0 = blockIdx.x / blocks * Tile::BM, query0 = blockIdx.x % blocks * Tile::BN;
  float s[4][8];
  Rows r = launchRows(a);
  if (MODE == MODE_I8) r.shifted = 0; // whole numbers stay as they are
  Tile::product(s, shared, r, row0, (const unsigned char *)a.queries + query0 * a.queryStride, a.queryStride);
  auto rowOf = [](int i) { return Tile::rowOf(i); };
  auto queryOf = [](int j) { return Tile::queryOf(j); };
  if (MODE == MODE_I8) {
    scaleWhole(a, s, row0, query0, rowOf, queryOf);
  } else if (a.by) {
    scaleRows(s, a.by, a.folds.rows, row0, rowOf);
  }
  fold<Tile::BM, Tile::BN, Tile::THREADS>(a.folds, row0, query0, s, shared, rowOf, queryOf);
}

extern "C" __global__ void __launch_bounds__(256, 2) scan_f16(ScanArgs a) {
  SHARED(unsigned char, smem);
  tensorScan<MODE_F16>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) scan_i8(ScanArgs a) {
  SHARED(unsigned char, smem);
  tensorScan<MODE_I8>(a, smem);
}
EMU_KERNEL(scan_f16)
EMU_KERNEL(scan_i8)

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(256, 2) scan_bf16(ScanArgs a) {
  SHARED(unsigned char, smem);
  tensorScan<MODE_BF16>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) scan_tf32x3(ScanArgs a) {
  SHARED(unsigned char, smem);
  tensorScan<MODE_TF32X3>(a, smem);
}
EMU_KERNEL(scan_bf16)
EMU_KERNEL(scan_tf32x3)
#endif

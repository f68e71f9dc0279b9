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

// scaleScores turns products into scores.
template <class Tile> INLINE void scaleScores(const ScanArgs &a, float (&s)[Tile::NR][Tile::NQ], int row0, int query0) {
  auto rowOf = [](int i) { return Tile::rowOf(i); };
  auto queryOf = [](int j) { return Tile::queryOf(j); };
  if (Tile::TYPE == TYPE_I8) {
    scaleWhole(a, s, row0, query0, rowOf, queryOf);
  } else if (a.by) {
    scaleRows(s, a.by, a.folds.rows, row0, rowOf);
  }
}

// Ring is where a block is in its tiles of rows: what is brought next, to which of its buffers.
template <class Tile> struct Ring {
  int stages, stage, query0, tile, step, k;

  // bring begins the next copies; beyond the last tile there are none, but a group of copies all the same.
  INLINE void bring(const ScanArgs &a, const Rows &r, bool direct, unsigned char *shared) {
    if (tile * Tile::BM < a.folds.rows) {
      unsigned char *to = shared + stage * Tile::STAGE;
      Tile::fetch(to, r, tile * Tile::BM, (const unsigned char *)a.queries + query0 * a.queryStride, a.queryStride, a.folds.lanes - query0, k, direct);
      if (!direct) Tile::convert(to, r, tile * Tile::BM, k);
      if ((k += Tile::LINE) >= r.width * Tile::SIZE) k = 0, tile += step;
    } else {
      copyCommit();
    }
    if (++stage == stages) stage = 0;
  }
};

// foldWarps takes the scores of a block: those of a warp go through its part of a buffer, 16 rows x 32 queries at a time, where
// one of these can count. A launch has up to seven times the rows before it, which is seven candidates for each place of a list:
// about one for 128 rows x 256 queries, so most pieces of a block in which something counts hold nothing.
template <class Tile>
INLINE void foldWarps(const Folds &f, int row0, int query0, const float (&s)[Tile::NR][Tile::NQ], unsigned char *buffer, const float *above, const float *below) {
  const int LOWER = Tile::NR / 2; // pieces one below the other
  int lane = (int)threadIdx.x % 32;
  bool always = f.group != nullptr || f.out != nullptr;
  unsigned matters = 0; // a bit for each piece, those below each other first
#pragma unroll
  for (int on = 0; on < Tile::NQ; on += 8) {
    bool counts[LOWER];
#pragma unroll
    for (int down = 0; down < LOWER; down++) counts[down] = always;
#pragma unroll
    for (int j = on; j < on + 8; j++) {
      float over = above[Tile::queryOf(j)], under = below[Tile::queryOf(j)];
#pragma unroll
      for (int i = 0; i < Tile::NR; i++) counts[i / 2] |= mayCount(s[i][j], over, under);
    }
#pragma unroll
    for (int down = 0; down < LOWER; down++) matters |= (unsigned)counts[down] << (on / 8 * LOWER + down);
  }
  if (!__syncthreads_or(matters)) return; // also: everybody is done with the buffer
  float *stage = (float *)buffer + threadIdx.x / 32 * 512;
#pragma unroll
  for (int down = 0; down < Tile::NR; down += 2)
#pragma unroll
    for (int on = 0; on < Tile::NQ; on += 8) {
      if (!__any_sync(~0u, matters >> (on / 8 * LOWER + down / 2) & 1)) continue;
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 8; j += 2)
          *(float2 *)(stage + stagePlace<32>(i * 8 + lane / 4, j / 2 * 8 + lane % 4 * 2)) = make_float2(s[down + i][on + j], s[down + i][on + j + 1]);
      __syncwarp();
      foldColumn(f, query0 + Tile::warpQuery() + on * 4 + lane, row0 + Tile::warpRow() + down * 8, 0, 16, [=](int i) { return stage[stagePlace<32>(i, lane)]; });
      __syncwarp();
    }
}

// tensorScan: block b has query block b % blocks and every so many tiles of 128 rows, one after the other, so that the columns of
// the next are on their way while the scores of one are taken in. Blocks of the same rows follow each other.
template <class Tile> INLINE void tensorScan(const ScanArgs &a, int stages, unsigned char *shared) {
  if (unwanted(a)) return;
  int blocks = (a.folds.queries + Tile::BN - 1) / Tile::BN;
  int query0 = blockIdx.x % blocks * Tile::BN;
  Rows r = launchRows(a);
  if (Tile::TYPE == TYPE_I8) r.shifted = 0; // whole numbers stay as they are
  bool direct = r.type == Tile::TYPE && !r.shifted;
  Ring<Tile> ring = {stages, 0, query0, (int)blockIdx.x / blocks, (int)gridDim.x / blocks, 0};
  float *above = (float *)(shared + stages * Tile::STAGE), *below = above + Tile::BN;
  layThresholds<Tile::BN, Tile::THREADS>(a.folds, query0, above, below);
  int tile = ring.tile;
  for (int i = 1; i < stages; i++) ring.bring(a, r, direct, shared);
  for (; tile * Tile::BM < a.folds.rows; tile += ring.step) {
    float s[Tile::NR][Tile::NQ];
    typename Tile::Acc c[Tile::MF][Tile::NF][4];
    if (Tile::TAKEN != 0) Tile::clear(s);
    Tile::clear(c);
    for (int k = 0; k < r.width * Tile::SIZE; k += Tile::LINE) {
      copyWaitFor(stages - 2);
      __syncthreads(); // the buffer is there, and the one before it is not read any more
      ring.bring(a, r, direct, shared);
      Tile::multiply(shared + ring.stage * Tile::STAGE, c); // the oldest, which is brought next
      if (Tile::TAKEN != 0 && (k + Tile::LINE) % (Tile::TAKEN != 0 ? Tile::TAKEN : Tile::LINE) == 0) Tile::take(s, c);
    }
    if (Tile::TAKEN == 0) Tile::set(s, c);
    else Tile::take(s, c);
    int row0 = tile * Tile::BM;
    scaleScores<Tile>(a, s, row0, query0);
    foldWarps<Tile>(a.folds, row0, query0, s, shared + ring.stage * Tile::STAGE, above, below);
  }
}

// tensorTile is the scan of 128 rows x 64 queries a block; blocks of the same rows follow each other. It takes fewer registers than
// tensorScan, and TF32X3 is bound by arithmetic.
template <int MODE> INLINE void tensorTile(const ScanArgs &a, unsigned char *shared) {
  typedef Mma<MODE> Tile;
  if (unwanted(a)) return;
  int blocks = (a.folds.queries + Tile::BN - 1) / Tile::BN;
  int row0 = blockIdx.x / blocks * Tile::BM, query0 = blockIdx.x % blocks * Tile::BN;
  float s[4][8];
  Tile::product(s, shared, launchRows(a), row0, (const unsigned char *)a.queries + query0 * a.queryStride, a.queryStride);
  scaleScores<Tile>(a, s, row0, query0);
  fold<Tile::BM, Tile::BN, Tile::THREADS>(a.folds, row0, query0, s, shared, [](int i) { return Tile::rowOf(i); }, [](int j) { return Tile::queryOf(j); });
}

extern "C" __global__ void __launch_bounds__(256, 2) scan_f16(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_F16>>(a, stages, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) scan_i8(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_I8>>(a, stages, smem);
}
EMU_KERNEL(scan_f16)
EMU_KERNEL(scan_i8)

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(256, 2) scan_bf16(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_BF16>>(a, stages, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) scan_tf32x3(ScanArgs a) {
  SHARED(unsigned char, smem);
  tensorTile<MODE_TF32X3>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 1) scan_bf16_256(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_BF16, 256>>(a, stages, smem);
}
extern "C" __global__ void __launch_bounds__(256, 1) scan_f16_256(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_F16, 256>>(a, stages, smem);
}
extern "C" __global__ void __launch_bounds__(256, 1) scan_i8_256(ScanArgs a, int stages) {
  SHARED(unsigned char, smem);
  tensorScan<Mma<MODE_I8, 256>>(a, stages, smem);
}
EMU_KERNEL(scan_bf16_256)
EMU_KERNEL(scan_f16_256)
EMU_KERNEL(scan_i8_256)
EMU_KERNEL(scan_bf16)
EMU_KERNEL(scan_tf32x3)
#endif

// arch: 90a
// The scan of bfloat16 rows on sm_90a: persistent blocks, one warpgroup that has rows brought by TMA through a ring of
// buffers, two that multiply with wgmma. Rows are the M side, 64 a warpgroup, so few queries waste nothing; queries stay
// in shared memory when they fit, and come through the ring with the rows when not. What blocks of 64, 128 or 256 queries
// are for is said in wgmma.go. Unproven on a GPU.
#include "scanargs.cuh"

#if ARCH >= 90

// Ring is where things lie in shared memory. Stage s of the ring has 128 rows x 64 columns, then, unless the queries are
// resident, BN queries x 64 columns; both as TMA leaves them with the 128-byte swizzle.
template <int BN> struct Ring {
  static const int BM = 128, BK = 64, THREADS = 384, MOST = 16; // stages at most
  static const int ROW_BYTES = BM * BK * 2, QUERY_BYTES = BN * BK * 2;
  static const int WARP_FLOATS = 16 * 32; // scores of a warp that are taken in at once
  static const int STAGED = 1024 + 2 * 256 * 4, HEAD = STAGED + 8 * WARP_FLOATS * 4;
  unsigned char *shared;
  int stages, chunks;
  bool resident;

  INLINE uint64_t *full(int s) const { return (uint64_t *)shared + s; }
  INLINE uint64_t *empty(int s) const { return (uint64_t *)shared + MOST + s; }
  INLINE uint64_t *settled() const { return (uint64_t *)shared + 2 * MOST; }
  INLINE float *above() const { return (float *)(shared + 1024); }
  INLINE float *below() const { return above() + BN; }
  INLINE float *warpScores(int warp) const { return (float *)(shared + STAGED) + warp * WARP_FLOATS; }
  INLINE unsigned char *query(int chunk) const { return shared + HEAD + chunk * QUERY_BYTES; }
  INLINE unsigned char *stage(int s) const {
    return shared + HEAD + (resident ? chunks * QUERY_BYTES : 0) + s * (ROW_BYTES + (resident ? 0 : QUERY_BYTES));
  }
};

// Place is where a thread is in the ring.
struct Place {
  int stage;
  uint32_t parity;
  INLINE void next(int stages) {
    if (++stage == stages) stage = 0, parity ^= 1;
  }
};

template <int BN> INLINE void produce(const Ring<BN> &ring, const CUtensorMap *rows, const CUtensorMap *queries, int query0, int tile, int tiles, int step) {
  typedef Ring<BN> R;
  if (ring.resident) {
    mbarrier_arrive_expect_tx(ring.settled(), ring.chunks * R::QUERY_BYTES);
    for (int c = 0; c < ring.chunks; c++) tma_load_2d(ring.query(c), queries, ring.settled(), c * R::BK, query0);
  }
  Place at = {0, 0};
  for (; tile < tiles; tile += step)
    for (int c = 0; c < ring.chunks; c++, at.next(ring.stages)) {
      unsigned char *stage = ring.stage(at.stage);
      mbarrier_wait(ring.empty(at.stage), at.parity ^ 1);
      mbarrier_arrive_expect_tx(ring.full(at.stage), R::ROW_BYTES + (ring.resident ? 0 : R::QUERY_BYTES));
      tma_load_2d(stage, rows, ring.full(at.stage), c * R::BK, tile * R::BM);
      if (!ring.resident) tma_load_2d(stage + R::ROW_BYTES, queries, ring.full(at.stage), c * R::BK, query0);
    }
}

INLINE void wgmma(float (&d)[32], uint64_t a, uint64_t b, bool accumulate) { wgmma_m64n64k16_bf16(d, a, b, accumulate); }
INLINE void wgmma(float (&d)[64], uint64_t a, uint64_t b, bool accumulate) { wgmma_m64n128k16_bf16(d, a, b, accumulate); }
INLINE void wgmma(float (&d)[128], uint64_t a, uint64_t b, bool accumulate) { wgmma_m64n256k16_bf16(d, a, b, accumulate); }

// multiply sets d to the products of the warpgroup's 64 rows of a tile and the queries. A stage is given back when the
// products that read it are done: one group of them stays under way.
template <int BN> INLINE void multiply(const Ring<BN> &ring, float (&d)[BN / 2], int group, Place &at) {
  typedef Ring<BN> R;
  bool first = (int)threadIdx.x % 32 == 0;
  int held = -1;
#pragma unroll
  for (int i = 0; i < BN / 2; i++) d[i] = 0.f;
  wgmma_fence(d); // the zeros are in their registers; from here to the last wait nothing else touches d
  for (int c = 0; c < ring.chunks; c++, at.next(ring.stages)) {
    unsigned char *rows = ring.stage(at.stage) + group * 64 * 128;
    unsigned char *queries = ring.resident ? ring.query(c) : ring.stage(at.stage) + R::ROW_BYTES;
    mbarrier_wait(ring.full(at.stage), at.parity);
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < R::BK / 16; k++) wgmma(d, wgmma_descriptor(rows + k * 32), wgmma_descriptor(queries + k * 32), true);
    wgmma_commit();
    wgmma_wait<1>();
    if (first && held >= 0) mbarrier_arrive(ring.empty(held));
    held = at.stage;
  }
  wgmma_wait<0>(d);
  if (first) mbarrier_arrive(ring.empty(held));
}

// take folds the scores of a warp: 16 rows from row0 on. d[4j + 2h + c] is that of row lane/4 + 8h and query 8j + lane%4*2
// + c (PTX ISA, "Register Fragments for wgmma.mma_async.m64nNk16", D). 32 queries at a time go through the warp's own
// part of shared memory, if one of their scores can count.
template <int BN> INLINE void take(const Ring<BN> &ring, const Folds &f, const float (&d)[BN / 2], int warp, int row0, int query0) {
  int lane = (int)threadIdx.x % 32;
  float *stage = ring.warpScores(warp);
  const float *above = ring.above(), *below = ring.below();
  bool always = f.group != nullptr || f.out != nullptr;
#pragma unroll
  for (int part = 0; part < BN / 32; part++) {
    bool matters = always;
#pragma unroll
    for (int i = 0; i < 16; i++) {
      int query = part * 32 + i / 4 * 8 + lane % 4 * 2 + i % 2;
      matters |= mayCount(d[part * 16 + i], above[query], below[query]);
    }
    if (!__any_sync(~0u, matters)) continue;
#pragma unroll
    for (int i = 0; i < 16; i += 2) {
      int row = lane / 4 + i % 4 / 2 * 8, query = i / 4 * 8 + lane % 4 * 2;
      *(float2 *)(stage + stagePlace<32>(row, query)) = make_float2(d[part * 16 + i], d[part * 16 + i + 1]);
    }
    __syncwarp();
    foldColumn(f, query0 + part * 32 + lane, row0, 0, 16, [=](int i) { return stage[stagePlace<32>(i, lane)]; });
    __syncwarp();
  }
}

template <int BN> INLINE void consume(const Ring<BN> &ring, const ScanArgs &a, int query0, int tile, int tiles, int step) {
  typedef Ring<BN> R;
  int group = (int)threadIdx.x / 128 - 1, warp = (int)threadIdx.x / 32 - 4;
  float d[BN / 2];
  Place at = {0, 0};
  if (ring.resident) mbarrier_wait(ring.settled(), 0);
  for (; tile < tiles; tile += step) {
    multiply(ring, d, group, at);
    int row0 = tile * R::BM + warp * 16, row = row0 + (int)threadIdx.x % 32 / 4;
    if (a.by) {
      float upper = row < a.folds.rows ? a.by[row] : 0.f, lower = row + 8 < a.folds.rows ? a.by[row + 8] : 0.f;
#pragma unroll
      for (int i = 0; i < BN / 2; i++) d[i] = __fmul_rn(d[i], i / 2 % 2 ? lower : upper);
    }
    take(ring, a.folds, d, warp, row0, query0);
  }
}

// wgmmaScan: block b has query block b % blocks and every so many tiles of rows.
template <int BN> INLINE void wgmmaScan(const CUtensorMap *rows, const CUtensorMap *queries, const ScanArgs &a, int stages, int resident, unsigned char *shared) {
  typedef Ring<BN> R;
  int blocks = (a.folds.queries + BN - 1) / BN, tiles = (a.folds.rows + R::BM - 1) / R::BM;
  int query0 = (int)blockIdx.x % blocks * BN, tile = blockIdx.x / blocks, step = gridDim.x / blocks;
  R ring;
  ring.shared = shared, ring.stages = stages, ring.chunks = (a.rows.width + R::BK - 1) / R::BK, ring.resident = resident != 0;
  if (threadIdx.x == 0) {
    for (int s = 0; s < stages; s++) {
      mbarrier_init(ring.full(s), 1);
      mbarrier_init(ring.empty(s), 8); // a lane of each warp that multiplies
    }
    mbarrier_init(ring.settled(), 1);
    fence_mbarrier_init();
  }
  layThresholds<BN, R::THREADS>(a.folds, query0, ring.above(), ring.below());
  __syncthreads();
  if (threadIdx.x < 128) {
    setmaxnreg_dec<40>();
    if (threadIdx.x == 0) produce(ring, rows, queries, query0, tile, tiles, step);
  } else {
    setmaxnreg_inc<232>();
    consume(ring, a, query0, tile, tiles, step);
  }
}

extern "C" __global__ void __launch_bounds__(384, 1)
    scan_wgmma_128x64(const __grid_constant__ CUtensorMap rows, const __grid_constant__ CUtensorMap queries, const __grid_constant__ ScanArgs a, int stages, int resident) {
  SHARED(unsigned char, smem);
  wgmmaScan<64>(&rows, &queries, a, stages, resident, smem);
}
extern "C" __global__ void __launch_bounds__(384, 1)
    scan_wgmma_128x128(const __grid_constant__ CUtensorMap rows, const __grid_constant__ CUtensorMap queries, const __grid_constant__ ScanArgs a, int stages, int resident) {
  SHARED(unsigned char, smem);
  wgmmaScan<128>(&rows, &queries, a, stages, resident, smem);
}
extern "C" __global__ void __launch_bounds__(384, 1)
    scan_wgmma_128x256(const __grid_constant__ CUtensorMap rows, const __grid_constant__ CUtensorMap queries, const __grid_constant__ ScanArgs a, int stages, int resident) {
  SHARED(unsigned char, smem);
  wgmmaScan<256>(&rows, &queries, a, stages, resident, smem);
}
EMU_KERNEL(scan_wgmma_128x64)
EMU_KERNEL(scan_wgmma_128x128)
EMU_KERNEL(scan_wgmma_128x256)

#endif

// arch: 75 80
// The scan of rows in factors: products of activations and of gradients, position by position, and their products added
// up. Unproven on a GPU.
#include "mma.cuh"
#include "norms.cuh"
#include "scanargs.cuh"
#include "simt.cuh"

// FactorLayer is a layer of rows and queries. A tile holds, block after block, the lines of one factor of all its rows;
// where a block begins is stated in bytes per row of the tile. The Go side has the same struct (scanargs.go).
struct FactorLayer {
  long long aAt, dAt, aStride, dStride; // in the tile; bytes from one line to the next
  long long flatAt, flatStride;         // in the room, when the layer is multiplied out
  const float *qa, *qd;                 // queries in panels (simt.cuh), position after position
  long long qaPanel, qdPanel, qaPosition, qdPosition;
  const unsigned char *ta, *td; // queries as the products want them
  long long taStride, tdStride, taPosition, tdPosition;
  int in, out, positions, queryPositions, expanded, unused;
};

// FactoredArgs is a launch. The Go side has the same struct.
struct FactoredArgs {
  const unsigned char *tile, *room;
  const FactorLayer *layers;
  float *by;       // null, or what the scores of each row of the tile are multiplied by
  double *extreme; // null, or the norm of a row whose products could leave float32, -1 for others
  int layerCount, tileRows, lo, unused;
  Folds folds;
};

// factor is the lines of one position as rows, from row lo of the tile on.
INLINE Rows factor(const FactoredArgs &a, long long at, long long stride, int positions, int position, int width) {
  Rows r;
  r.data = a.tile + at * a.tileRows + (a.lo * (long long)positions + position) * stride;
  r.stride = stride * positions;
  r.scale = nullptr, r.shift = nullptr;
  r.count = a.folds.rows, r.width = width, r.type = TYPE_F32, r.shifted = 0;
  return r;
}

INLINE Rows flatRows(const FactoredArgs &a, const FactorLayer &l) {
  Rows r = factor(a, 0, 0, 1, 0, l.in * l.out);
  r.data = a.room + l.flatAt * a.tileRows + a.lo * l.flatStride;
  r.stride = l.flatStride;
  return r;
}

// line is a query's number k at a position, of panels.
INLINE double queryNumber(const float *panels, long long panelBytes, long long positionBytes, int position, int query, int k) {
  const unsigned char *at = (const unsigned char *)panels + position * positionBytes + query / panelQueries * panelBytes;
  return ((const float *)at)[(long long)k * panelQueries + query % panelQueries];
}

INLINE double exactProduct(const Rows &r, int row, const float *panels, long long panelBytes, long long positionBytes, int position, int query) {
  double sum = 0;
  for (int k = 0; k < r.width; k++) sum += queryNumber(panels, panelBytes, positionBytes, position, query, k) * (double)element(r, row, k);
  return sum;
}

// exactCosine is the cosine of a unit query and an extreme row in float64, where nothing overflows.
__device__ __noinline__ float exactCosine(const FactoredArgs &a, int row, int query, double norm) {
  if (norm == 0) return 0.f;
  double total = 0;
  for (int i = 0; i < a.layerCount; i++) {
    const FactorLayer &l = a.layers[i];
    for (int p = 0; p < l.positions; p++) {
      Rows x = factor(a, l.aAt, l.aStride, l.positions, p, l.in), y = factor(a, l.dAt, l.dStride, l.positions, p, l.out);
      for (int q = 0; q < l.queryPositions; q++)
        total += exactProduct(x, row, l.qa, l.qaPanel, l.qaPosition, q, query) * exactProduct(y, row, l.qd, l.qdPanel, l.qdPosition, q, query);
    }
  }
  return (float)(total / norm);
}

// Plain and Tensor say how the two kinds of tiles find their queries.
template <int BM, int BN, int TM, int TN> struct Plain : Simt<BM, BN, TM, TN, DOT> {
  typedef Simt<BM, BN, TM, TN, DOT> Tile;
  static const int NR = TM, NQ = TN;
  static INLINE int rowOf(int i) { return (int)threadIdx.x / Tile::TX + Tile::TY * i; }
  static INLINE int queryOf(int j) { return (int)threadIdx.x % Tile::TX * TN + j; }
  static INLINE void make(float (&s)[NR][NQ], unsigned char *shared, const Rows &r, int row0, const unsigned char *queries, long long stride, int query0) {
    Tile::product(s, shared, r, row0, (const float *)(queries + query0 / panelQueries * stride) + query0 % panelQueries);
  }
};
template <int MODE> struct Tensor : Mma<MODE> {
  typedef Mma<MODE> Tile;
  static const int NR = 4, NQ = 8;
  static INLINE void make(float (&s)[NR][NQ], unsigned char *shared, const Rows &r, int row0, const unsigned char *queries, long long stride, int query0) {
    Tile::product(s, shared, r, row0, queries + query0 * stride, stride);
  }
};

// layerScores adds a layer to the scores, position after position of the rows and then of the queries: the product of
// activations times that of gradients, rounded once, or the product of the two sides multiplied out. The products are
// made in one place of the program, which keeps it small.
template <class F> INLINE void layerScores(const FactoredArgs &a, const FactorLayer &l, float (&total)[F::NR][F::NQ], unsigned char *shared, int row0, int query0) {
  float x[F::NR][F::NQ], y[F::NR][F::NQ];
  int queryPositions = l.expanded ? 1 : l.queryPositions, steps = l.expanded ? 1 : 2 * l.positions * queryPositions;
#pragma unroll
  for (int i = 0; i < F::NR; i++)
#pragma unroll
    for (int j = 0; j < F::NQ; j++) x[i][j] = 1.f;
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    int p = step / 2 / queryPositions, q = step / 2 % queryPositions;
    bool gradients = step % 2 == 1;
    Rows r = l.expanded ? flatRows(a, l) : gradients ? factor(a, l.dAt, l.dStride, l.positions, p, l.out) : factor(a, l.aAt, l.aStride, l.positions, p, l.in);
    F::make(y, shared, r, row0, gradients ? l.td + q * l.tdPosition : l.ta + q * l.taPosition, gradients ? l.tdStride : l.taStride, query0);
    bool last = gradients || l.expanded;
#pragma unroll
    for (int i = 0; i < F::NR; i++)
#pragma unroll
      for (int j = 0; j < F::NQ; j++) {
        if (last) total[i][j] = __fmaf_rn(x[i][j], y[i][j], total[i][j]);
        else x[i][j] = y[i][j];
      }
  }
}

// factoredScan is the scan of a block of rows and queries.
template <class F> INLINE void factoredScan(const FactoredArgs &a, unsigned char *shared) {
  int blocks = (a.folds.queries + F::BN - 1) / F::BN;
  int row0 = blockIdx.x / blocks * F::BM, query0 = blockIdx.x % blocks * F::BN;
  float s[F::NR][F::NQ];
#pragma unroll
  for (int i = 0; i < F::NR; i++)
#pragma unroll
    for (int j = 0; j < F::NQ; j++) s[i][j] = 0.f;
#pragma unroll 1
  for (int i = 0; i < a.layerCount; i++) layerScores<F>(a, a.layers[i], s, shared, row0, query0);
  auto rowOf = [](int i) { return F::rowOf(i); };
  auto queryOf = [](int j) { return F::queryOf(j); };
  if (a.by) {
    scaleRows(s, a.by + a.lo, a.folds.rows, row0, rowOf);
#pragma unroll
    for (int i = 0; i < F::NR; i++) {
      int row = row0 + rowOf(i);
      double norm = row < a.folds.rows ? a.extreme[a.lo + row] : -1;
      if (norm < 0) continue;
#pragma unroll
      for (int j = 0; j < F::NQ; j++)
        if (query0 + queryOf(j) < a.folds.queries) s[i][j] = exactCosine(a, row, query0 + queryOf(j), norm);
    }
  }
  fold<F::BM, F::BN, F::THREADS>(a.folds, row0, query0, s, shared, rowOf, queryOf);
}

typedef Plain<64, 64, 4, 4> Plain64x64;
typedef Plain<64, 8, 1, 8> Plain64x8;

extern "C" __global__ void __launch_bounds__(256, 2) factored_64x64(const __grid_constant__ FactoredArgs a) {
  SHARED(unsigned char, smem);
  factoredScan<Plain64x64>(a, smem);
}
extern "C" __global__ void __launch_bounds__(64) factored_64x8(const __grid_constant__ FactoredArgs a) {
  SHARED(unsigned char, smem);
  factoredScan<Plain64x8>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256) factored_f16(const __grid_constant__ FactoredArgs a) {
  SHARED(unsigned char, smem);
  factoredScan<Tensor<MODE_F16>>(a, smem);
}
#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(256) factored_bf16(const __grid_constant__ FactoredArgs a) {
  SHARED(unsigned char, smem);
  factoredScan<Tensor<MODE_BF16>>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256) factored_tf32x3(const __grid_constant__ FactoredArgs a) {
  SHARED(unsigned char, smem);
  factoredScan<Tensor<MODE_TF32X3>>(a, smem);
}
EMU_KERNEL(factored_bf16)
EMU_KERNEL(factored_tf32x3)
#endif

// factored_expand multiplies out a layer of rows as kernels.FactorDims.MultiplyOut does: every product and every sum is
// rounded, in the order of positions.
extern "C" __global__ void __launch_bounds__(256) factored_expand(FactoredArgs a, int layer) {
  const FactorLayer &l = a.layers[layer];
  int padded = (int)(l.flatStride / 4), width = l.in * l.out;
  long long n = (long long)a.folds.rows * padded;
  float *out = (float *)(a.room + l.flatAt * a.tileRows);
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
    int row = (int)(i / padded), k = (int)(i % padded);
    float sum = 0.f;
    for (int p = 0; k < width && p < l.positions; p++) {
      Rows x = factor(a, l.aAt, l.aStride, l.positions, p, l.in), y = factor(a, l.dAt, l.dStride, l.positions, p, l.out);
      float v = __fmul_rn(element(y, row, k / l.in), element(x, row, k % l.in));
      sum = p == 0 ? v : __fadd_rn(sum, v);
    }
    out[i] = sum;
  }
}

// plainSquares is kernels.SquaredNorm: four interleaved sums.
INLINE double plainSquares(const Rows &r, int row) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int k = 0;
  for (; k + 4 <= r.width; k += 4) {
    double x0 = element(r, row, k), x1 = element(r, row, k + 1), x2 = element(r, row, k + 2), x3 = element(r, row, k + 3);
    s0 += x0 * x0, s1 += x1 * x1, s2 += x2 * x2, s3 += x3 * x3;
  }
  for (; k < r.width; k++) {
    double x = element(r, row, k);
    s0 += x * x;
  }
  return (s0 + s1) + (s2 + s3);
}

INLINE double rowProduct(const Rows &x, const Rows &y, int row) {
  double sum = 0;
  for (int k = 0; k < x.width; k++) sum += (double)element(x, row, k) * (double)element(y, row, k);
  return sum;
}

// layerNorm is kernels.FactoredNorm of one layer.
INLINE double layerNorm(const FactoredArgs &a, const FactorLayer &l, int row) {
  double twice = 0, sum = 0;
  for (int p = 0; p < l.positions; p++) {
    Rows x = factor(a, l.aAt, l.aStride, l.positions, p, l.in), y = factor(a, l.dAt, l.dStride, l.positions, p, l.out);
    sum += plainSquares(x, row) * plainSquares(y, row);
    for (int o = 0; o < p; o++) {
      Rows u = factor(a, l.aAt, l.aStride, l.positions, o, l.in), v = factor(a, l.dAt, l.dStride, l.positions, o, l.out);
      twice += rowProduct(x, u, row) * rowProduct(y, v, row);
    }
  }
  double total = sum + 2 * twice;
  return total > 0 || total != total ? total : 0;
}

INLINE bool finiteRow(const FactoredArgs &a, int row) {
  for (int i = 0; i < a.layerCount; i++) {
    const FactorLayer &l = a.layers[i];
    for (int p = 0; p < l.positions; p++) {
      Rows x = factor(a, l.aAt, l.aStride, l.positions, p, l.in), y = factor(a, l.dAt, l.dStride, l.positions, p, l.out);
      for (int k = 0; k < l.in; k++)
        if ((__float_as_uint(element(x, row, k)) & 0x7f800000u) == 0x7f800000u) return false;
      for (int k = 0; k < l.out; k++)
        if ((__float_as_uint(element(y, row, k)) & 0x7f800000u) == 0x7f800000u) return false;
    }
  }
  return true;
}

// factored_norms measures rows for cosines. Sixteen threads have a row.
extern "C" __global__ void __launch_bounds__(256) factored_norms(FactoredArgs a) {
  __shared__ double chains[256];
  int row = blockIdx.x * 16 + threadIdx.x / 16;
  bool mine = row < a.folds.rows && threadIdx.x % 16 == 0;
  double squared = 0;
  for (int i = 0; i < a.layerCount; i++) {
    const FactorLayer &l = a.layers[i];
    if (l.expanded) {
      squared += squaredNorm(chains, flatRows(a, l), row);
    } else if (l.positions == 1) {
      double x = squaredNorm(chains, factor(a, l.aAt, l.aStride, 1, 0, l.in), row);
      squared += x * squaredNorm(chains, factor(a, l.dAt, l.dStride, 1, 0, l.out), row);
    } else if (mine) {
      squared += layerNorm(a, l, row);
    }
  }
  if (!mine) return;
  double norm = sqrt(squared), extreme = -1;
  float by = (float)(1 / norm);
  if (!(norm >= 0x1p-40 && norm <= 0x1p40) && finiteRow(a, row)) {
    double total = 0;
    for (int i = 0; i < a.layerCount; i++) total += layerNorm(a, a.layers[i], row);
    by = 0.f, extreme = sqrt(total);
  }
  a.by[row] = by, a.extreme[row] = extreme;
}

EMU_KERNEL(factored_64x64)
EMU_KERNEL(factored_64x8)
EMU_KERNEL(factored_f16)
EMU_KERNEL(factored_expand)
EMU_KERNEL(factored_norms)

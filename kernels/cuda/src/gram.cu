// arch: 75 80
// The Gram matrix, sum over rows of g*g^T, in single precision over runs of 128 rows and in double precision over the
// runs. Unproven on a GPU.
//
// gram_f32 has the bits of kernels/cpu's vector paths: in a run, fused multiply-adds in row order from zero, then one
// addition in float64. gram_tf32 (sm_80) forms the products on tensor cores, three for each (fragment.cuh), and sums in the
// same runs; its error is that of float32 sums, about twice that of gram_f32. Columns whose magnitudes in a run are extreme
// are scaled by a power of two, as kernels/cpu does (gram_top). Only tiles that meet the upper triangle are summed;
// gram_mirror fills the rest when all rows are in.
//
// Work: rows*width^2 operations (half of the full product's), 4*rows*width*(ceil(width/128)/2 + ceil(width/64)/2) bytes
// from L2. 20,000 rows of 4,096: 3.4e11 operations, 5.6 ms at 60 TFLOP/s; 15 GB from L2. A tile stays with its block, in
// registers, while all rows of the launch pass.
#include "fragment.cuh"
#include "square.cuh"

// GramArgs is a launch over a run of rows that begins at a multiple of 128. The Go side has the same struct.
struct GramArgs {
  const float *rows;   // count x stride; what is behind a row up to stride is zero
  double *out;         // width x width, added to
  signed char *unit;   // runs x stride: the exponent by which a column of a run is divided, mostly 0
  int *scaled;         // per run: not 0 where a column of it is scaled
  long long *bad;      // the lowest row that is not finite, counted from base; set beforehand to more than there are
  long long base;      // number of the first row
  int count, width, stride; // stride is a multiple of 4
};

const int runRows = 128, tileRows = 128, tileCols = 64;

// gram_top finds for every column of a run what it is divided by: block (x, y) has 128 columns of run y.
extern "C" __global__ void __launch_bounds__(128) gram_top(GramArgs a) {
  const int col = blockIdx.x * 128 + threadIdx.x, run = blockIdx.y;
  if (col >= a.stride) return;
  const int end = min(a.count, (run + 1) * runRows);
  unsigned top = 0;
  for (int row = run * runRows; row < end; row++) {
    unsigned bits = __float_as_uint(a.rows[(long long)row * a.stride + col]) & 0x7fffffffu;
    if (bits >= 0x7f800000u) {
      atomicMin(a.bad, a.base + row);
      bits = 0;
    }
    top = max(top, bits);
  }
  const unsigned least = (127u - 56u) << 23, most = (127u + 56u) << 23;
  int unit = 0;
  if (top != 0 && (top < least || top > most)) {
    unit = max(-126, min(126, (int)(top >> 23) - 126));
    if (unit != 0) atomicOr(a.scaled + run, 1);
  }
  a.unit[(long long)run * a.stride + col] = (signed char)unit;
}

DEVICE double powerOfTwo(int e) { return __longlong_as_double((long long)(e + 1023) << 52); }

// byUnits divides four numbers of neighbouring columns by their units.
DEVICE float4 byUnits(float4 v, const signed char *unit) {
  float f[4];
#pragma unroll
  for (int i = 0; i < 4; i++) f[i] = __uint_as_float((unsigned)(127 - unit[i]) << 23);
  return make_float4(__fmul_rn(v.x, f[0]), __fmul_rn(v.y, f[1]), __fmul_rn(v.z, f[2]), __fmul_rn(v.w, f[3]));
}

// quad is four columns of a row of a run; zeros beyond the last row and column.
DEVICE float4 quad(const GramArgs &a, int run, int line, int col) {
  int row = run * runRows + line;
  if (row >= a.count || col >= a.stride) return make_float4(0.f, 0.f, 0.f, 0.f);
  float4 v = *(const float4 *)(a.rows + (long long)row * a.stride + col);
  return a.scaled[run] ? byUnits(v, a.unit + (long long)run * a.stride + col) : v;
}

// Exact is the tile by fused multiply-adds: eight rows by four columns of it to a thread.
struct Exact {
  typedef Square<tileRows, tileCols, 8, 4> S;
  static const int LINEA = S::LINEA, LINEB = S::LINEB;
  DEVICE int row(int i, int) { return S::row(i); }
  DEVICE int col(int, int j) { return S::col(j); }
  DEVICE void multiply(const float *stage, float (&sum)[8][4]) { S::multiply(stage, stepDepth, sum); }
};

#if ARCH >= 80
// Tensor is the tile on tensor cores, 32 x 32 to a warp: fragment i/4 of the rows, i%4 of the columns, number j of it.
struct Tensor {
  static const int LINEA = tileRows + 8, LINEB = tileCols + 8; // four steps of a fragment have banks of their own
  DEVICE int warpRow() { return (int)threadIdx.x / 64 * 32; }
  DEVICE int warpCol() { return (int)threadIdx.x / 32 % 2 * 32; }
  DEVICE int row(int i, int j) { return warpRow() + i / 4 * 16 + (int)threadIdx.x % 32 / 4 + j / 2 * 8; }
  DEVICE int col(int i, int j) { return warpCol() + i % 4 * 8 + (int)threadIdx.x % 4 * 2 + j % 2; }

  DEVICE void multiply(const float *stage, float (&sum)[8][4]) {
    const int lane = threadIdx.x % 32, t = lane % 4, back = lane / 4;
    const float *a = stage + warpRow() + back, *b = stage + stepDepth * LINEA + warpCol() + back;
#pragma unroll
    for (int k = 0; k < stepDepth; k += 8) {
      unsigned hiA[2][4], loA[2][4], hiB[4][2], loB[4][2];
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int c = 0; c < 4; c++) splitTF32(a[(k + t + c / 2 * 4) * LINEA + i * 16 + c % 2 * 8], hiA[i][c], loA[i][c]);
#pragma unroll
      for (int j = 0; j < 4; j++)
#pragma unroll
        for (int c = 0; c < 2; c++) splitTF32(b[(k + t + c * 4) * LINEB + j * 8], hiB[j][c], loB[j][c]);
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) {
          mma_m16n8k8_tf32(sum[i * 4 + j], loA[i], hiB[j]);
          mma_m16n8k8_tf32(sum[i * 4 + j], hiA[i], loB[j]);
          mma_m16n8k8_tf32(sum[i * 4 + j], hiA[i], hiB[j]);
        }
    }
  }
};
#endif

struct Held {
  float4 a[2], b;
};

DEVICE void fetch(const GramArgs &g, int run, int line0, int row0, int col0, Held &h) {
  const int tid = threadIdx.x;
#pragma unroll
  for (int i = 0; i < 2; i++) h.a[i] = quad(g, run, line0 + tid / 32 + i * 8, row0 + tid % 32 * 4);
  h.b = quad(g, run, line0 + tid / 16, col0 + tid % 16 * 4);
}

template <class P> DEVICE void keep(float *stage, const Held &h) {
  const int tid = threadIdx.x;
#pragma unroll
  for (int i = 0; i < 2; i++) *(float4 *)(stage + (tid / 32 + i * 8) * P::LINEA + tid % 32 * 4) = h.a[i];
  *(float4 *)(stage + stepDepth * P::LINEA + tid / 16 * P::LINEB + tid % 16 * 4) = h.b;
}

// unitOf is the power of two of an element, as exponents of its row and column say.
DEVICE double unitOf(const GramArgs &a, const signed char *unit, int row, int col) {
  return row < a.width && col < a.width ? powerOfTwo(unit[row] + unit[col]) : 1.;
}

// addRun adds the sums of a run to the totals, in float64, and clears them.
template <class P> DEVICE void addRun(const GramArgs &a, int run, int row0, int col0, float (&sum)[8][4], double (&total)[8][4]) {
  if (a.scaled[run]) {
    const signed char *unit = a.unit + (long long)run * a.stride;
#pragma unroll
    for (int i = 0; i < 8; i++)
#pragma unroll
      for (int j = 0; j < 4; j++) {
        double by = unitOf(a, unit, row0 + P::row(i, j), col0 + P::col(i, j));
        total[i][j] = __dadd_rn(total[i][j], __dmul_rn((double)sum[i][j], by));
        sum[i][j] = 0.f;
      }
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++)
#pragma unroll
    for (int j = 0; j < 4; j++) {
      total[i][j] = __dadd_rn(total[i][j], (double)sum[i][j]);
      sum[i][j] = 0.f;
    }
}

// tile adds all rows of the launch to the tile of block (x, y): columns 64*x ..., rows 128*y ...
template <class P> DEVICE void tile(const GramArgs &a, unsigned char *smem) {
  const int row0 = blockIdx.y * tileRows, col0 = blockIdx.x * tileCols, stage = stepDepth * (P::LINEA + P::LINEB);
  if (col0 + tileCols <= row0) return; // below the diagonal
  float *stages = (float *)smem, sum[8][4] = {};
  double total[8][4];
#pragma unroll
  for (int i = 0; i < 8; i++)
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int row = row0 + P::row(i, j), col = col0 + P::col(i, j);
      total[i][j] = row < a.width && col < a.width ? a.out[(long long)row * a.width + col] : 0.;
    }
  const int steps = (a.count + stepDepth - 1) / stepDepth, perRun = runRows / stepDepth;
  Held h;
  fetch(a, 0, 0, row0, col0, h);
  keep<P>(stages, h);
  __syncthreads();
  for (int s = 0; s < steps; s++) {
    bool more = s + 1 < steps;
    if (more) fetch(a, (s + 1) / perRun, (s + 1) % perRun * stepDepth, row0, col0, h);
    P::multiply(stages + s % 2 * stage, sum);
    if (!more || (s + 1) % perRun == 0) addRun<P>(a, s / perRun, row0, col0, sum, total);
    if (more) keep<P>(stages + (s + 1) % 2 * stage, h);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 8; i++)
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int row = row0 + P::row(i, j), col = col0 + P::col(i, j);
      if (row < a.width && col < a.width) a.out[(long long)row * a.width + col] = total[i][j];
    }
}

extern "C" __global__ void __launch_bounds__(256, 1) gram_f32(GramArgs a) {
  SHARED(unsigned char, smem);
  tile<Exact>(a, smem);
}

// gram_mirror copies what is above the diagonal to below it, in squares of 32 by 32 x 8 threads.
extern "C" __global__ void __launch_bounds__(256) gram_mirror(double *out, int width) {
  __shared__ double square[32][33];
  if (blockIdx.x < blockIdx.y) return;
  const int x = threadIdx.x % 32, y = threadIdx.x / 32, row0 = blockIdx.y * 32, col0 = blockIdx.x * 32;
  for (int i = y; i < 32; i += 8)
    if (row0 + i < width && col0 + x < width) square[i][x] = out[(long long)(row0 + i) * width + col0 + x];
  __syncthreads();
  for (int i = y; i < 32; i += 8)
    if (col0 + i < width && row0 + x < width && col0 + i > row0 + x) out[(long long)(col0 + i) * width + row0 + x] = square[x][i];
}
EMU_KERNEL(gram_top)
EMU_KERNEL(gram_f32)
EMU_KERNEL(gram_mirror)

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(256, 1) gram_tf32(GramArgs a) {
  SHARED(unsigned char, smem);
  tile<Tensor>(a, smem);
}
EMU_KERNEL(gram_tf32)
#endif

// Batches of small matrices; part of cholesky.cu. Unproven on a GPU.
#pragma once
#include "device.cuh"

// SmallArgs is a launch, T being float or double. The Go side has the same struct.
struct SmallArgs {
  const void *gram;                    // players (or, without coalitions, count) x n x n: lower triangles are read
  const void *cross;                   // players (or count) x m x n: right-hand sides
  const unsigned long long *coalition; // count x words of 64 players; null: a matrix for each of count
  void *factor;                        // count x n x n: lower triangles are written; null when not wanted
  void *solution;                      // count x m x n
  int *info;                           // count: 0, or 1 + the row whose pivot is not a number above 0
  void *scratch;                       // null: matrices are in shared memory; else gridDim.x x (n+m) x line
  double ridge;
  int n, m, players, count;
};

template <class T> struct Width; // rows of a panel
template <> struct Width<float> { static const int value = 16; };
template <> struct Width<double> { static const int value = 8; };

// Sixteen is 16 bytes of numbers, read at once.
template <class T> struct __align__(16) Sixteen {
  static const int count = 16 / sizeof(T);
  T v[count];
};

DEVICE float root(float x) { return __fsqrt_rn(x); }
DEVICE double root(double x) { return __dsqrt_rn(x); }
DEVICE float inverse(float x) { return __fdiv_rn(1.f, x); }
DEVICE double inverse(double x) { return __ddiv_rn(1., x); }
DEVICE float minus(float a, float b, float c) { return __fmaf_rn(-a, b, c); } // c - a*b
DEVICE double minus(double a, double b, double c) { return __fma_rn(-a, b, c); }

// Small is a block's memory: the matrix and the right-hand sides below it, `line` numbers to a row, which is odd so that
// the rows of a warp have banks of their own; a panel, as [column][row]; the corner of the panel, with reciprocals on its
// diagonal.
template <class T> struct Small {
  T *w, *panel, *corner;
  int *failed;
  int n, rows, line, panelLine;
};

const int cornerLine = 17;

DEVICE int warpOf() { return (int)threadIdx.x / 32; }
DEVICE int laneOf() { return (int)threadIdx.x % 32; }

// factorCorner factors the block at (at, at) by one warp, a row to a lane. Rows past the last are those of the identity.
template <class T> DEVICE void factorCorner(const Small<T> &s, int at) {
  const int W = Width<T>::value, lane = laneOf();
  T r[W];
#pragma unroll
  for (int j = 0; j < W; j++) {
    bool inside = lane < W && at + lane < s.n && j <= lane;
    r[j] = inside ? s.w[(at + lane) * s.line + at + j] : j == lane ? T(1) : T(0);
  }
#pragma unroll
  for (int j = 0; j < W; j++) {
    T pivot = __shfl_sync(~0u, r[j], j);
    if (!(pivot > T(0))) {
      if (lane == 0) *s.failed = at + j + 1;
      return;
    }
    T l = root(pivot), by = inverse(l);
    if (lane > j) r[j] *= by;
    if (lane == j) r[j] = l;
    if (lane == j) s.corner[j * cornerLine + j] = by;
#pragma unroll
    for (int c = j + 1; c < W; c++) {
      T other = __shfl_sync(~0u, r[j], c);
      if (lane >= c) r[c] = minus(r[j], other, r[c]);
    }
  }
  if (lane >= W) return;
#pragma unroll
  for (int j = 0; j < W; j++) {
    if (j < lane) s.corner[lane * cornerLine + j] = r[j];
    if (j <= lane && at + lane < s.n) s.w[(at + lane) * s.line + at + j] = r[j];
  }
}

// substitutePanel solves for the rows below the corner, a row to a thread.
template <class T> DEVICE void substitutePanel(const Small<T> &s, int at) {
  const int W = Width<T>::value, wide = min(W, s.n - at);
  for (int row = at + wide + threadIdx.x; row < s.rows; row += blockDim.x) {
    T *to = s.w + row * s.line + at, v[W];
#pragma unroll
    for (int j = 0; j < W; j++) v[j] = j < wide ? to[j] : T(0);
#pragma unroll
    for (int j = 0; j < W; j++) {
#pragma unroll
      for (int c = 0; c < j; c++)
        if (j < wide) v[j] = minus(v[c], s.corner[j * cornerLine + c], v[j]);
      if (j < wide) v[j] *= s.corner[j * cornerLine + j];
    }
#pragma unroll
    for (int j = 0; j < W; j++) {
      if (j < wide) to[j] = v[j];
      s.panel[j * s.panelLine + row] = v[j];
    }
  }
}

// subtractPanel subtracts the panel's products from what is right of it, 32 rows by W columns to a warp, a row to a lane.
template <class T> DEVICE void subtractPanel(const Small<T> &s, int at) {
  const int W = Width<T>::value, first = at + W;
  const int down = (s.rows - first + 31) / 32, across = (s.n - first + W - 1) / W;
  for (int t = warpOf(); t < down * across; t += blockDim.x / 32) {
    const int row0 = first + t / across * 32, col0 = first + t % across * W, row = row0 + laneOf();
    if (col0 > row0 + 31) continue; // above the diagonal
    const int own = row < s.rows ? row : -1; // lanes past the last row have no numbers
    T *to = s.w + (row < s.rows ? row : s.rows - 1) * s.line + col0, v[W];
#pragma unroll
    for (int j = 0; j < W; j++) v[j] = col0 + j < s.n && col0 + j <= own ? to[j] : T(0);
#pragma unroll 4
    for (int c = 0; c < W; c++) {
      const T *p = s.panel + c * s.panelLine;
      T x = p[row < s.rows ? row : s.rows - 1];
#pragma unroll
      for (int j = 0; j < W; j += Sixteen<T>::count) {
        Sixteen<T> y = *(const Sixteen<T> *)(p + col0 + j); // the same for all lanes
#pragma unroll
        for (int u = 0; u < Sixteen<T>::count; u++) v[j + u] = minus(x, y.v[u], v[j + u]);
      }
    }
#pragma unroll
    for (int j = 0; j < W; j++)
      if (col0 + j < s.n && col0 + j <= own) to[j] = v[j];
  }
}

// factor factors the matrix; false says that a pivot failed. All threads call it, after a barrier.
template <class T> DEVICE bool factor(const Small<T> &s) {
  for (int at = 0; at < s.n; at += Width<T>::value) {
    if (warpOf() == 0) factorCorner(s, at);
    __syncthreads();
    if (*s.failed) return false;
    substitutePanel(s, at);
    __syncthreads();
    subtractPanel(s, at);
    __syncthreads();
  }
  return true;
}

// substituteBack solves L^T*x = y for the rows below the matrix, a row to a warp, and writes x.
template <class T> DEVICE void substituteBack(const Small<T> &s, T *x) {
  for (int r = warpOf(); r < s.rows - s.n; r += blockDim.x / 32) {
    T *y = s.w + (s.n + r) * s.line;
    for (int i = s.n - 1; i >= 0; i--) {
      const T *l = s.w + i * s.line;
      T v = y[i] / l[i];
      if (laneOf() == i % 32) x[(long long)r * s.n + i] = v;
      for (int j = laneOf(); j < i; j += 32) y[j] = minus(l[j], v, y[j]);
      __syncwarp();
    }
  }
}

// members lists the players of a coalition in rising order, by one warp.
DEVICE void members(const unsigned long long *coalition, int players, int *list, int *count) {
  int n = 0;
  for (int p = laneOf(); p - laneOf() < players; p += 32) {
    bool in = p < players && (coalition[p / 64] >> p % 64 & 1);
    unsigned all = __ballot_sync(~0u, in);
    if (in) list[n + __popc(all & ((1u << laneOf()) - 1))] = p;
    n += __popc(all);
  }
  if (laneOf() == 0) *count = n;
}

// gather sets up the matrix and the right-hand sides: sums over the players of a list. A warp has a row.
template <class T> DEVICE void gather(const SmallArgs &a, const Small<T> &s, const int *list, int count) {
  const long long square = (long long)a.n * a.n, beside = (long long)a.m * a.n;
  for (int row = warpOf(); row < s.rows; row += blockDim.x / 32) {
    const bool below = row >= a.n;
    const T *from = below ? (const T *)a.cross + (long long)(row - a.n) * a.n : (const T *)a.gram + (long long)row * a.n;
    const long long step = below ? beside : square;
    for (int col = laneOf(); col < (below ? a.n : row + 1); col += 32) {
      T v = 0;
#pragma unroll 4
      for (int i = 0; i < count; i++) v += from[list[i] * step + col];
      if (col == row) v += (T)a.ridge;
      s.w[row * s.line + col] = v;
    }
  }
}

template <class T> DEVICE void finishSmall(const SmallArgs &a, const Small<T> &s, int i, bool whole) {
  const T none = T(__uint_as_float(0x7fc00000u));
  T *x = (T *)a.solution + (long long)i * a.m * a.n;
  if (whole) substituteBack(s, x);
  else
    for (int j = threadIdx.x; j < a.m * a.n; j += blockDim.x) x[j] = none;
  if (a.factor) {
    T *to = (T *)a.factor + (long long)i * a.n * a.n;
    for (int row = warpOf(); row < a.n; row += blockDim.x / 32)
      for (int col = laneOf(); col <= row; col += 32) to[(long long)row * a.n + col] = whole ? s.w[row * s.line + col] : none;
  }
  if (threadIdx.x == 0) a.info[i] = *s.failed;
}

// small does the matrices of a block; w is where they are held.
template <class T> DEVICE void small(const SmallArgs &a, unsigned char *smem, T *w) {
  Small<T> s;
  s.n = a.n, s.rows = a.n + a.m, s.line = a.n | 1, s.panelLine = (s.rows + 15) / 16 * 16 + 4;
  s.panel = (T *)smem;
  s.corner = s.panel + Width<T>::value * s.panelLine;
  int *ints = (int *)(s.corner + 16 * cornerLine), *count = ints + 1, *list = ints + 2;
  s.failed = ints;
  s.w = w ? w : (T *)smem + (Width<T>::value * s.panelLine + 16 * cornerLine) + ((a.players + 2) * 4 + 15) / 16 * 16 / sizeof(T);
  for (int i = blockIdx.x; i < a.count; i += gridDim.x) {
    if (threadIdx.x == 0) *s.failed = 0;
    if (a.coalition) {
      if (warpOf() == 0) members(a.coalition + (long long)i * ((a.players + 63) / 64), a.players, list, count);
    } else if (threadIdx.x == 0) {
      *count = 1;
      list[0] = i;
    }
    __syncthreads();
    gather(a, s, list, *count);
    __syncthreads();
    bool whole = factor(s);
    finishSmall(a, s, i, whole);
    __syncthreads();
  }
}

template <class T> DEVICE void smallAnywhere(const SmallArgs &a, unsigned char *smem) {
  if (a.scratch) small<T>(a, smem, (T *)a.scratch + (long long)blockIdx.x * (a.n + a.m) * (a.n | 1));
  else small<T>(a, smem, (T *)0);
}

extern "C" __global__ void __launch_bounds__(256, 2) cholesky_small_f32(SmallArgs a) {
  SHARED(unsigned char, smem);
  smallAnywhere<float>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) cholesky_small_f64(SmallArgs a) {
  SHARED(unsigned char, smem);
  smallAnywhere<double>(a, smem);
}
EMU_KERNEL(cholesky_small_f32)
EMU_KERNEL(cholesky_small_f64)

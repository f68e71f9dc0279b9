// Dense projection on tensor cores; part of project.cu. Unproven on a GPU.
//
// Columns are taken 32 at a time. Since a sum may be formed in any order, word p of a line holds columns p and p+16: then a
// word of 32 signs becomes a fragment of B by one shift, one and, one or.

// P is the pieces of a number: those that hold all of it (wholePieces), or one, which is the number rounded to bfloat16.

#if ARCH >= 80
const int halfType = BF16, wholePieces = 3;
const unsigned ones = 0x3f803f80u;
#else
const int halfType = F16, wholePieces = 2;
const unsigned ones = 0x3c003c00u;
#endif

const int halfLine = 20, plane = tileLines * halfLine; // words: four more than 16, for banks of their own

// split lays down a pair of numbers as pieces, the largest first, in planes.
template <int P> DEVICE void split(float x, float y, unsigned (&piece)[P]) {
#pragma unroll
  for (int p = 0; p < P; p++) {
    piece[p] = Half<halfType>::pair(x, y);
    Half<halfType>::rest(piece[p], x, y);
  }
}

// layPairs stores words 4*at ... of a line in every plane: the pieces of lo[i] and hi[i].
template <int P> DEVICE void layPairs(unsigned *planes, int line, int at, const float (&lo)[4], const float (&hi)[4]) {
  unsigned w[4][P];
#pragma unroll
  for (int i = 0; i < 4; i++) split(lo[i], hi[i], w[i]);
#pragma unroll
  for (int p = 0; p < P; p++)
    *(uint4 *)(planes + p * plane + line * halfLine + 4 * at) = make_uint4(w[0][p], w[1][p], w[2][p], w[3][p]);
}

// HalfLines is what a thread fetches of x: columns 4*at ... and 16+4*at ... of lines tid/4 and tid/4+64.
struct HalfLines {
  float4 lo[2], hi[2];
};

DEVICE void fetchHalves(const ProjectArgs &a, int line0, int column, HalfLines &v) {
  const int wide = (a.cols + 3) / 4 * 4;
#pragma unroll
  for (int i = 0; i < 2; i++) {
    int line = line0 + (int)threadIdx.x / 4 + i * 64, col = column + (int)threadIdx.x % 4 * 4;
    const float *from = a.x + (long long)line * a.stride + col;
    float4 none = make_float4(0.f, 0.f, 0.f, 0.f);
    v.lo[i] = line < a.lines && col < wide ? *(const float4 *)from : none;
    v.hi[i] = line < a.lines && col + 16 < wide ? *(const float4 *)(from + 16) : none;
  }
}

template <int P> DEVICE void keepHalves(unsigned *planes, const HalfLines &v, const float (&by)[2]) {
#pragma unroll
  for (int i = 0; i < 2; i++) {
    float4 lo = v.lo[i], hi = v.hi[i];
    const float l[4] = {lo.x * by[i], lo.y * by[i], lo.z * by[i], lo.w * by[i]};
    const float h[4] = {hi.x * by[i], hi.y * by[i], hi.z * by[i], hi.w * by[i]};
    layPairs<P>(planes, (int)threadIdx.x / 4 + i * 64, (int)threadIdx.x % 4, l, h);
  }
}

DEVICE float power(int e) { return __uint_as_float((unsigned)(127 + e) << 23); }

// shiftOf is the exponent that a line is multiplied by in this run.
DEVICE int shiftOf(const ProjectArgs &a, int line) {
#if ARCH >= 80
  return 0;
#else
  return line < a.lines ? a.shift[(long long)blockIdx.y * a.lines + line] : 0;
#endif
}

// loadA brings the fragments of four times 16 lines of one plane. Lane l gives the address of line l%16 and of the first
// or second four words of a step; the halves of a fragment lie in the order of ldmatrix.
DEVICE void loadA(const unsigned *planes, int p, int line, int step, unsigned (&x)[4][4]) {
  const int lane = threadIdx.x % 32;
  const unsigned *from = planes + p * plane + (line + lane % 16) * halfLine + step * 8 + lane / 16 * 4;
#pragma unroll
  for (int i = 0; i < 4; i++) ldmatrix_x4(x[i], from + i * 16 * halfLine);
}

template <int N> DEVICE void multiplyAll(float (&d)[4][N][4], const unsigned (&x)[4][4], const unsigned (&y)[N][2]) {
#pragma unroll
  for (int i = 0; i < 4; i++)
#pragma unroll
    for (int j = 0; j < N; j++) Half<halfType>::mma(d[i][j], x[i], y[j]);
}

// stepSigns adds 16 columns: every piece of the lines, the smallest first, with signs of 32 columns of N times 8 rows.
template <int P, int N> DEVICE void stepSigns(float (&d)[4][N][4], const unsigned *planes, int line, int step, const unsigned (&sign)[N]) {
  unsigned x[4][4], y[N][2];
#pragma unroll
  for (int j = 0; j < N; j++)
#pragma unroll
    for (int h = 0; h < 2; h++) y[j][h] = (sign[j] << (15 - (step * 8 + h * 4 + (int)threadIdx.x % 4)) & 0x80008000u) | ones;
#pragma unroll
  for (int p = P - 1; p >= 0; p--) {
    loadA(planes, p, line, step, x);
    multiplyAll(d, x, y);
  }
}

// stepNormals adds 16 columns: the products of pieces p and q with p + q < P, the smallest first.
template <int P> DEVICE void stepNormals(float (&d)[4][4][4], const unsigned *planesA, const unsigned *planesB, int line, int row, int step) {
  unsigned x[4][4], y[4][2];
#pragma unroll
  for (int q = P - 1; q >= 0; q--) {
#pragma unroll
    for (int j = 0; j < 4; j++)
#pragma unroll
      for (int h = 0; h < 2; h++) y[j][h] = planesB[q * plane + (row + j * 8) * halfLine + step * 8 + (int)threadIdx.x % 4 + h * 4];
#pragma unroll
    for (int p = P - 1 - q; p >= 0; p--) {
      loadA(planesA, p, line, step, x);
      multiplyAll(d, x, y);
    }
  }
}

// storeHalf is the sums of a warp: lines line0 + line ..., rows row0 ...
template <int N> DEVICE void storeHalf(const ProjectArgs &a, int line0, int row0, const float (&d)[4][N][4]) {
  const int t = threadIdx.x % 4;
  float *part = a.part + (long long)blockIdx.y * a.lines * a.k;
#pragma unroll
  for (int i = 0; i < 4; i++)
#pragma unroll
    for (int c = 0; c < 4; c++) {
      int line = line0 + i * 16 + c / 2 * 8;
      if (line >= a.lines) continue;
      float by = power(-shiftOf(a, line));
#pragma unroll
      for (int j = 0; j < N; j++) {
        int row = row0 + j * 8 + 2 * t + c % 2;
        if (row < a.k) part[(long long)line * a.k + row] = __fmul_rn(d[i][j][c], by);
      }
    }
}

// halves is the tile of block x over run y, 64 lines by 32 rows to a warp.
template <int KIND, int P> DEVICE void halves(const ProjectArgs &a, unsigned char *smem) {
  const int across = (a.k + tileRows - 1) / tileRows, line0 = (int)blockIdx.x / across * tileLines, row0 = (int)blockIdx.x % across * tileRows;
  const int tid = threadIdx.x, lane = tid % 32, t = lane % 4, warpLine = tid / 128 * 64, warpRow = tid / 32 % 4 * 32;
  const int first = blockIdx.y * a.run, end = min(a.cols, first + a.run);
  unsigned *planesA = (unsigned *)smem, *planesB = planesA + P * plane;
  float d[4][4][4] = {}, by[2];
#pragma unroll
  for (int i = 0; i < 2; i++) by[i] = power(shiftOf(a, line0 + tid / 4 + i * 64));
  uint4 words = make_uint4(0, 0, 0, 0);
  HalfLines held;
  fetchHalves(a, line0, first, held);
  for (int c = first; c < end; c += 32) {
    if (c > first) __syncthreads();
    keepHalves<P>(planesA, held, by);
    if (KIND == GAUSSIAN) { // blocks of 8 columns: this thread makes number `half` and, 16 columns on, `half`+2 of its row
      const int half = tid / tileRows, r = tid % tileRows;
      float lo[8], hi[8];
      eight<KIND>(a, row0 + r, a.column + c + half * 8, words, lo);
      eight<KIND>(a, row0 + r, a.column + c + half * 8 + 16, words, hi);
#pragma unroll
      for (int q = 0; q < 2; q++) {
        const float l[4] = {lo[4 * q], lo[4 * q + 1], lo[4 * q + 2], lo[4 * q + 3]};
        const float h[4] = {hi[4 * q], hi[4 * q + 1], hi[4 * q + 2], hi[4 * q + 3]};
        layPairs<P>(planesB, r, 2 * half + q, l, h);
      }
    } else if (c % 128 == 0) { // lane (g, t) makes the words of row 8*t + g of the warp
      words = block(a.draw, (a.column + c) / 128, row0 + warpRow + t * 8 + lane / 4);
    }
    __syncthreads();
    if (c + 32 < end) fetchHalves(a, line0, c + 32, held);
    unsigned sign[4];
    if (KIND == SIGN) {
      unsigned w = wordOf(words, c % 128 / 32);
#pragma unroll
      for (int j = 0; j < 4; j++) sign[j] = __shfl_sync(~0u, w, lane / 4 * 4 + j);
    }
#pragma unroll
    for (int step = 0; step < 2; step++) {
      if (KIND == SIGN) stepSigns<P>(d, planesA, warpLine, step, sign);
      else stepNormals<P>(d, planesA, planesB, warpLine, warpRow + lane / 4, step);
    }
  }
  storeHalf(a, line0 + warpLine + lane / 4, row0 + warpRow, d);
}

extern "C" __global__ void __launch_bounds__(256, 1) project_sign_half(ProjectArgs a) {
  SHARED(unsigned char, smem);
  halves<SIGN, wholePieces>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 1) project_gaussian_half(ProjectArgs a) {
  SHARED(unsigned char, smem);
  halves<GAUSSIAN, wholePieces>(a, smem);
}

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(256, 2) project_sign_bf16(ProjectArgs a) {
  SHARED(unsigned char, smem);
  halves<SIGN, 1>(a, smem);
}
// wideSigns is the tile of 128 lines by 256 rows of block x over run y, of rounded lines: 64 x 64 to a warp. Lines come from the
// second-level cache once for 256 rows, half of what tiles of 128 take, and are rounded into one buffer while the other is read.
DEVICE void wideSigns(const ProjectArgs &a, unsigned char *smem) {
  const int across = (a.k + 255) / 256, line0 = (int)blockIdx.x / across * tileLines, row0 = (int)blockIdx.x % across * 256;
  const int tid = threadIdx.x, lane = tid % 32, t = lane % 4, warpLine = tid / 128 * 64, warpRow = tid / 32 % 4 * 64;
  const int first = blockIdx.y * a.run, end = min(a.cols, first + a.run);
  const float by[2] = {1.f, 1.f};
  unsigned *planes = (unsigned *)smem; // two of them
  float d[4][8][4] = {};
  uint4 low = make_uint4(0, 0, 0, 0), high = low;
  HalfLines held;
  fetchHalves(a, line0, first, held);
  keepHalves<1>(planes, held, by);
  if (first + 32 < end) fetchHalves(a, line0, first + 32, held);
  for (int c = first, at = 0; c < end; c += 32, at ^= 1) {
    if (c % 128 == 0) { // lane (g, t) makes the words of rows 8*t + g and 32 + 8*t + g of the warp
      low = block(a.draw, (a.column + c) / 128, row0 + warpRow + t * 8 + lane / 4);
      high = block(a.draw, (a.column + c) / 128, row0 + warpRow + 32 + t * 8 + lane / 4);
    }
    __syncthreads(); // this buffer is there, and the other is not read any more
    if (c + 32 < end) keepHalves<1>(planes + (at ^ 1) * plane, held, by);
    if (c + 64 < end) fetchHalves(a, line0, c + 64, held);
    unsigned sign[8];
    const unsigned v = wordOf(low, c % 128 / 32), w = wordOf(high, c % 128 / 32);
#pragma unroll
    for (int j = 0; j < 4; j++) {
      sign[j] = __shfl_sync(~0u, v, lane / 4 * 4 + j);
      sign[4 + j] = __shfl_sync(~0u, w, lane / 4 * 4 + j);
    }
#pragma unroll
    for (int step = 0; step < 2; step++) stepSigns<1>(d, planes + at * plane, warpLine, step, sign);
  }
  storeHalf(a, line0 + warpLine + lane / 4, row0 + warpRow, d);
}

extern "C" __global__ void __launch_bounds__(256, 1) project_sign_bf16_256(ProjectArgs a) {
  SHARED(unsigned char, smem);
  wideSigns(a, smem);
}
EMU_KERNEL(project_sign_bf16_256)
extern "C" __global__ void __launch_bounds__(256, 2) project_gaussian_bf16(ProjectArgs a) {
  SHARED(unsigned char, smem);
  halves<GAUSSIAN, 1>(a, smem);
}
EMU_KERNEL(project_sign_bf16)
EMU_KERNEL(project_gaussian_bf16)
#endif

// project_top finds the shift of every line and run: a warp has line x*8 + its number, run y.
extern "C" __global__ void __launch_bounds__(256) project_top(ProjectArgs a, int *shift) {
  const int line = blockIdx.x * 8 + threadIdx.x / 32, end = min(a.cols, ((int)blockIdx.y + 1) * a.run);
  if (line >= a.lines) return;
  unsigned top = 0;
  for (int c = blockIdx.y * a.run + threadIdx.x % 32; c < end; c += 32)
    top = max(top, __float_as_uint(a.x[(long long)line * a.stride + c]) & 0x7fffffffu);
#pragma unroll
  for (int o = 16; o; o /= 2) top = max(top, __shfl_xor_sync(~0u, top, o));
  int e = top == 0 ? 0 : 13 - ((int)(top >> 23) - 127);
  if (threadIdx.x % 32 == 0) shift[(long long)blockIdx.y * a.lines + line] = max(-126, min(126, e));
}
EMU_KERNEL(project_sign_half)
EMU_KERNEL(project_gaussian_half)
EMU_KERNEL(project_top)

// arch: 75 80
// Rows times random matrices that are never kept, with the entries of kernels/project. Unproven on a GPU.
//
// A launch covers some runs of columns: 1,024, or 4,096 of rounded numbers. The sums of a run, in float32, go to part; project_add adds the runs up in
// float64, one after the other, and project_end scales and rounds. So runs are shared among blocks, and results do not
// depend on how.
//
// project_sign and project_gaussian have the bits of kernels/project's vector paths: fused multiply-adds, column after
// column. *_half use tensor cores with entries made in registers: a sign is exact in two bytes, and a row is split into
// three bfloat16 whose sum is the number itself (sm_80), or into two halves of 22 bits after scaling by its largest
// magnitude in the run (sm_75). Normal numbers are split the same way; the products that are left out are below 2^-24
// (2^-22) of their factors. *_bf16 (sm_80) round rows and normal numbers to bfloat16: a third or a sixth of the products.
// All sum in float32. project_sparse has the bits of every path of kernels/project.
//
// Work for n lines of w columns to k numbers: 2*n*w*k operations, tripled for signs and times six for normal numbers on
// tensor cores. Generating: 70 integer instructions per 128 signs (8 normal numbers) and tile of 128 lines, beside 128
// (8) x 128 multiply-adds. Bytes: 4*n*w for every 128 of k (256 of project_sign_bf16_256), from L2, and 4*n*k for every run. 124M columns to
// 4,096 with 128 lines: 1.3e14 operations, 0.165 s at 790 TFLOP/s, three times that in three pieces.
#include "fragment.cuh"
#include "philox.cuh"
#include "square.cuh"

// ProjectArgs is a launch. The Go side has the same struct.
struct ProjectArgs {
  const float *x;     // lines x stride; zero behind the last column up to stride
  float *part;        // runs x lines x k: the sums of each run
  double *sums;       // lines x k
  const float *table; // 4,096 magnitudes of normal numbers
  const int *shift;   // runs x lines: the exponent that brings a line's largest magnitude to 2^13 (sm_75)
  Draw draw;
  unsigned column;    // number of the first column, a multiple of 1,024
  int lines, cols, stride, k, nonzeros;
  int run;            // columns of a run, a multiple of 128
};

enum { SIGN, GAUSSIAN };

const int tileLines = 128, tileRows = 128;

// eight are entries column ... column+7 of a row, column being a multiple of 8; words are the signs of 128 columns.
template <int KIND> DEVICE void eight(const ProjectArgs &a, unsigned row, unsigned column, const uint4 &words, float (&to)[8]) {
  if (KIND == SIGN) {
    unsigned w = wordOf(words, column % 128 / 32) >> column % 32;
#pragma unroll
    for (int i = 0; i < 8; i++) to[i] = __uint_as_float(0x3f800000u | w >> i << 31);
    return;
  }
  uint4 w = block(a.draw, column / 8, row);
#pragma unroll
  for (int i = 0; i < 8; i++) to[i] = normal(a.table, wordOf(w, i / 2) >> 16 * (i % 2));
}

// fetchLines brings 16 columns of 128 lines, eight numbers to a thread; zeros beyond the last line and column.
DEVICE void fetchLines(const ProjectArgs &a, int line0, int column, int end, float (&x)[8]) {
  int line = line0 + (int)threadIdx.x / stepDepth, col = column + (int)threadIdx.x % stepDepth;
  const float *from = a.x + (long long)line * a.stride + col;
#pragma unroll
  for (int i = 0; i < 8; i++, line += 256 / stepDepth, from += 256 / stepDepth * (long long)a.stride)
    x[i] = line < a.lines && col < end ? *from : 0.f;
}

// plain is the tile of block x (tiles of k follow each other) over run y.
template <int KIND> DEVICE void plain(const ProjectArgs &a, unsigned char *smem) {
  typedef Square<tileLines, tileRows, 8, 8> S;
  const int across = (a.k + tileRows - 1) / tileRows, line0 = (int)blockIdx.x / across * tileLines, row0 = (int)blockIdx.x % across * tileRows;
  const int tid = threadIdx.x, end = min(a.cols, ((int)blockIdx.y + 1) * a.run);
  const unsigned row = row0 + tid % tileRows;
  float *stages = (float *)smem, sum[8][8], x[S::PARTSA], entry[8];
  uint4 words = make_uint4(0, 0, 0, 0);
  S::clear(sum);
  fetchLines(a, line0, blockIdx.y * a.run, end, x);
  for (int c = blockIdx.y * a.run, at = 0; c < end; c += stepDepth, at ^= 1) {
    float *stage = stages + at * S::STAGE;
    if (KIND == SIGN && c % 128 == 0) words = block(a.draw, (a.column + c) / 128, row);
    const int half = tid / tileRows * 8; // this thread's columns of the 16
    eight<KIND>(a, row, a.column + c + half, words, entry);
#pragma unroll
    for (int i = 0; i < 8; i++) stage[stepDepth * S::LINEA + (half + i) * S::LINEB + tid % tileRows] = entry[i];
#pragma unroll
    for (int i = 0; i < S::PARTSA; i++) stage[tid % stepDepth * S::LINEA + tid / stepDepth + i * (256 / stepDepth)] = x[i];
    __syncthreads(); // the other stage is still read by some; it is written after the next one
    fetchLines(a, line0, c + stepDepth, end, x);
    S::multiply(stage, stepDepth, sum);
  }
  float *part = a.part + (long long)blockIdx.y * a.lines * a.k;
#pragma unroll
  for (int i = 0; i < 8; i++)
#pragma unroll
    for (int j = 0; j < 8; j++) {
      int line = line0 + S::row(i), r = row0 + S::col(j);
      if (line < a.lines && r < a.k) part[(long long)line * a.k + r] = sum[i][j];
    }
}

extern "C" __global__ void __launch_bounds__(256, 2) project_sign(ProjectArgs a) {
  SHARED(unsigned char, smem);
  plain<SIGN>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) project_gaussian(ProjectArgs a) {
  SHARED(unsigned char, smem);
  plain<GAUSSIAN>(a, smem);
}

// project_add adds the sums of runs, in order; a thread has a number.
extern "C" __global__ void __launch_bounds__(256) project_add(ProjectArgs a) {
  const long long i = (long long)blockIdx.x * 256 + threadIdx.x, n = (long long)a.lines * a.k;
  if (i >= n) return;
  const int runs = (a.cols + a.run - 1) / a.run;
  double s = a.sums[i];
  for (int r = 0; r < runs; r++) s = __dadd_rn(s, (double)a.part[r * n + i]);
  a.sums[i] = s;
}

extern "C" __global__ void __launch_bounds__(256) project_end(const double *sums, float *out, long long n, double scale) {
  const long long i = (long long)blockIdx.x * 256 + threadIdx.x;
  if (i < n) out[i] = __double2float_rn(__dmul_rn(sums[i], scale));
}

EMU_KERNEL(project_sign)
EMU_KERNEL(project_gaussian)
EMU_KERNEL(project_add)
EMU_KERNEL(project_end)

#include "projecthalf.cuh"
#include "projectsparse.cuh"

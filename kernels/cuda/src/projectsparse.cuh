// Sparse projection; part of project.cu. Unproven on a GPU.
//
// Nonzero t of a column lies in slab t of the rows, so slabs are independent. A block has a slab and up to 64 lines. For
// every run of 1,024 columns it makes their places, sorts them by row and column, and lets a thread add all columns of one
// row of the run to one line, in column order: the same chain of float64 additions as kernels/project, without atomics.
//
// Work for a run, a slab and 64 lines: 1,024 generator calls, 55 steps of a bitonic sort of 1,024, 65,536 additions to
// sums that lie in L2 (16 bytes each way, neighbouring rows in neighbouring threads).

const int sparseLines = 64;
typedef unsigned long long Place;

const int runCols = 1024; // columns whose places are sorted together

DEVICE unsigned rowOfPlace(Place p) { return (unsigned)(p >> 11); } // within the slab; all ones for none

// sortPlaces puts 1,024 places in rising order.
DEVICE void sortPlaces(Place *v) {
  for (int size = 2; size <= runCols; size *= 2)
    for (int apart = size / 2; apart > 0; apart /= 2) {
      for (int i = threadIdx.x; i < runCols / 2; i += 256) {
        int lo = i / apart * 2 * apart + i % apart, hi = lo + apart;
        Place x = v[lo], y = v[hi];
        if ((x > y) == ((lo & size) == 0)) v[lo] = y, v[hi] = x;
      }
      __syncthreads();
    }
}

// addRow adds the columns of a row, whose places begin at p, to a line's sum.
DEVICE void addRow(const ProjectArgs &a, const Place *v, int p, const float *x, double *sums, int from) {
  const unsigned row = rowOfPlace(v[p]);
  double s = sums[from + row];
  for (; p < runCols && rowOfPlace(v[p]) == row; p++) {
    double value = x[v[p] >> 1 & (runCols - 1)];
    s = v[p] & 1 ? __dsub_rn(s, value) : __dadd_rn(s, value);
  }
  sums[from + row] = s;
}

// project_sparse: block x is nonzero t, y the lines.
extern "C" __global__ void __launch_bounds__(256) project_sparse(ProjectArgs a) {
  __shared__ Place v[runCols];
  __shared__ int heads[runCols];
  __shared__ int count;
  const int t = blockIdx.x, line0 = blockIdx.y * sparseLines, lines = min(sparseLines, a.lines - line0);
  const int from = (int)((long long)t * a.k / a.nonzeros), to = (int)((long long)(t + 1) * a.k / a.nonzeros);
  for (int c = 0; c < a.cols; c += runCols) {
    for (int i = threadIdx.x; i < runCols; i += 256) {
      uint4 w = block(a.draw, a.column + c + i, t);
      v[i] = c + i < a.cols ? (Place)__umulhi(w.x, to - from) << 11 | i << 1 | (w.y & 1) : ~0ull;
    }
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    sortPlaces(v);
    for (int i = threadIdx.x; i < runCols; i += 256)
      if (v[i] != ~0ull && (i == 0 || rowOfPlace(v[i]) != rowOfPlace(v[i - 1]))) heads[atomicAdd(&count, 1)] = i;
    __syncthreads();
    for (int i = threadIdx.x; i < count * lines; i += 256) {
      int line = line0 + i / count;
      addRow(a, v, heads[i % count], a.x + (long long)line * a.stride + c, a.sums + (long long)line * a.k, from);
    }
    __syncthreads();
  }
}
EMU_KERNEL(project_sparse)

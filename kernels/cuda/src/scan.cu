// arch: 75 80
// The scan with the bits of kernels/cpu's vectors, norms, and the choice among candidates. Unproven on a GPU.
#include "scanargs.cuh"
#include "simt.cuh"
#include "norms.cuh"

// exact is the scan of BM rows x BN queries a block; blocks of the same rows follow each other.
template <int BM, int BN, int TM, int TN, int KIND> INLINE void exact(const ScanArgs &a, unsigned char *shared) {
  typedef Simt<BM, BN, TM, TN, KIND> Tile;
  int blocks = (a.folds.queries + BN - 1) / BN;
  int row0 = blockIdx.x / blocks * BM, query0 = blockIdx.x % blocks * BN;
  const float *panel = (const float *)((const unsigned char *)a.queries + query0 / panelQueries * a.queryStride) + query0 % panelQueries;
  float s[TM][TN];
  Tile::product(s, shared, launchRows(a), row0, panel);
  int tx = (int)threadIdx.x % Tile::TX, ty = (int)threadIdx.x / Tile::TX;
  auto rowOf = [=](int i) { return ty + Tile::TY * i; };
  auto queryOf = [=](int j) { return tx * TN + j; };
  if (a.by) scaleRows(s, a.by, a.folds.rows, row0, rowOf);
  fold<BM, BN, Tile::THREADS>(a.folds, row0, query0, s, shared, rowOf, queryOf);
}

// Names end in rows x queries of a block.
extern "C" __global__ void __launch_bounds__(256, 2) scan_dot_128x64(ScanArgs a) {
  SHARED(unsigned char, smem);
  exact<128, 64, 8, 4, DOT>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) scan_l2_128x64(ScanArgs a) {
  SHARED(unsigned char, smem);
  exact<128, 64, 8, 4, DISTANCE>(a, smem);
}
extern "C" __global__ void __launch_bounds__(128, 4) scan_dot_128x8(ScanArgs a) {
  SHARED(unsigned char, smem);
  exact<128, 8, 1, 8, DOT>(a, smem);
}
extern "C" __global__ void __launch_bounds__(128, 4) scan_l2_128x8(ScanArgs a) {
  SHARED(unsigned char, smem);
  exact<128, 8, 1, 8, DISTANCE>(a, smem);
}

// NormArgs is a launch of scan_norms. The Go side has the same struct.
struct NormArgs {
  Rows rows;
  float *by;       // per row 1/norm, 0 for a row of zeros
  double *shift;   // per row a power of two: rows of an extreme norm are multiplied by it first
  int *shifted;    // becomes 1 when a row has a shift other than 1
};

// scan_norms measures rows for cosines. Sixteen threads have a row.
extern "C" __global__ void __launch_bounds__(256) scan_norms(NormArgs a) {
  __shared__ double chains[256];
  int row = blockIdx.x * 16 + threadIdx.x / 16;
  double squared = squaredNorm(chains, a.rows, row);
  if (row >= a.rows.count || threadIdx.x % 16 != 0) return;
  double norm = sqrt(squared), shift = 1;
  bool finite = squared < 1.7976931348623157e308;
  if ((norm > 0 && norm < 0x1p-40) || (norm > 0x1p40 && finite)) {
    int e = exponentOf(norm);
    shift = powerOfTwo(-e);
    norm *= shift;
    atomicOr(a.shifted, 1);
  }
  a.shift[row] = shift;
  a.by[row] = norm > 0 ? (float)(1 / norm) : 0.f;
}

// MergeArgs is a launch of scan_merge. The Go side has the same struct.
struct MergeArgs {
  unsigned long long *found[2]; // candidates, as in Folds; there are as many blocks in y as lists
  unsigned *count[2];           // per query; set back to 0
  unsigned long long *list[2];  // queries x k, in order; the start of it is in use
  unsigned long long *spare;    // queries x k of the first list, then of the second: blocks run at once
  unsigned *length[2];          // per query
  float *above, *below;
  int k[2];
  int capacity, queries;
};

const int mergeChunk = 512;

// ahead is how many of n keys, in falling order, are larger.
INLINE int ahead(const unsigned long long *keys, int n, unsigned long long key) {
  int lo = 0;
  while (n > 0) {
    int half = n / 2;
    if (keys[lo + half] > key) lo += half + 1, n -= half + 1;
    else n = half;
  }
  return lo;
}

// scan_merge takes the candidates of a query into its list and sets the threshold for the next rows: the last score of
// a full list. A block has a query and a list. Keys are distinct, so a place is a count of larger keys.
extern "C" __global__ void __launch_bounds__(256) scan_merge(MergeArgs a) {
  __shared__ unsigned long long raw[mergeChunk], sorted[mergeChunk];
  int query = blockIdx.x, which = blockIdx.y, k = which ? a.k[1] : a.k[0], threads = blockDim.x;
  if (k == 0) return;
  unsigned *count = (which ? a.count[1] : a.count[0]) + query, *lengthAt = (which ? a.length[1] : a.length[0]) + query;
  int left = (int)*count, length = (int)*lengthAt;
  if (left == 0) return;
  const unsigned long long *found = (which ? a.found[1] : a.found[0]) + (long long)query * a.capacity;
  unsigned long long *from = (which ? a.list[1] : a.list[0]) + (long long)query * k, *home = from;
  unsigned long long *to = a.spare + (which ? (long long)a.queries * a.k[0] : 0) + (long long)query * k;
  for (; left > 0; left -= mergeChunk, found += mergeChunk) {
    int n = left < mergeChunk ? left : mergeChunk;
    for (int i = threadIdx.x; i < n; i += threads) raw[i] = found[i];
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += threads) {
      unsigned long long key = raw[i];
      int place = 0;
      for (int j = 0; j < n; j++) place += raw[j] > key;
      sorted[place] = key;
      place += ahead(from, length, key);
      if (place < k) to[place] = key;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < length; i += threads) {
      int place = i + ahead(sorted, n, from[i]);
      if (place < k) to[place] = from[i];
    }
    length = length + n < k ? length + n : k;
    unsigned long long *t = from;
    from = to, to = t;
    __syncthreads();
  }
  if (from != home)
    for (int i = threadIdx.x; i < length; i += threads) home[i] = from[i];
  if (threadIdx.x != 0) return;
  *count = 0;
  *lengthAt = (unsigned)length;
  if (length < k) return;
  float last = keyScore(from[k - 1]);
  if (which == 0) a.above[query] = last;
  else a.below[query] = -last;
}

// scan_fill sets n words.
extern "C" __global__ void __launch_bounds__(256) scan_fill(unsigned long long *at, unsigned long long value, long long n) {
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) at[i] = value;
}

EMU_KERNEL(scan_dot_128x64)
EMU_KERNEL(scan_l2_128x64)
EMU_KERNEL(scan_dot_128x8)
EMU_KERNEL(scan_l2_128x8)
EMU_KERNEL(scan_norms)
EMU_KERNEL(scan_merge)
EMU_KERNEL(scan_fill)

// arch: 75 80
// Permutation walks of games that are a sum over outputs of a function of the coalition's integer scores: the bits of
// kernels/walk, since all arithmetic is in integers. Unproven on a GPU.
//
// A block walks one order, or a pair of an order and its reversal, over a tile of outputs; players come in order and
// outputs lie over the threads, up to four a thread. What a player adds is summed over the outputs by shuffles that halve
// eight players' sums at a time, so a player costs little more than one exchange.
//
// Work: per order, player and output about 12 integer operations (40 for a curve), one score of 4 bytes from L2, which
// holds the matrix of scores, and where sums per output are wanted one 64-bit atomic addition to L2. 16,384 orders of
// 100 players on 1,000 outputs are 1.6e9 steps: 2e10 operations, 1 ms on 132 processors at half rate, and 1.6e9 atomics,
// which bound the form with sums per output.
#include "device.cuh"

// WalkArgs is a launch. The Go side has the same struct.
struct WalkArgs {
  const int *order;         // pairs x players
  const int *x;             // players x outputs
  const int *omega;         // per output its weight
  const int *table;         // a curve's knots, or the x of a table's points and then their y
  unsigned long long *gain; // pairs x players; added to
  unsigned long long *sums; // players x outputs, added to; null when not wanted
  int players, outputs;
  int both;   // 1: the reversal of the order is walked as well
  int knots;  // knots of the curve, or points of the table
  int nearby; // 1: the table is copied to shared memory, behind the sums of the warps
};

enum { SUM, BEST, CURVE, POINTS };

const int perThread = 4, together = 8, mantissa = 10;

// curveAt reads a table at x >= 0, as walk.At does.
DEVICE int curveAt(const int *knots, int x) {
  int e = max(21 - __clz(x), 0);
  int k = (e << mantissa) + (x >> e);
  int low = knots[k], high = knots[k + 1];
  return low + (int)((long long)(high - low) * (x & ((1 << e) - 1)) >> e);
}

// pointsAt is linear between points and constant after the last; the first is (0, 0).
DEVICE int pointsAt(const int *x, int count, int at) {
  const int *y = x + count;
  int lo = 0, hi = count; // the first point that is not before `at`
  while (lo < hi) {
    int mid = (lo + hi) / 2;
    if ((unsigned)x[mid] < (unsigned)at) lo = mid + 1;
    else hi = mid;
  }
  if (lo == count) return y[count - 1];
  if (x[lo] == at) return y[lo];
  unsigned long long up = (unsigned)(y[lo] - y[lo - 1]), over = (unsigned)at - (unsigned)x[lo - 1];
  return y[lo - 1] + (int)(up * over / ((unsigned)x[lo] - (unsigned)x[lo - 1]));
}

// join adds a player's score to an output and returns what the output's value rises by.
template <int GAME> DEVICE int join(const WalkArgs &a, const int *table, int x, int &had, int &credit) {
  if (GAME == SUM) return x;
  if (GAME == BEST) {
    int rise = x > had ? x - had : 0;
    had += rise;
    return rise;
  }
  had += x;
  int now = GAME == CURVE ? curveAt(table, had) : pointsAt(table, a.knots, had);
  int rise = now - credit;
  credit = now;
  return rise;
}

// fold leaves in lane l the sum over the warp of g[u], u being bits 4, 3 and 2 of l from high to low.
DEVICE long long fold(long long (&g)[together], int lane) {
#pragma unroll
  for (int half = together / 2, lanes = 16; half >= 1; half /= 2, lanes /= 2) {
    bool upper = lane & lanes;
#pragma unroll
    for (int u = 0; u < half; u++) {
      long long keep = upper ? g[u + half] : g[u], give = upper ? g[u] : g[u + half];
      g[u] = keep + __shfl_xor_sync(~0u, give, lanes);
    }
  }
  g[0] += __shfl_xor_sync(~0u, g[0], 2);
  return g[0] + __shfl_xor_sync(~0u, g[0], 1);
}

template <int GAME> DEVICE void walk(const WalkArgs &a, unsigned char *smem) {
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, warps = blockDim.x / 32;
  long long *part = (long long *)smem; // [2][warps][8]
  const int *table = a.table;
  if (GAME >= CURVE && a.nearby) {
    int *copy = (int *)(smem + 2 * warps * together * 8);
    for (int i = tid; i < (GAME == POINTS ? 2 : 1) * a.knots; i += blockDim.x) copy[i] = a.table[i];
    table = copy;
    __syncthreads();
  }
  const long long first = (long long)blockIdx.x * a.players;
  const int q0 = blockIdx.y * blockDim.x * perThread + tid;
  int omega[perThread];
#pragma unroll
  for (int j = 0; j < perThread; j++) {
    int q = q0 + j * blockDim.x;
    omega[j] = q < a.outputs ? a.omega[q] : 0;
  }
  for (int pass = 0, at = 0; pass <= a.both; pass++) {
    int had[perThread] = {}, credit[perThread] = {};
    for (int k = 0; k < a.players; k += together, at ^= 1) {
      int player[together], x[together][perThread];
      long long g[together];
#pragma unroll
      for (int u = 0; u < together; u++) {
        int i = k + u;
        player[u] = i < a.players ? a.order[first + (pass ? a.players - 1 - i : i)] : -1;
#pragma unroll
        for (int j = 0; j < perThread; j++) {
          int q = q0 + j * blockDim.x;
          x[u][j] = player[u] >= 0 && q < a.outputs ? a.x[(long long)player[u] * a.outputs + q] : 0;
        }
      }
#pragma unroll
      for (int u = 0; u < together; u++) {
        g[u] = 0;
#pragma unroll
        for (int j = 0; j < perThread; j++) {
          int q = q0 + j * blockDim.x;
          int rise = join<GAME>(a, table, x[u][j], had[j], credit[j]);
          g[u] += (long long)omega[j] * rise;
          if (a.sums && rise && player[u] >= 0 && q < a.outputs)
            atomicAdd(a.sums + (long long)player[u] * a.outputs + q, (unsigned long long)(long long)rise);
        }
      }
      long long sum = fold(g, lane);
      if (lane % 4 == 0) part[(at * warps + warp) * together + lane / 4] = sum;
      __syncthreads(); // the other half of part is read until the next one
      if (tid < together && k + tid < a.players) {
        long long all = 0;
        for (int w = 0; w < warps; w++) all += part[(at * warps + w) * together + tid];
        int i = k + tid;
        atomicAdd(a.gain + first + a.order[first + (pass ? a.players - 1 - i : i)], (unsigned long long)all);
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 2) walk_sum(WalkArgs a) {
  SHARED(unsigned char, smem);
  walk<SUM>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) walk_best(WalkArgs a) {
  SHARED(unsigned char, smem);
  walk<BEST>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) walk_curve(WalkArgs a) {
  SHARED(unsigned char, smem);
  walk<CURVE>(a, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) walk_points(WalkArgs a) {
  SHARED(unsigned char, smem);
  walk<POINTS>(a, smem);
}
EMU_KERNEL(walk_sum)
EMU_KERNEL(walk_best)
EMU_KERNEL(walk_curve)
EMU_KERNEL(walk_points)

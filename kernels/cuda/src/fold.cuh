// What becomes of a score: one function that all forms of the scan share.
#pragma once
#include "rows.cuh"

// Folds says what is kept of the scores of a launch. The Go side has the same struct (scanargs.go).
struct Folds {
  float *out;           // null, or all scores: query after query, outStride apart
  long long outStride;
  const float *above;   // per query: scores beyond it may enter the best rows
  const float *below;   // per query: scores under it may enter the worst rows
  const long long *exclude; // null, or per query the row that is left out, -1 for none
  const int *group;     // null, or the group of each row of the launch, -1 for none
  long long *sum[4];    // by kernels.Reduce: groups x lanes, null when not wanted
  unsigned long long *found[2]; // candidates of the best and of the worst rows: per query, capacity apart
  unsigned *count[2];   // per query: how many there are
  unsigned long long *bad; // the lowest row << 32 | query whose score cannot be used
  unsigned *badExcluded;   // per query: not 0 when the row that it leaves out has a score that is not finite
  const double *shift;  // per row of the launch; read when `when` is not 0
  double linear, square;   // scores are rounded to whole multiples of 1/linear, their squares of 1/square
  long long row0;       // number of the launch's first row
  int rows, queries;
  int capacity;         // at least rows
  int lanes;            // queries, rounded up to whole blocks
  int when;             // 0: all rows, 1: those with a shift other than 1, 2: the others
  unsigned limit;       // bits of the largest magnitude of a score that needs no second look
};

// key orders candidates: a higher score first, then a lower row. Both zeros are the same score.
INLINE unsigned long long candidateKey(float score, unsigned row) {
  unsigned b = __float_as_uint(score == 0.f ? 0.f : score);
  b = b & 0x80000000u ? ~b : b | 0x80000000u;
  return (unsigned long long)b << 32 | (unsigned)~row;
}

INLINE float keyScore(unsigned long long key) {
  unsigned b = (unsigned)(key >> 32);
  return __uint_as_float(b & 0x80000000u ? b & 0x7fffffffu : ~b);
}

INLINE void addTo(long long *at, long long v) { atomicAdd((unsigned long long *)at, (unsigned long long)v); }

// raise reads first: most scores are not the largest of their group.
INLINE void raise(long long *at, long long v) {
  if (*(volatile long long *)at < v) atomicMax(at, v);
}

// Sums of some scores of one query whose rows have one group.
struct GroupSums {
  long long sum, positive, most, squares;
  INLINE void clear() { sum = positive = squares = 0, most = -9223372036854775807ll - 1; }
  INLINE void add(const Folds &f, float s) {
    long long v = __double2ll_rn((double)s * f.linear);
    sum += v;
    positive += v > 0 ? v : 0;
    most = v > most ? v : most;
    if (f.sum[3]) squares += __double2ll_rn((double)s * (double)s * f.square);
  }
  INLINE void flush(const Folds &f, int group, int query) const {
    long long at = (long long)group * f.lanes + query;
    if (f.sum[0]) addTo(f.sum[0] + at, sum);
    if (f.sum[1] && positive) addTo(f.sum[1] + at, positive);
    if (f.sum[2]) raise(f.sum[2] + at, most);
    if (f.sum[3]) addTo(f.sum[3] + at, squares);
  }
};

// suspect takes a score that is not finite or does not fit the unit of the sums.
INLINE void suspect(const Folds &f, float s, int row, int query, bool excluded, int group) {
  bool finite = (__float_as_uint(s) & 0x7fffffffu) < 0x7f800000u;
  if (excluded) {
    if (!finite) atomicOr(f.badExcluded + query, 1u);
  } else if (!finite || group >= 0) {
    atomicMin(f.bad, (unsigned long long)(f.row0 + row) << 32 | (unsigned)query);
  }
}

INLINE void offer(const Folds &f, unsigned long long *found, unsigned *count, float s, int row, int query) {
  unsigned at = atomicAdd(count + query, 1u);
  found[(long long)query * f.capacity + at] = candidateKey(s, (unsigned)(f.row0 + row));
}

// foldColumn takes the scores of a query with rows row0+first ... row0+last-1 of the launch, one after the other: those
// of one group are added up before they go to memory.
template <class Load> INLINE void foldColumn(const Folds &f, int query, int row0, int first, int last, Load load) {
  if (query >= f.queries) return;
  float above = f.above[query], below = f.below[query];
  long long excluded = f.exclude ? f.exclude[query] - f.row0 : -1;
  int open = -1;
  GroupSums g;
  g.clear();
  for (int i = first; i < last && row0 + i < f.rows; i++) {
    int row = row0 + i, group = f.group ? f.group[row] : -1;
    if (f.when != 0 && (f.shift[row] != 1) != (f.when == 1)) continue;
    float v = load(i);
    bool out = excluded == row;
    if (f.out) f.out[(long long)query * f.outStride + row] = v;
    if ((__float_as_uint(v) & 0x7fffffffu) > f.limit) suspect(f, v, row, query, out, group);
    if (out) continue;
    if (v > above) offer(f, f.found[0], f.count[0], v, row, query);
    if (v < below) offer(f, f.found[1], f.count[1], -v, row, query);
    if (group < 0) continue;
    if (group != open) {
      if (open >= 0) g.flush(f, open, query);
      g.clear();
      open = group;
    }
    g.add(f, v);
  }
  if (open >= 0) g.flush(f, open, query);
}

// layThresholds puts the thresholds of BN queries of a block into shared memory, within the finite numbers: so mayCount is true of
// every score that is not finite, which nobody has to look for. No finite score of a query that is not there counts.
template <int BN, int THREADS> INLINE void layThresholds(const Folds &f, int query0, float *above, float *below) {
  const float largest = __uint_as_float(0x7f7fffffu);
  for (int i = threadIdx.x; i < BN; i += THREADS) {
    bool there = query0 + i < f.queries;
    float over = there ? f.above[query0 + i] : largest, under = there ? f.below[query0 + i] : -largest;
    above[i] = over < largest ? over : largest;
    below[i] = under > -largest ? under : -largest;
  }
}

// mayCount says whether a score may enter a list or cannot be used. Where scores go to sums all of them count.
INLINE bool mayCount(float score, float above, float below) { return !(score <= above) | (score < below); }

// stagePlace is where the score of a row and a query of a block lies in shared memory: row after row, with eights of
// queries exchanged from row to row, so that threads that hold columns of rows write to different banks.
template <int BN> INLINE int stagePlace(int row, int query) { return row * BN + (BN >= 32 ? query ^ (row & 3) * 8 : query); }

// fold takes the scores of a block of BM rows x BN queries. A thread holds s[i][j] of the block's row rowOf(i) and query
// queryOf(j), and queryOf(j + 1) follows queryOf(j) for even j. When nothing of them can count, that is all. Otherwise
// the scores go through shared memory (BM * BN floats), so that each thread has one query and rows that follow each other.
template <int BM, int BN, int THREADS, int NR, int NQ, class RowOf, class QueryOf>
INLINE void fold(const Folds &f, int row0, int query0, const float (&s)[NR][NQ], unsigned char *shared, RowOf rowOf, QueryOf queryOf) {
  float *stage = (float *)shared;
  int matters = f.group != nullptr || f.out != nullptr;
  if (!matters) {
#pragma unroll
    for (int j = 0; j < NQ; j++) {
      int query = query0 + queryOf(j);
      if (query >= f.queries) continue;
      float above = f.above[query], below = f.below[query];
#pragma unroll
      for (int i = 0; i < NR; i++) {
        float v = s[i][j];
        matters |= (v > above) | (v < below) | ((__float_as_uint(v) & 0x7fffffffu) > f.limit);
      }
    }
  }
  if (!__syncthreads_or(matters)) return;
#pragma unroll
  for (int i = 0; i < NR; i++)
#pragma unroll
    for (int j = 0; j < NQ; j += 2) *(float2 *)(stage + stagePlace<BN>(rowOf(i), queryOf(j))) = make_float2(s[i][j], s[i][j + 1]);
  __syncthreads();
  const int PER = BM * BN / THREADS;
  int query = (int)threadIdx.x % BN, first = (int)threadIdx.x / BN * PER;
  foldColumn(f, query0 + query, row0, first, first + PER, [=](int i) { return stage[stagePlace<BN>(i, query)]; });
}

// What a launch of a scan is given.
#pragma once
#include "fold.cuh"

// ScanArgs is a launch: rows that meet queries. The Go side has the same struct (scanargs.go).
struct ScanArgs {
  Rows rows;
  const void *queries;      // panels of 64 (simt.cuh), or rows of the form's element type
  long long queryStride;    // bytes from one panel, or query, to the next
  const float *queryScale;  // null, or the factor of each query
  const float *by;          // null, or what the scores of each row are multiplied by
  const int *shifted;       // null, or points to whether rows.shift has a factor other than 1
  Folds folds;
  int when; // 0: always, 1: only when a row is shifted, 2: only when none is
  int unused;
};

// unwanted says whether the launch is for the other case.
INLINE bool unwanted(const ScanArgs &a) { return a.when != 0 && (*a.shifted != 0) != (a.when == 1); }

INLINE Rows launchRows(const ScanArgs &a) {
  Rows r = a.rows;
  r.shifted = a.shifted ? *a.shifted : 0;
  return r;
}

// scaleRows multiplies scores by what belongs to their rows.
template <int NR, int NQ, class RowOf> INLINE void scaleRows(float (&s)[NR][NQ], const float *by, int count, int row0, RowOf rowOf) {
#pragma unroll
  for (int i = 0; i < NR; i++) {
    int row = row0 + rowOf(i);
    float f = row < count ? by[row] : 0.f;
#pragma unroll
    for (int j = 0; j < NQ; j++) s[i][j] = __fmul_rn(s[i][j], f);
  }
}

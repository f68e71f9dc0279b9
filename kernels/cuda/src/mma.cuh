// Products of rows and queries by tensor cores, for sm_75 and later: one shape of tiles for all types of elements, since
// a step of every mma instruction takes 32 bytes of a row.
#pragma once
#include "copy.cuh"

enum { MODE_TF32X3, MODE_BF16, MODE_F16, MODE_I8 };

// modeType is the type of elements that a mode multiplies.
__device__ constexpr int modeType(int mode) {
  return mode == MODE_BF16 ? TYPE_BF16 : mode == MODE_F16 ? TYPE_F16 : mode == MODE_I8 ? TYPE_I8 : TYPE_F32;
}
__device__ constexpr int typeBytes(int type) { return type == TYPE_F32 ? 4 : type == TYPE_I8 ? 1 : 2; }

template <int MODE> struct Accumulator { typedef float type; };
template <> struct Accumulator<MODE_I8> { typedef int type; };

// roundBF16 and roundF16 round to nearest, ties to even, as Encode does.
INLINE unsigned roundBF16(float x) {
  unsigned b = __float_as_uint(x);
  if ((b & 0x7fffffffu) > 0x7f800000u) return 0x7fffu;
  return (b + 0x7fffu + (b >> 16 & 1u)) >> 16;
}
INLINE unsigned roundF16(float x) {
  unsigned b = __float_as_uint(x), sign = b >> 16 & 0x8000u;
  b &= 0x7fffffffu;
  if (b > 0x7f800000u) return sign | 0x7e00u;
  if (b >= 0x477ff000u) return sign | 0x7c00u; // 65520 and more
  if (b < 0x38800000u) return sign | (__float_as_uint(__fadd_rn(__uint_as_float(b), 0.5f)) - 0x3f000000u); // multiples of 2^-24
  return sign | (((b + 0xfffu + (b >> 13 & 1u)) >> 13) - 0x1c000u);
}

// step adds the product of 16 rows and 8 queries over 32 bytes. Fragments are those of ldmatrix (PTX ISA, "Matrix
// fragments for mma.m16n8k16 with .f16/.bf16", "... m16n8k8 with .tf32", "... m16n8k32 with .s8"): a[0] rows 0-7 and
// a[1] rows 8-15 of the first 16 bytes, a[2] and a[3] those of the second; b[0] and b[1] the queries.
template <int MODE> INLINE void step(typename Accumulator<MODE>::type (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]);

#if ARCH >= 80
template <> INLINE void step<MODE_BF16>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_m16n8k16_bf16(c, a, b); }
template <> INLINE void step<MODE_F16>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_m16n8k16_f16(c, a, b); }
template <> INLINE void step<MODE_I8>(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { mma_m16n8k32_s8(c, a, b); }

// splitTF32 is x as the sum of two numbers of 11 bits, but for 2^-22 of it.
INLINE void splitTF32(unsigned x, unsigned &high, unsigned &low) {
  high = tf32_from_float(__uint_as_float(x));
  low = tf32_from_float(__fadd_rn(__uint_as_float(x), -__uint_as_float(high)));
}

// The product of the two low parts is left out. Small products are added first.
template <> INLINE void step<MODE_TF32X3>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  unsigned ah[4], al[4], bh[2], bl[2];
#pragma unroll
  for (int i = 0; i < 4; i++) splitTF32(a[i], ah[i], al[i]);
#pragma unroll
  for (int i = 0; i < 2; i++) splitTF32(b[i], bh[i], bl[i]);
  mma_m16n8k8_tf32(c, al, bh);
  mma_m16n8k8_tf32(c, ah, bl);
  mma_m16n8k8_tf32(c, ah, bh);
}
#else
// sm_75 takes half of the bytes at a time, and of bytes half of the rows.
template <> INLINE void step<MODE_F16>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  unsigned first[2] = {a[0], a[1]}, second[2] = {a[2], a[3]};
  mma_m16n8k8_f16(c, first, b[0]);
  mma_m16n8k8_f16(c, second, b[1]);
}
template <> INLINE void step<MODE_I8>(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  int upper[2] = {c[0], c[1]}, lower[2] = {c[2], c[3]};
  mma_m8n8k16_s8(upper, a[0], b[0]);
  mma_m8n8k16_s8(upper, a[2], b[1]);
  mma_m8n8k16_s8(lower, a[1], b[0]);
  mma_m8n8k16_s8(lower, a[3], b[1]);
  c[0] = upper[0], c[1] = upper[1], c[2] = lower[0], c[3] = lower[1];
}
#endif

// Mma is the product of 128 rows and BN queries by 8 warps: of 64, each warp has 32 x 32, of 256, 64 x 64, which takes a third
// of the bytes for each product. Columns come in tiles of 128 bytes through buffers in shared memory. The eight 16-byte pieces of a line of 128 bytes are exchanged by the line's
// number (piece ^ line % 8), so that the eight lines of a matrix that ldmatrix reads lie in different banks.
template <int MODE, int COLS = 64> struct Mma {
  typedef typename Accumulator<MODE>::type Acc;
  static const int BM = 128, BN = COLS, THREADS = 256, LINE = 128;
  static const int DOWN = BN == 64 ? 4 : 2, WARP_ROWS = BM / DOWN, WARP_QUERIES = BN * DOWN / 8; // warps side by side
  static const int MF = WARP_ROWS / 16, NF = WARP_QUERIES / 8, NR = 2 * MF, NQ = 2 * NF;
  static const int STAGE = (BM + BN) * LINE, SHARED_BYTES = 2 * STAGE;
  static const int TYPE = modeType(MODE), SIZE = typeBytes(TYPE);
  static const int ROW_PARTS = BM * 8 / THREADS, QUERY_PARTS = BN * 8 / THREADS;
  // After so many bytes of a row the sums are added to the scores. I8: columns whose sums fit 32 bits, wider rows are not for
  // blocks of 256. TF32X3: tensor cores cut sums off towards zero, three times for 8 columns, which would add up to more
  // than the low parts are worth.
  static const int TAKEN = BN > 64 ? 0 : MODE == MODE_I8 ? 65536 : MODE == MODE_TF32X3 ? 256 : 0;

  static INLINE unsigned char *piece(unsigned char *stage, int line, int part) { return stage + line * LINE + (part ^ (line & 7)) * 16; }

  // converted is 16 bytes of elements of the mode from four to eight numbers from column k on.
  static INLINE uint4 converted(const Rows &r, int row, int k) {
    float4 x = four(r, row, k);
    if (TYPE == TYPE_F32) return make_uint4(__float_as_uint(x.x), __float_as_uint(x.y), __float_as_uint(x.z), __float_as_uint(x.w));
    float4 y = four(r, row, k + 4);
    if (TYPE == TYPE_BF16)
      return make_uint4(roundBF16(x.x) | roundBF16(x.y) << 16, roundBF16(x.z) | roundBF16(x.w) << 16, roundBF16(y.x) | roundBF16(y.y) << 16,
                        roundBF16(y.z) | roundBF16(y.w) << 16);
    return make_uint4(roundF16(x.x) | roundF16(x.y) << 16, roundF16(x.z) | roundF16(x.w) << 16, roundF16(y.x) | roundF16(y.y) << 16,
                      roundF16(y.z) | roundF16(y.w) << 16);
  }

  // fetch begins to bring 128 bytes of each line from byte k on to a buffer. Rows of other types than the mode's are brought
  // by convert.
  // Of the queries, the first `lines` are there.
  static INLINE void fetch(unsigned char *stage, const Rows &r, int row0, const unsigned char *queries, long long queryStride, int lines, int k, bool direct) {
    if (direct) {
#pragma unroll
      for (int i = 0; i < ROW_PARTS; i++) {
        int part = (int)threadIdx.x + i * THREADS, line = part / 8, at = k + part % 8 * 16;
        int row = row0 + line < r.count ? row0 + line : r.count - 1;
        bool inside = at < r.width * SIZE;
        copy16(piece(stage, line, part % 8), inside ? r.data + row * r.stride + at : r.data, inside);
      }
    }
#pragma unroll
    for (int i = 0; i < QUERY_PARTS; i++) {
      int part = (int)threadIdx.x + i * THREADS, line = part / 8;
      bool there = BN == 64 || line < lines;
      copy16(piece(stage, BM + line, part % 8), there ? queries + line * queryStride + k + part % 8 * 16 : queries, there);
    }
    copyCommit();
  }

  static INLINE void convert(unsigned char *stage, const Rows &r, int row0, int k) {
#pragma unroll 1
    for (int i = 0; i < ROW_PARTS; i++) {
      int part = (int)threadIdx.x + i * THREADS, line = part / 8;
      int row = row0 + line < r.count ? row0 + line : r.count - 1;
      *(uint4 *)piece(stage, line, part % 8) = converted(r, row, (k + part % 8 * 16) / SIZE);
    }
  }

  // settle ends a fetch; a barrier must follow. Conversions are made here, where no product needs their registers.
  static INLINE void settle(unsigned char *stage, const Rows &r, int row0, int k, bool direct) {
    if (!direct) convert(stage, r, row0, k);
    copyWait();
  }

  static INLINE int warpRow() { return (int)threadIdx.x / 32 % DOWN * WARP_ROWS; }
  static INLINE int warpQuery() { return (int)threadIdx.x / 32 / DOWN * WARP_QUERIES; }

  // multiply adds the 128 bytes of a buffer. A matrix of ldmatrix is 8 lines of 16 bytes; lane l gives the address of
  // line l % 8 of matrix l / 8.
  static INLINE void multiply(unsigned char *stage, Acc (&c)[MF][NF][4]) {
    int lane = (int)threadIdx.x % 32;
    int rowLine = warpRow() + lane % 8 + lane / 8 % 2 * 8, rowPart = lane / 16;
    int queryLine = BM + warpQuery() + lane % 8 + lane / 16 * 8, queryPart = lane / 8 % 2;
#pragma unroll (MODE == MODE_TF32X3 || BN > 64 ? 1 : 2)
    for (int k = 0; k < 8; k += 2) {
      unsigned a[MF][4], b[NF][2];
#pragma unroll
      for (int m = 0; m < MF; m++) ldmatrix_x4(a[m], piece(stage, rowLine + m * 16, k + rowPart));
#pragma unroll
      for (int n = 0; n < NF; n += 2) {
        unsigned both[4];
        ldmatrix_x4(both, piece(stage, queryLine + n * 8, k + queryPart));
        b[n][0] = both[0], b[n][1] = both[1], b[n + 1][0] = both[2], b[n + 1][1] = both[3];
      }
#pragma unroll
      for (int m = 0; m < MF; m++)
#pragma unroll
        for (int n = 0; n < NF; n++) step<MODE>(c[m][n], a[m], b[n]);
    }
  }

  static INLINE void clear(float (&s)[NR][NQ]) {
#pragma unroll
    for (int i = 0; i < NR; i++)
#pragma unroll
      for (int j = 0; j < NQ; j++) s[i][j] = 0.f;
  }

  static INLINE void clear(Acc (&c)[MF][NF][4]) {
#pragma unroll
    for (int m = 0; m < MF; m++)
#pragma unroll
      for (int n = 0; n < NF; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) c[m][n][i] = 0;
  }

  // take adds the sums to the scores: s[i][j] is that of rowOf(i) and queryOf(j).
  static INLINE void take(float (&s)[NR][NQ], Acc (&c)[MF][NF][4]) {
#pragma unroll
    for (int m = 0; m < MF; m++)
#pragma unroll
      for (int n = 0; n < NF; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) s[2 * m + i / 2][2 * n + i % 2] = __fadd_rn(s[2 * m + i / 2][2 * n + i % 2], (float)c[m][n][i]);
    clear(c);
  }

  // set makes the scores the sums; a sum of zero is +0, since it began as that.
  static INLINE void set(float (&s)[NR][NQ], const Acc (&c)[MF][NF][4]) {
#pragma unroll
    for (int m = 0; m < MF; m++)
#pragma unroll
      for (int n = 0; n < NF; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) s[2 * m + i / 2][2 * n + i % 2] = (float)c[m][n][i];
  }

  static INLINE int rowOf(int i) { return warpRow() + i * 8 + (int)threadIdx.x % 32 / 4; }
  static INLINE int queryOf(int j) { return warpQuery() + j / 2 * 8 + (int)threadIdx.x % 4 * 2 + j % 2; }

  // product sets s to the products of rows row0 ... and BN queries of queryStride bytes, a multiple of 128.
  static INLINE void product(float (&s)[NR][NQ], unsigned char *shared, const Rows &r, int row0, const unsigned char *queries, long long queryStride) {
    Acc c[MF][NF][4];
    bool direct = r.type == TYPE && !r.shifted;
    clear(c);
    clear(s);
    int end = r.width * SIZE;
    fetch(shared, r, row0, queries, queryStride, BN, 0, direct);
    settle(shared, r, row0, 0, direct);
    __syncthreads();
    for (int k = 0, at = 0; k < end; k += LINE, at ^= 1) {
      bool more = k + LINE < end;
      unsigned char *next = shared + (at ^ 1) * STAGE;
      if (more) fetch(next, r, row0, queries, queryStride, BN, k + LINE, direct);
      multiply(shared + at * STAGE, c);
      if (TAKEN != 0 && (k + LINE) % (TAKEN != 0 ? TAKEN : LINE) == 0) take(s, c);
      if (more) settle(next, r, row0, k + LINE, direct);
      __syncthreads();
    }
    take(s, c);
  }
};

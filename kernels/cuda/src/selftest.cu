// arch: 75 80 90a
// What a card holds where: kernels that find the card's own tables of fragments, descriptors and swizzles, for the
// doctor to compare with LAYOUTS.md. Unproven on a GPU.
#include "device.cuh"

// An mma kernel is one warp. For each element of A, B and D in a lane's registers it writes row << 16 | column of the
// matrix element that is found there. A product alone tells an element of one operand only relative to the others, so
// those are filled as documented: tables that contradict each other show, wherever the mistake is.

#define NOWHERE 0xffffffffu

// The documented places: row and k of element i of A, k and column of element i of B, row and column of element i of D.
template <class F> struct Documented {
  DEVICE int a_row(int lane, int i) { return lane / 4 + (F::rows == 16 ? 8 * (i / F::parts % 2) : 0); }
  DEVICE int a_k(int lane, int i) {
    const int pair = F::rows == 16 ? i / (2 * F::parts) : i / F::parts;
    return lane % 4 * F::parts + i % F::parts + 4 * F::parts * pair;
  }
  DEVICE int b_k(int lane, int i) { return lane % 4 * F::parts + i % F::parts + 4 * F::parts * (i / F::parts); }
  DEVICE int b_column(int lane, int) { return lane / 4; }
  DEVICE int d_row(int lane, int i) { return lane / 4 + 8 * (i / 2); }
  DEVICE int d_column(int lane, int i) { return lane % 4 * 2 + i % 2; }
};

// Registers of an operand of n elements, element i being value(i).
template <class F, int registers, class Value> DEVICE void fill(uint32_t (&r)[registers], int n, Value value) {
  const int bits = 32 / F::parts;
  for (int j = 0; j < registers; j++) r[j] = 0;
  for (int i = 0; i < n; i++) r[i / F::parts] |= F::encode(value(i)) << (bits * (i % F::parts));
}

// The one place where d is not zero along a line, and the value there.
struct Found {
  uint32_t line;
  int value;
};

template <class F> DEVICE Found find(const typename F::D (&d)[4], bool rows) {
  Found f = {NOWHERE, 0};
  for (int i = 0; i < F::ds; i++)
    for (uint32_t some = __ballot_sync(0xffffffffu, d[i] != 0); some != 0; some &= some - 1) {
      const int from = __ffs(some) - 1, v = __shfl_sync(0xffffffffu, (int)d[i], from);
      const uint32_t line = rows ? Documented<F>::d_row(from, i) : Documented<F>::d_column(from, i);
      if (f.line != NOWHERE && (f.line != line || f.value != v)) f.value = -1;
      f.line = line;
      if (f.value == 0) f.value = v;
    }
  return f;
}

template <class F> DEVICE void product(typename F::D (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  for (int i = 0; i < 4; i++) d[i] = 0;
  F::mma(d, a, b);
}

DEVICE uint32_t pair(uint32_t row, uint32_t column) { return row == NOWHERE || column == NOWHERE ? NOWHERE : row << 16 | column; }

// Element i of lane `at` of one operand is 1, the rest of it 0; the other operand holds k + 1.
template <class F> DEVICE uint32_t probe(int lane, int at, int i, bool is_a) {
  typedef Documented<F> T;
  uint32_t a[4], b[2];
  if (is_a) {
    fill<F>(a, F::as, [&](int j) { return lane == at && j == i ? 1 : 0; });
    fill<F>(b, F::bs, [&](int j) { return T::b_k(lane, j) + 1; });
  } else {
    fill<F>(a, F::as, [&](int j) { return T::a_k(lane, j) + 1; });
    fill<F>(b, F::bs, [&](int j) { return lane == at && j == i ? 1 : 0; });
  }
  typename F::D d[4];
  product<F>(d, a, b);
  const Found f = find<F>(d, is_a);
  const uint32_t k = f.value > 0 ? f.value - 1 : NOWHERE;
  return is_a ? pair(f.line, k) : pair(k, f.line);
}

// D's own table: with row + 1 in column k = 0 of A, then column + 1 in row k = 0 of B.
template <class F> DEVICE void probe_d(int lane, uint32_t* out) {
  typedef Documented<F> T;
  typename F::D d[2][4];
  for (int side = 0; side < 2; side++) {
    uint32_t a[4], b[2];
    fill<F>(a, F::as, [&](int j) { return T::a_k(lane, j) != 0 ? 0 : side ? 1 : T::a_row(lane, j) + 1; });
    fill<F>(b, F::bs, [&](int j) { return T::b_k(lane, j) != 0 ? 0 : side ? T::b_column(lane, j) + 1 : 1; });
    product<F>(d[side], a, b);
  }
  for (int i = 0; i < F::ds; i++) out[i] = pair((uint32_t)d[0][i] - 1, (uint32_t)d[1][i] - 1);
}

// out: for each lane the elements of A, of B, of D.
template <class F> DEVICE void tables(uint32_t* out) {
  const int lane = threadIdx.x, each = F::as + F::bs + F::ds;
  for (int at = 0; at < 32; at++)
    for (int i = 0; i < F::as + F::bs; i++) {
      const bool is_a = i < F::as;
      const uint32_t v = probe<F>(lane, at, is_a ? i : i - F::as, is_a);
      if (lane == at) out[at * each + i] = v;
    }
  probe_d<F>(lane, out + lane * each + F::as + F::bs);
}

DEVICE uint32_t encode_f16(int v) { return f16_from_float((float)v); }
DEVICE uint32_t encode_bf16(int v) { return bf16_from_float((float)v); }
DEVICE uint32_t encode_f32(int v) { return __float_as_uint((float)v); }
DEVICE uint32_t encode_s8(int v) { return (uint32_t)v & 255; }

// rows of A, parts of a register, elements of a lane
struct Member_m16n8k8_f16 {
  typedef float D;
  enum { rows = 16, parts = 2, as = 4, bs = 2, ds = 4 };
  DEVICE uint32_t encode(int v) { return encode_f16(v); }
  DEVICE void mma(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    const uint32_t x[2] = {a[0], a[1]};
    mma_m16n8k8_f16(d, x, b[0]);
  }
};
struct Member_m8n8k16_s8 {
  typedef int D;
  enum { rows = 8, parts = 4, as = 4, bs = 4, ds = 2 };
  DEVICE uint32_t encode(int v) { return encode_s8(v); }
  DEVICE void mma(int (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    int x[2] = {d[0], d[1]};
    mma_m8n8k16_s8(x, a[0], b[0]);
    d[0] = x[0];
    d[1] = x[1];
  }
};
extern "C" __global__ void selftest_m16n8k8_f16(uint32_t* out) { tables<Member_m16n8k8_f16>(out); }
extern "C" __global__ void selftest_m8n8k16_s8(uint32_t* out) { tables<Member_m8n8k16_s8>(out); }
EMU_KERNEL(selftest_m16n8k8_f16)
EMU_KERNEL(selftest_m8n8k16_s8)

#if ARCH >= 80
#define FORM_80(form, type, n, a_elements, encoding)                                               \
  struct Member_##form {                                                                           \
    typedef type D;                                                                                \
    enum { rows = 16, parts = n, as = a_elements, bs = a_elements / 2, ds = 4 };                   \
    DEVICE uint32_t encode(int v) { return encoding(v); }                                          \
    DEVICE void mma(type (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { mma_##form(d, a, b); } \
  };                                                                                               \
  extern "C" __global__ void selftest_##form(uint32_t* out) { tables<Member_##form>(out); }
FORM_80(m16n8k16_f16, float, 2, 8, encode_f16)
FORM_80(m16n8k16_bf16, float, 2, 8, encode_bf16)
FORM_80(m16n8k8_tf32, float, 1, 4, encode_f32)
FORM_80(m16n8k32_s8, int, 4, 16, encode_s8)
EMU_KERNEL(selftest_m16n8k16_f16)
EMU_KERNEL(selftest_m16n8k16_bf16)
EMU_KERNEL(selftest_m16n8k8_tf32)
EMU_KERNEL(selftest_m16n8k32_s8)
#endif

// Elements of the four matrices, row of matrix m as 8 m + row; 512 bytes of shared memory.
DEVICE void ldmatrix_table(uint32_t* out, bool transposed) {
  SHARED(uint16_t, s);
  const int lane = threadIdx.x;
  for (int i = lane; i < 256; i += 32) s[i] = (uint16_t)i;
  __syncthreads();
  uint32_t r[4];
  if (transposed) ldmatrix_x4_trans(r, s + 8 * lane);
  else ldmatrix_x4(r, s + 8 * lane);
  for (int i = 0; i < 8; i++) {
    const uint32_t v = r[i / 2] >> 16 * (i % 2) & 0xffff;
    out[8 * lane + i] = pair(v / 8, v % 8);
  }
}
extern "C" __global__ void selftest_ldmatrix_x4(uint32_t* out) { ldmatrix_table(out, false); }
extern "C" __global__ void selftest_ldmatrix_x4_trans(uint32_t* out) { ldmatrix_table(out, true); }
EMU_KERNEL(selftest_ldmatrix_x4)
EMU_KERNEL(selftest_ldmatrix_x4_trans)

#if ARCH >= 90
// What TMA leaves in shared memory of a box of 64 rows of 64 16-bit elements whose element is 64 row + column: the
// row and column found at each 16-bit word. 9216 bytes of shared memory.
extern "C" __global__ void selftest_tma_swizzle(const __grid_constant__ CUtensorMap map, uint32_t* out) {
  SHARED(unsigned char, s);
  uint64_t* bar = (uint64_t*)(s + 8192);
  if (threadIdx.x == 0) {
    mbarrier_init(bar, 1);
    fence_mbarrier_init();
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    mbarrier_arrive_expect_tx(bar, 8192);
    tma_load_2d(s, &map, bar, 0, 0);
  }
  mbarrier_wait(bar, 0);
  for (int i = threadIdx.x; i < 4096; i += blockDim.x) {
    const uint32_t v = ((const uint16_t*)s)[i];
    out[i] = pair(v / 64, v % 64);
  }
}
EMU_KERNEL(selftest_tma_swizzle)

// Rows of 64 elements at p, swizzled by 128 bytes as documented.
template <class Value> DEVICE void fill_rows(unsigned char* p, int rows, Value value) {
  for (int i = threadIdx.x; i < rows * 64; i += blockDim.x) {
    const int row = i / 64, k = i % 64;
    *(uint16_t*)(p + row * 128 + ((2 * k) ^ (row % 8 * 16))) = bf16_from_float((float)value(row, k));
  }
}

template <int n> struct Wgmma;
template <> struct Wgmma<64> {
  DEVICE void run(float (&d)[32], uint64_t a, uint64_t b, bool more) { wgmma_m64n64k16_bf16(d, a, b, more); }
};
template <> struct Wgmma<128> {
  DEVICE void run(float (&d)[64], uint64_t a, uint64_t b, bool more) { wgmma_m64n128k16_bf16(d, a, b, more); }
};
template <> struct Wgmma<256> {
  DEVICE void run(float (&d)[128], uint64_t a, uint64_t b, bool more) { wgmma_m64n256k16_bf16(d, a, b, more); }
};

// D = A B over 64 columns, four steps of 16.
template <int n, class A, class B> DEVICE void wgmma_product(float (&d)[n / 2], A a, B b) {
  SHARED(unsigned char, s);
  __syncthreads();
  fill_rows(s, 64, a);
  fill_rows(s + 8192, n, b);
  fence_proxy_async();
  __syncthreads();
  wgmma_fence(d);
  for (int k = 0; k < 4; k++) Wgmma<n>::run(d, wgmma_descriptor(s + 32 * k), wgmma_descriptor(s + 8192 + 32 * k), k > 0);
  wgmma_commit();
  wgmma_wait<0>(d);
}

// out: for each of 128 threads the row and column of its n / 2 elements of D, found with row + 1 and column + 1 in
// column k = 37 of the operands; then D for small integers in all of both, as int. 8192 + 128 n bytes.
template <int n> DEVICE void wgmma_table(uint32_t* out) {
  float d[n / 2];
  uint32_t* own = out + threadIdx.x * (n / 2);
  const int at = 37;
  wgmma_product<n>(d, [=](int row, int k) { return k == at ? row + 1 : 0; }, [=](int, int k) { return k == at ? 1 : 0; });
  for (int i = 0; i < n / 2; i++) own[i] = (uint32_t)(int)d[i] - 1;
  wgmma_product<n>(d, [=](int, int k) { return k == at ? 1 : 0; }, [=](int row, int k) { return k == at ? row + 1 : 0; });
  for (int i = 0; i < n / 2; i++) own[i] = pair(own[i], (uint32_t)(int)d[i] - 1);
  wgmma_product<n>(d, [](int row, int k) { return (row * 7 + k * 3) % 11 - 5; }, [](int row, int k) { return (row * 5 + k * 2) % 13 - 6; });
  for (int i = 0; i < n / 2; i++) out[64 * n + threadIdx.x * (n / 2) + i] = (uint32_t)(int)d[i];
}
extern "C" __global__ __launch_bounds__(128) void selftest_wgmma_m64n64k16_bf16(uint32_t* out) { wgmma_table<64>(out); }
extern "C" __global__ __launch_bounds__(128) void selftest_wgmma_m64n128k16_bf16(uint32_t* out) { wgmma_table<128>(out); }
extern "C" __global__ __launch_bounds__(128) void selftest_wgmma_m64n256k16_bf16(uint32_t* out) { wgmma_table<256>(out); }
EMU_KERNEL(selftest_wgmma_m64n64k16_bf16)
EMU_KERNEL(selftest_wgmma_m64n128k16_bf16)
EMU_KERNEL(selftest_wgmma_m64n256k16_bf16)
#endif

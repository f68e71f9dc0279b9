// Arithmetic of one thread with the rounding that CUDA documents, and atomics.
#pragma once

inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
using std::fma;
using std::fabs;

namespace emu {
// Conversions to integers saturate; NaN becomes 0 from float to 32 bits and the top bit otherwise (PTX ISA, cvt).
template <class I, class From> I to_integer(From rounded) {
  constexpr bool is_signed = I(-1) < I(0);
  constexpr int bits = 8 * sizeof(I) - is_signed;
  const double v = rounded, top = std::ldexp(1.0, bits), low = is_signed ? -top : 0;
  if (v != v) return bits < 33 && sizeof(From) == 4 ? 0 : (I)(1ull << (8 * sizeof(I) - 1));
  if (v >= top) return is_signed ? (I)((1ull << bits) - 1) : (I)~I(0);
  if (v < low) return is_signed ? (I)(1ull << bits) : 0;
  return static_cast<I>(v);
}
} // namespace emu

#define EMU_CONVERT(name, From, To, round)                                                         \
  inline To name(From v) { return emu::to_integer<To>(static_cast<From>(round(v))); }
EMU_CONVERT(__float2int_rn, float, int, std::nearbyint)
EMU_CONVERT(__float2int_rz, float, int, std::trunc)
EMU_CONVERT(__float2int_rd, float, int, std::floor)
EMU_CONVERT(__float2int_ru, float, int, std::ceil)
EMU_CONVERT(__float2uint_rn, float, unsigned, std::nearbyint)
EMU_CONVERT(__float2uint_rz, float, unsigned, std::trunc)
EMU_CONVERT(__float2ll_rn, float, long long, std::nearbyint)
EMU_CONVERT(__float2ll_rz, float, long long, std::trunc)
EMU_CONVERT(__double2int_rn, double, int, std::nearbyint)
EMU_CONVERT(__double2int_rz, double, int, std::trunc)
EMU_CONVERT(__double2ll_rn, double, long long, std::nearbyint)
EMU_CONVERT(__double2ll_rz, double, long long, std::trunc)
inline float __int2float_rn(int v) { return static_cast<float>(v); }
inline float __uint2float_rn(unsigned v) { return static_cast<float>(v); }
inline float __ll2float_rn(long long v) { return static_cast<float>(v); }
inline double __ll2double_rn(long long v) { return static_cast<double>(v); }
inline double __int2double_rn(int v) { return v; }
inline float __double2float_rn(double v) { return static_cast<float>(v); }

namespace emu {
template <class To, class From> To bits(From v) {
  static_assert(sizeof(To) == sizeof(From), "bits of another size");
  To r;
  memcpy(&r, &v, sizeof r);
  return r;
}
} // namespace emu

inline int __float_as_int(float v) { return emu::bits<int>(v); }
inline unsigned __float_as_uint(float v) { return emu::bits<unsigned>(v); }
inline float __int_as_float(int v) { return emu::bits<float>(v); }
inline float __uint_as_float(unsigned v) { return emu::bits<float>(v); }
inline long long __double_as_longlong(double v) { return emu::bits<long long>(v); }
inline double __longlong_as_double(long long v) { return emu::bits<double>(v); }

inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<int64_t>(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(static_cast<unsigned>(v)); }
inline int __clzll(long long v) { return v == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(v)); }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __ffsll(long long v) { return __builtin_ffsll(v); }
inline unsigned __brev(unsigned v) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (v >> i & 1) << (31 - i);
  return r;
}
inline unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned s) {
  return static_cast<unsigned>(((static_cast<uint64_t>(hi) << 32 | lo) << (s & 31)) >> 32);
}
inline unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned s) {
  return static_cast<unsigned>((static_cast<uint64_t>(hi) << 32 | lo) >> (s & 31));
}
// Bytes of y:x chosen by the low three bits of each nibble of s; bit 3 spreads the byte's sign.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned s) {
  const uint64_t both = static_cast<uint64_t>(y) << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) {
    const unsigned n = s >> 4 * i & 15;
    unsigned b = static_cast<unsigned>(both >> 8 * (n & 7)) & 255;
    if (n & 8) b = b & 128 ? 255 : 0;
    r |= b << 8 * i;
  }
  return r;
}
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 4; i++) c += static_cast<int8_t>(a >> 8 * i) * static_cast<int8_t>(b >> 8 * i);
  return c;
}

#define EMU_MIN_MAX(T)                                                                             \
  inline T min(T a, T b) { return b < a ? b : a; }                                                 \
  inline T max(T a, T b) { return a < b ? b : a; }
EMU_MIN_MAX(int)
EMU_MIN_MAX(unsigned)
EMU_MIN_MAX(long long)
EMU_MIN_MAX(unsigned long long)
inline long min(long a, long b) { return b < a ? b : a; }
inline long max(long a, long b) { return a < b ? b : a; }
inline unsigned long min(unsigned long a, unsigned long b) { return b < a ? b : a; }
inline unsigned long max(unsigned long a, unsigned long b) { return a < b ? b : a; }
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

template <class T> T __ldg(const T* p) { return *p; }
template <class T> T __ldcg(const T* p) { return *p; }
template <class T> T __ldcs(const T* p) { return *p; }
template <class T> void __stcs(T* p, T v) { *p = v; }
template <class T> void __stcg(T* p, T v) { *p = v; }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __nanosleep(unsigned) { emu::give_way(); }
[[noreturn]] inline void __trap() { emu::fail("trap"); }

namespace emu {
// An atomic is a place where others may come in between: at times in the shuffled orders, and always after many, so
// that a loop that waits for another thread ends.
inline void at_atomic() {
  Thread& t = M.threads[M.self];
  if (++t.atomics % 256 == 0 || (shuffled() && draw() % 8 == 0)) give_way();
}

template <class T, class Op> EMU_UNSEEN T atomic(T* p, Op op) {
  at_atomic();
  touch(p, sizeof(T), kUpdate);
  const T old = *p;
  *p = op(old);
  return old;
}
} // namespace emu

template <class T> using EmuSame = typename std::common_type<T>::type; // the other operand converts, as with CUDA's overloads
template <class T> T atomicAdd(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return static_cast<T>(a + v); });
}
inline int atomicAdd(int* p, int v) {
  return emu::atomic(p, [=](int a) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(v)); });
}
template <class T> T atomicSub(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return static_cast<T>(a - v); });
}
template <class T> T atomicMax(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return a < v ? v : a; });
}
template <class T> T atomicMin(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return v < a ? v : a; });
}
template <class T> T atomicAnd(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return static_cast<T>(a & v); });
}
template <class T> T atomicOr(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return static_cast<T>(a | v); });
}
template <class T> T atomicXor(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T a) { return static_cast<T>(a ^ v); });
}
template <class T> T atomicExch(T* p, EmuSame<T> v) {
  return emu::atomic(p, [=](T) { return v; });
}
template <class T> T atomicCAS(T* p, EmuSame<T> compare, EmuSame<T> v) {
  const T old = emu::atomic(p, [=](T a) { return a == compare ? v : a; });
  if (old != compare) emu::give_way();
  return old;
}

// Keywords and vector types of CUDA C++, as far as the kernels use them.
#pragma once

#ifndef ARCH
#error "ARCH must be 75, 80 or 90"
#endif

// Functions whose loads and stores are not those of a kernel (watch.h).
#ifdef EMU_WATCH
#define EMU_UNSEEN __attribute__((no_sanitize("thread")))
#else
#define EMU_UNSEEN
#endif

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
// Static shared arrays lie in a section of their own, which is poisoned before each block.
#define __shared__ static __attribute__((section("emu_shared")))

template <class T> struct alignas(2 * sizeof(T)) Emu2 { T x, y; };
template <class T> struct Emu3 { T x, y, z; };
template <class T> struct alignas(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16) Emu4 { T x, y, z, w; };

#define EMU_VECTORS(type, name)                                                                    \
  using name##2 = Emu2<type>;                                                                      \
  using name##3 = Emu3<type>;                                                                      \
  using name##4 = Emu4<type>;                                                                      \
  inline name##2 make_##name##2(type x, type y) { return {x, y}; }                                 \
  inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; }                      \
  inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }

using uchar = unsigned char;
using ushort = unsigned short;
using uint = unsigned int;
EMU_VECTORS(signed char, char)
EMU_VECTORS(unsigned char, uchar)
EMU_VECTORS(short, short)
EMU_VECTORS(unsigned short, ushort)
EMU_VECTORS(int, int)
EMU_VECTORS(unsigned, uint)
EMU_VECTORS(long long, longlong)
EMU_VECTORS(unsigned long long, ulonglong)
EMU_VECTORS(float, float)
EMU_VECTORS(double, double)

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;
constexpr int warpSize = 32;

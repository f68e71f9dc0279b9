// Numbers as the tensor cores take them, for products whose operands are held in float32. Unproven on a GPU.
//
// Layouts (PTX ISA 8.4, "Matrix Fragments for mma.m16n8k8" and ".m16n8k16"), with g = lane/4 and t = lane%4:
//
//   tf32 m16n8k8    A: (g, t) (g+8, t) (g, t+4) (g+8, t+4)           B: (t, g) (t+4, g)
//   bf16 m16n8k16   A: pairs (g, 2t) (g+8, 2t) (g, 2t+8) (g+8, 2t+8)  B: pairs (2t, g) (2t+8, g)
//   f16  m16n8k8    A: pairs (g, 2t) (g+8, 2t)                        B: pair (2t, g)
//   sums            (g, 2t) (g, 2t+1) (g+8, 2t) (g+8, 2t+1)
#pragma once
#include "device.cuh"
#include "mmatmp.cuh"

#ifndef DEVICE
#define DEVICE __device__ __forceinline__
#endif

// splitTF32 makes x = hi + lo to 2^-24, of numbers of 11 bits each. x is below 2^127.
DEVICE void splitTF32(float x, unsigned &hi, unsigned &lo) {
  hi = (__float_as_uint(x) + 0x1000u) & 0xffffe000u;
  lo = (__float_as_uint(__fsub_rn(x, __uint_as_float(hi))) + 0x1000u) & 0xffffe000u;
}

// roundBF16 is x to 8 bits, to nearest, ties to even, as the upper half of a float.
DEVICE unsigned roundBF16(float x) {
  unsigned u = __float_as_uint(x);
  return (u + 0x7fffu + (u >> 16 & 1u)) & 0xffff0000u;
}

// roundF16 is x as a half, to nearest, ties to even; what is too large becomes infinite.
DEVICE unsigned roundF16(float x) {
  unsigned u = __float_as_uint(x), sign = u >> 16 & 0x8000u;
  u &= 0x7fffffffu;
  if (u >= 0x477ff000u) return sign | (u > 0x7f800000u ? 0x7e00u : 0x7c00u);
  if (u < 0x38800000u) // below 2^-14: a whole multiple of 2^-24, which an addition of 1/2 rounds to
    return sign | (__float_as_uint(__fadd_rn(__uint_as_float(u), 0.5f)) - 0x3f000000u);
  return sign | (((u + 0xfffu + (u >> 13 & 1u)) >> 13) - 0x1c000u);
}

DEVICE float widenHalf(unsigned h) {
  float small = __fmul_rn((float)(int)(h & 0x7fffu), 5.9604644775390625e-8f);
  unsigned u = (h & 0x7fffu) < 0x400u ? __float_as_uint(small) : ((h & 0x7fffu) << 13) + 0x38000000u;
  return __uint_as_float(u | (h & 0x8000u) << 16);
}

// Half is the two-byte numbers of an architecture's mma.sync, and Half::mma d += a*b over 16 steps of the depth: one
// instruction for BF16, two for F16.
enum { BF16, F16 };

template <int TYPE> struct Half {
  // pair is x and y, x in the lower half.
  static DEVICE unsigned pair(float x, float y) {
    if (TYPE == BF16) return roundBF16(x) >> 16 | roundBF16(y);
    return roundF16(x) | roundF16(y) << 16;
  }

  // rest is what rounding leaves of x and y; exact.
  static DEVICE void rest(unsigned pair, float &x, float &y) {
    float a = TYPE == BF16 ? __uint_as_float(pair << 16) : widenHalf(pair & 0xffffu);
    float b = TYPE == BF16 ? __uint_as_float(pair & 0xffff0000u) : widenHalf(pair >> 16);
    x = __fsub_rn(x, a);
    y = __fsub_rn(y, b);
  }

  static DEVICE void mma(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if ARCH >= 80
    if (TYPE == BF16) {
      mmaBF16(d, a, b);
      return;
    }
#endif
    mmaF16(d, a[0], a[1], b[0]);
    mmaF16(d, a[2], a[3], b[1]);
  }
};

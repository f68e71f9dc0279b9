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

#if ARCH >= 80
// splitTF32 makes x = hi + lo to 2^-24, of numbers of 11 bits each. x is below 2^127.
DEVICE void splitTF32(float x, unsigned &hi, unsigned &lo) {
  hi = tf32_from_float(x);
  lo = tf32_from_float(__fsub_rn(x, __uint_as_float(hi)));
}
#endif

// Half is the two-byte numbers of an architecture's mma.sync, and Half::mma d += a*b over 16 steps of the depth: one
// instruction for BF16, two for F16.
enum { BF16, F16 };

template <int TYPE> struct Half {
  // pair is x and y, x in the lower half.
  DEVICE unsigned pair(float x, float y) {
#if ARCH >= 80
    if (TYPE == BF16) return bf16_pair(x, y);
#endif
    return pack_16(f16_from_float(x), f16_from_float(y));
  }

  DEVICE float widen(uint16_t h) { return TYPE == BF16 ? float_from_bf16(h) : float_from_f16(h); }

  // rest is what rounding leaves of x and y; exact.
  DEVICE void rest(unsigned pair, float &x, float &y) {
    x = __fsub_rn(x, widen((uint16_t)pair));
    y = __fsub_rn(y, widen((uint16_t)(pair >> 16)));
  }

  DEVICE void mma(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if ARCH >= 80
    if (TYPE == BF16) {
      mma_m16n8k16_bf16(d, a, b);
      return;
    }
#endif
    const unsigned left[2] = {a[0], a[1]}, right[2] = {a[2], a[3]};
    mma_m16n8k8_f16(d, left, b[0]);
    mma_m16n8k8_f16(d, right, b[1]);
  }
};

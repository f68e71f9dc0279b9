// Rows as they lie on the device, and their elements as single precision numbers.
#pragma once
#include "device.cuh"

// For functions and members alike.
#define INLINE __device__ __forceinline__

// The types of elements, by the numbers of kernels.DType.
enum { TYPE_F32, TYPE_BF16, TYPE_F16, TYPE_I8 };

// Rows is a run of rows. A row starts at a multiple of 16 bytes, and what lies behind its last element up to the next
// multiple of 16 bytes is zero, so a kernel reads four elements at a time wherever the first of them is in the row.
struct Rows {
  const unsigned char *data;
  long long stride;    // bytes from one row to the next
  const float *scale;  // I8: the factor of each row
  const double *shift; // null, or a power of two by which the elements of each row are multiplied
  int count, width, type;
  int shifted; // shift has a factor other than 1
};

INLINE float asFloat(unsigned bits) { return __uint_as_float(bits); }

// widenF16 is exact, as Matrix.Decode is. A half's exponent moves up by 112; numbers below the smallest normal half are
// whole multiples of 2^-24.
INLINE float widenF16(unsigned h) {
  unsigned sign = (h & 0x8000u) << 16, rest = h & 0x7fffu;
  if (rest >= 0x7c00u) return asFloat(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  if (rest >= 0x0400u) return asFloat(sign | ((rest << 13) + 0x38000000u));
  float small = __fmul_rn((float)(int)rest, 5.9604644775390625e-8f);
  return asFloat(sign | __float_as_uint(small));
}

INLINE float widenI8(unsigned byte, float scale) { return __fmul_rn((float)(int)(signed char)(byte & 0xffu), scale); }

// four elements of a row from column k on, a multiple of 4; zeros from the row's padding on.
INLINE float4 four(const Rows &r, int row, int k) {
  float4 v = make_float4(0.f, 0.f, 0.f, 0.f);
  if (k >= r.width) return v;
  const unsigned char *at = r.data + (long long)row * r.stride;
  if (r.type == TYPE_F32) {
    v = *(const float4 *)(at + 4ll * k);
  } else if (r.type == TYPE_I8) {
    unsigned b = *(const unsigned *)(at + k);
    float s = r.scale[row];
    v = make_float4(widenI8(b, s), widenI8(b >> 8, s), widenI8(b >> 16, s), widenI8(b >> 24, s));
  } else {
    uint2 b = *(const uint2 *)(at + 2ll * k);
    if (r.type == TYPE_BF16)
      v = make_float4(asFloat(b.x << 16), asFloat(b.x & 0xffff0000u), asFloat(b.y << 16), asFloat(b.y & 0xffff0000u));
    else
      v = make_float4(widenF16(b.x & 0xffffu), widenF16(b.x >> 16), widenF16(b.y & 0xffffu), widenF16(b.y >> 16));
  }
  if (r.shifted) {
    double f = r.shift[row];
    v = make_float4((float)((double)v.x * f), (float)((double)v.y * f), (float)((double)v.z * f), (float)((double)v.w * f));
  }
  return v;
}

// one element of a row, as it is held.
INLINE float element(const Rows &r, int row, int k) {
  const unsigned char *at = r.data + (long long)row * r.stride;
  switch (r.type) {
  case TYPE_F32: return ((const float *)at)[k];
  case TYPE_BF16: return asFloat((unsigned)((const unsigned short *)at)[k] << 16);
  case TYPE_F16: return widenF16(((const unsigned short *)at)[k]);
  }
  return widenI8(at[k], r.scale[row]);
}

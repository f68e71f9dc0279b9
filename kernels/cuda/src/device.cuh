// What every kernel includes. Compiled by NVRTC it adds little to what that compiler knows by itself; with -DEMU it
// is the thread emulator. ARCH is 75, 80 or 90: what an instruction needs is inside `#if ARCH >= …`.
#pragma once

#ifdef EMU
#include "emu/emu.h"
#else

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

// The block's dynamic shared memory, aligned for the 128-byte swizzle.
extern __shared__ __align__(1024) unsigned char block_shared[];
#define SHARED(type, name) type* const name = reinterpret_cast<type*>(block_shared)

// Registers a kernel in the emulator.
#define EMU_KERNEL(name)

// The driver's description of a matrix in global memory, which cuTensorMapEncodeTiled fills.
struct __align__(64) CUtensorMap {
  uint64_t opaque[16];
};
#endif

#define DEVICE static __device__ __forceinline__

DEVICE float float_from_bf16(uint16_t h) { return __uint_as_float((uint32_t)h << 16); }

// Rounds to nearest, ties to even; a NaN stays one.
DEVICE uint16_t bf16_from_float(float f) {
  const uint32_t u = __float_as_uint(f);
  if ((u & 0x7fffffff) > 0x7f800000) return (uint16_t)(u >> 16 | 0x40);
  return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

// Two 16-bit elements in a register, as mma takes them: the one of the smaller index in the low half.
DEVICE uint32_t pack_16(uint16_t low, uint16_t high) { return (uint32_t)high << 16 | low; }

#ifdef EMU
#include "emu/mma.h"
#include "emu/wgmma.h"
#else
#include "ptx.cuh"
#endif

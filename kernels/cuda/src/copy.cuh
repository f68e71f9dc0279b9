// Copies from global to shared memory, 16 bytes at a time: asynchronous where the architecture can.
#pragma once
#include "device.cuh"

#ifndef DEVICE
#define DEVICE __device__ __forceinline__
#endif

#if ARCH >= 80 && !defined(EMU)
DEVICE void copy16(void *to, const void *from, bool wanted) {
  unsigned at = (unsigned)__cvta_generic_to_shared(to);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(at), "l"(from), "r"(wanted ? 16 : 0) : "memory");
}
DEVICE void copyCommit() { asm volatile("cp.async.commit_group;\n" ::: "memory"); }
DEVICE void copyWait() { asm volatile("cp.async.wait_group 0;\n" ::: "memory"); }
#else
// Zeros when the bytes are not wanted; then nothing is read.
DEVICE void copy16(void *to, const void *from, bool wanted) {
  *(float4 *)to = wanted ? *(const float4 *)from : make_float4(0.f, 0.f, 0.f, 0.f);
}
DEVICE void copyCommit() {}
DEVICE void copyWait() {}
#endif

// Copies from global to shared memory, 16 bytes at a time: asynchronous where the architecture can.
#pragma once
#include "rows.cuh"

#if ARCH >= 80
INLINE void copy16(void *to, const void *from, bool wanted) { cp_async_16(to, from, wanted ? 16 : 0); }
INLINE void copyCommit() { cp_async_commit(); }
INLINE void copyWait() { cp_async_wait<0>(); }

// copyWaitFor waits for all but the newest groups, at most two of them.
INLINE void copyWaitFor(int newest) {
  if (newest == 0) cp_async_wait<0>();
  else if (newest == 1) cp_async_wait<1>();
  else cp_async_wait<2>();
}
#else
// Zeros when the bytes are not wanted; then nothing is read.
INLINE void copy16(void *to, const void *from, bool wanted) {
  *(float4 *)to = wanted ? *(const float4 *)from : make_float4(0.f, 0.f, 0.f, 0.f);
}
INLINE void copyCommit() {}
INLINE void copyWait() {}
INLINE void copyWaitFor(int) {}
#endif

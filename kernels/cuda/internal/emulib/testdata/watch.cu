// Kernels that are right, and the same with mistakes that no order of threads need show: wrong says which.
#include "device.cuh"

// Blocks put numbers into out, blockDim.x a block, and count in out[-1].
extern "C" __global__ void blocks_apart(int* out, int wrong) {
  const int t = threadIdx.x, b = blockIdx.x, n = blockDim.x;
  int* mine = out + b * n;
  mine[t] = 7;
  atomicAdd(out - 1, 1);
  if (wrong == 1 && t == 0) out[0] = 7;                   // what is there already
  if (wrong == 2 && t == 0) out[-1] = 5;                  // beside atomics
  if (wrong == 3 && t == 0) mine[0] = out[n * ((b + 1) % gridDim.x)]; // what another block writes
  if (wrong == 4 && t == 0) mine[0] = out[-1];            // beside atomics
  if (wrong == 5 && t == 0) atomicMax(out + n, 7);        // beside writes
}
EMU_KERNEL(blocks_apart)

// Blocks write bytes side by side, in words that they share; with a mistake, the same byte.
extern "C" __global__ void bytes_apart(unsigned char* out, int wrong) { out[blockIdx.x / (wrong ? 2 : 1)] = 1; }
EMU_KERNEL(bytes_apart)

// The largest number, read first: a volatile read may meet atomics.
extern "C" __global__ void largest(const int* in, int* out, int wrong) {
  const int v = in[blockIdx.x * blockDim.x + threadIdx.x];
  int most;
  if (wrong) most = *out;
  else most = *(volatile int*)out;
  if (most < v) atomicMax(out, v);
}
EMU_KERNEL(largest)

// Sums over a block through shared memory, in halves and then by a warp.
extern "C" __global__ void halves(const int* in, int* out, int wrong) {
  __shared__ int total;
  SHARED(int, a);
  const int t = threadIdx.x;
  a[t] = in[blockIdx.x * blockDim.x + t];
  if (wrong != 1) __syncthreads();
  for (int h = blockDim.x / 2; h > 0; h /= 2) {
    if (t < h) a[t] += a[t + h];
    if (h > 32) __syncthreads();
    else if (wrong == 2) __shfl_sync(~0u, 0, 0); // no order of memory
    else if (wrong != 3) __syncwarp();
  }
  if (t == 0) total = a[0];
  if (wrong != 4) __syncthreads();
  if (t == (int)blockDim.x - 1) out[blockIdx.x] = total;
}
EMU_KERNEL(halves)

#if ARCH >= 80
// A block copies 16 bytes a thread and reads those of its neighbour.
extern "C" __global__ void neighbour(const int4* in, int* out, int wrong) {
  SHARED(int4, a);
  const int t = threadIdx.x, n = blockDim.x;
  cp_async_16(a + t, in + t);
  cp_async_commit();
  if (wrong != 1) cp_async_wait<0>();
  if (wrong != 2) __syncthreads();
  out[t] = a[(t + 1) % n].x;
  if (wrong == 1) cp_async_wait<0>();
  if (wrong == 3) a[t].x = 1; // while the neighbour may still read
}
EMU_KERNEL(neighbour)

// Fragments that a warp reads of what it has written.
extern "C" __global__ void fragments(unsigned* out, int wrong) {
  SHARED(unsigned short, a);
  for (int i = threadIdx.x; i < 256; i += 32) a[i] = (unsigned short)i;
  if (!wrong) __syncwarp();
  unsigned r[4];
  ldmatrix_x4(r, a + 8 * threadIdx.x);
  for (int i = 0; i < 4; i++) out[4 * threadIdx.x + i] = r[i];
}
EMU_KERNEL(fragments)
#endif

// Threads 0-31 fill a buffer for threads 32-63, by named barriers or by mbarriers, and fill it again.
extern "C" __global__ void given_over(int* out, int wrong) {
  SHARED(int, a);
  const int t = threadIdx.x;
  for (int round = 0; round < 3; round++) {
    if (t < 32) {
      if (round > 0 && wrong != 1) bar_sync(2, 64);
      a[t] = round;
      if (round > 0 && wrong == 1) bar_sync(2, 64);
      if (wrong != 2) bar_arrive(1, 64);
    } else {
      if (wrong != 2) bar_sync(1, 64);
      out[t - 32] = a[63 - t];
      if (round < 2) bar_arrive(2, 64);
      if (wrong == 3) a[t - 32] = 9; // after the other side may have begun
    }
  }
}
EMU_KERNEL(given_over)

#if ARCH >= 90
extern "C" __global__ void given_over_phases(int* out, int wrong) {
  SHARED(uint64_t, bars);
  int* a = (int*)(bars + 2);
  const int t = threadIdx.x;
  if (t == 0) mbarrier_init(bars, 32), mbarrier_init(bars + 1, 32);
  __syncthreads();
  for (int round = 0; round < 3; round++) {
    if (t < 32) {
      if (round > 0 && wrong != 1) mbarrier_wait(bars + 1, (round - 1) & 1);
      a[t] = round;
      if (round > 0 && wrong == 1) mbarrier_wait(bars + 1, (round - 1) & 1);
      mbarrier_arrive(bars);
    } else {
      if (wrong != 2) mbarrier_wait(bars, round & 1);
      out[t - 32] = a[63 - t];
      mbarrier_arrive(bars + 1);
      if (wrong == 3) out[t - 32] += a[63 - t];
    }
  }
}
EMU_KERNEL(given_over_phases)
#endif

// Addresses that a card refuses, and those beside what a kernel was given.
extern "C" __global__ void addresses(const float* in, float* out, int wrong) {
  SHARED(float, a);
  float own[4];
  const int t = threadIdx.x;
  for (int i = 0; i < 4; i++) own[i] = in[i];
  a[t] = in[t];
  __syncthreads();
  if (t == 0) {
    const float4 v = *(const float4*)(in + (wrong == 1 ? 2 : 4));
    const float2 w = *(const float2*)(a + (wrong == 2 ? 1 : 2));
    *(float4*)(a + 32) = v;
    *(float2*)(a + 40) = w;
    out[0] = own[(wrong == 3 ? 4 : 3) + (int)blockDim.x / 1024];
    out[wrong == 4 ? -1 : 1] = 1;
    if (wrong == 5) out[2] = in[1024];
  }
}
EMU_KERNEL(addresses)

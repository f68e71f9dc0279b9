// Kernels that show the emulator, and some that are wrong on purpose.
#include "device.cuh"

// Block sums by shuffles and a shared array; blockDim.x is a multiple of 32.
extern "C" __global__ void block_sum(const float* in, float* out, int n) {
  SHARED(float, part);
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float v = i < n ? in[i] : 0;
  for (int d = 16; d > 0; d /= 2) v += __shfl_xor_sync(0xffffffffu, v, d);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x == 0) {
    float s = 0;
    for (unsigned w = 0; w < blockDim.x / 32; w++) s += part[w];
    out[blockIdx.x] = s;
  }
}
EMU_KERNEL(block_sum)

// out[thread] = the value of the next thread of the block, with or without the barrier in between.
static __device__ void next_of_block(int* out, bool barrier) {
  SHARED(int, a);
  const unsigned t = threadIdx.x, n = blockDim.x;
  a[t] = 3 * t;
  if (barrier) __syncthreads();
  out[blockIdx.x * n + t] = a[(t + 1) % n];
}
extern "C" __global__ void with_barrier(int* out) { next_of_block(out, true); }
EMU_KERNEL(with_barrier)
extern "C" __global__ void without_barrier(int* out) { next_of_block(out, false); }
EMU_KERNEL(without_barrier)

// out[0 … 7] of each lane: what the warp functions give for lane and lane % 3 == 0.
extern "C" __global__ void warp_functions(unsigned* out) {
  const unsigned l = threadIdx.x, all = 0xffffffffu;
  unsigned* o = out + 8 * l;
  o[0] = __shfl_sync(all, l, 5);
  o[1] = __shfl_up_sync(all, l, 3);
  o[2] = __shfl_down_sync(all, l, 3);
  o[3] = __shfl_xor_sync(all, l, 6, 8);
  o[4] = __ballot_sync(all, l % 3 == 0);
  o[5] = __any_sync(all, l == 31) | __all_sync(all, l < 32) << 1 | __any_sync(all, l == 32) << 2 | __all_sync(all, l < 31) << 3;
  o[6] = __match_any_sync(all, l % 4);
  const unsigned half = l < 16 ? 0xffffu : 0xffff0000u; // the halves go ways of their own
  if (l < 16) o[7] = __shfl_sync(half, 100 + l, 15);
  else o[7] = __ballot_sync(half, l & 1);
}
EMU_KERNEL(warp_functions)

// Counts, and hands the last value out, from every thread of every block.
extern "C" __global__ void atomics(int* count, unsigned long long* sum, unsigned* most) {
  atomicAdd(count, 1);
  atomicAdd(sum, (unsigned long long)(long long)-(int)threadIdx.x);
  atomicMax(most, blockIdx.x * blockDim.x + threadIdx.x);
}
EMU_KERNEL(atomics)

// Adds without an atomic: threads that come in between at the atomic make it lose some.
extern "C" __global__ void lost_update(int* count, int* other) {
  const int old = *count;
  atomicAdd(other, 1);
  *count = old + 1;
}
EMU_KERNEL(lost_update)

extern "C" __global__ void spin_lock(int* lock, int* count) {
  while (atomicCAS(lock, 0, 1) != 0) {}
  *count += 1;
  atomicExch(lock, 0);
}
EMU_KERNEL(spin_lock)

extern "C" __global__ void forever(volatile int* flag) {
  while (*flag == 0) __nanosleep(10);
}
EMU_KERNEL(forever)

// Half of the warp waits for lanes that wait at the barrier.
extern "C" __global__ void deadlocked() {
  if (threadIdx.x < 16) __syncwarp();
  __syncthreads();
}
EMU_KERNEL(deadlocked)

extern "C" __global__ void votes(int* out) {
  const int t = threadIdx.x;
  if (t == 1) return; // a thread that ends is not waited for
  const int c = __syncthreads_count(t % 2), o = __syncthreads_or(t == 2), a = __syncthreads_and(t != 2);
  out[t] = c * 100 + o * 10 + a;
}
EMU_KERNEL(votes)

// Byte `at` of the dynamic buffer is read or written.
extern "C" __global__ void touch(int at, int write, int* out) {
  SHARED(unsigned char, s);
  if (write) s[at] = 1;
  else *out = s[at];
}
EMU_KERNEL(touch)

extern "C" __global__ void null_read(const int* p, int* out) { out[threadIdx.x] = p[threadIdx.x]; }
EMU_KERNEL(null_read)

extern "C" __global__ void divide(int a, int b, int* out) { *out = a / b; }
EMU_KERNEL(divide)

static __device__ int deep(volatile int* n) {
  volatile char big[4096];
  big[0] = (char)*n;
  return *n == 0 ? 0 : deep(n) + big[0];
}
extern "C" __global__ void recursion(int* n) { n[1] = deep(n); }
EMU_KERNEL(recursion)

extern "C" __global__ void poison(unsigned* out) {
  __shared__ unsigned one[4];
  SHARED(unsigned, two);
  out[2 * blockIdx.x] = one[3];
  out[2 * blockIdx.x + 1] = two[0];
  one[3] = two[0] = 7;
}
EMU_KERNEL(poison)

// Writes the order in which threads came.
extern "C" __global__ void who_came(int* count, int* order) {
  order[(*count)++] = blockIdx.x * blockDim.x + threadIdx.x;
}
EMU_KERNEL(who_came)

struct Pair { short a; double b; };
extern "C" __global__ void parameters(float f, Pair p, uint3 u, double* out) {
  const unsigned t = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const unsigned b = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  out[b * blockDim.x * blockDim.y * blockDim.z + t] = f + p.a + p.b + u.z;
}
EMU_KERNEL(parameters)

// Kernels of asynchronous copies and products, some of them wrong on purpose: `wrong` chooses the mistake, 0 is none.
#include "device.cuh"

#if ARCH >= 80
// Two stages of 128 words: out = in for n words, the rest of the last stage 0. One block of 32 threads.
extern "C" __global__ void staged_copy(const int* in, int* out, int n, int wrong) {
  SHARED(int, s);
  const int t = threadIdx.x, stages = (n + 127) / 128;
  auto load = [&](int stage) {
    const int at = 128 * stage + 4 * t, left = n - at;
    const int words = left > 4 ? 4 : left > 0 ? left : 0;
    if (stage < stages) cp_async_16(s + 128 * (stage % 2) + 4 * t, in + (words > 0 ? at : 0), 4 * words);
    cp_async_commit();
  };
  load(0);
  for (int stage = 0; stage < stages; stage++) {
    load(stage + 1);
    if (wrong == 1) cp_async_wait<2>();
    else cp_async_wait<1>();
    if (wrong != 2) __syncthreads();
    for (int i = t; i < 128; i += 32) out[128 * stage + i] = s[128 * (stage % 2) + (i ^ 31)]; // another thread's words
    if (wrong != 3) __syncthreads();
  }
}
EMU_KERNEL(staged_copy)
#endif

// Two warps hand a word to and fro through named barriers 1 and 2.
extern "C" __global__ void handed(int* out, int wrong) {
  SHARED(int, s);
  const int t = threadIdx.x;
  for (int i = 0; i < 4; i++) {
    if (t < 32) {
      if (i > 0 && wrong != 1) bar_sync(2, 64);
      if (t == 0) s[0] = 10 * i;
      bar_arrive(1, 64);
    } else {
      bar_sync(wrong == 2 ? 3 : 1, 64);
      out[i * 32 + t - 32] = s[0];
      if (i < 3 && wrong != 1) bar_arrive(2, 64);
    }
  }
}
EMU_KERNEL(handed)

extern "C" __global__ void misaligned_ldmatrix(int* out) {
  SHARED(unsigned char, s);
  uint32_t r[4];
  ldmatrix_x4(r, s + 16 * (threadIdx.x % 8) + 8);
  out[threadIdx.x] = (int)r[0];
}
EMU_KERNEL(misaligned_ldmatrix)

extern "C" __global__ void half_a_warp(float* out) {
  if (threadIdx.x >= 16) return;
  float d[4] = {0, 0, 0, 0};
  const uint32_t a[2] = {0, 0};
  mma_m16n8k8_f16(d, a, 0);
  out[threadIdx.x] = d[0];
}
EMU_KERNEL(half_a_warp)

// out[2 i], out[2 i + 1]: in[i] by way of f16 and of bf16; one thread.
extern "C" __global__ void conversions(const float* in, float* out, int n) {
  for (int i = 0; i < n; i++) {
    out[2 * i] = float_from_f16(f16_from_float(in[i]));
    out[2 * i + 1] = float_from_bf16(bf16_from_float(in[i]));
  }
}
EMU_KERNEL(conversions)

// out[i]: float_from_f16(i) for all 65536.
extern "C" __global__ void all_f16(float* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = float_from_f16((uint16_t)i);
}
EMU_KERNEL(all_f16)

#if ARCH >= 90
// A ring of two TMA stages: a producer warp loads boxes of 64 x 8 16-bit elements, a consumer warp sums each.
extern "C" __global__ void ring(const __grid_constant__ CUtensorMap map, int* out, int boxes, int wrong) {
  SHARED(unsigned char, s);
  uint64_t* full = (uint64_t*)(s + 2048);
  uint64_t* empty = full + 2;
  if (threadIdx.x == 0 && wrong != 1)
    for (int i = 0; i < 2; i++) {
      mbarrier_init(full + i, 1);
      mbarrier_init(empty + i, 32);
    }
  fence_mbarrier_init();
  __syncthreads();
  if (threadIdx.x >= 32) {
    for (int b = 0; b < boxes; b++) {
      const int stage = b % 2, turn = b / 2;
      if (wrong != 2) mbarrier_wait(full + stage, turn % 2);
      int sum = 0;
      for (int i = threadIdx.x % 32; i < 512; i += 32) sum += ((const uint16_t*)(s + 1024 * stage))[i];
      if (wrong != 3) mbarrier_arrive(empty + stage);
      for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
      if (threadIdx.x == 32) out[b] = sum;
    }
    return;
  }
  for (int b = 0; b < boxes && threadIdx.x == 0; b++) {
    const int stage = b % 2, turn = b / 2;
    if (wrong != 4) mbarrier_wait(empty + stage, wrong == 6 ? turn % 2 : (turn + 1) % 2);
    mbarrier_arrive_expect_tx(full + stage, wrong == 5 ? 2048 : 1024);
    tma_load_2d(s + 1024 * stage, &map, full + stage, 0, 8 * b);
  }
}
EMU_KERNEL(ring)

// D of a product of ones, twice into the same D: 64 x 64, each element 128.
extern "C" __global__ void products(float* out, int wrong) {
  SHARED(unsigned char, s);
  for (int i = threadIdx.x; i < 8192; i += 128) ((uint16_t*)s)[i] = 0x3f80;
  if (wrong != 1) fence_proxy_async();
  __syncthreads();
  float d[32];
  if (wrong != 2) wgmma_fence(d);
  for (int k = 0; k < 8; k++) {
    const int at = k % 4 * 32 + (wrong == 3 && threadIdx.x == 77 ? 32 : 0);
    wgmma_m64n64k16_bf16(d, wgmma_descriptor(s + at), wgmma_descriptor(s + 8192 + at), k > 0);
  }
  if (wrong != 6) wgmma_commit();
  if (wrong == 4) { // written before the product is waited for
    __syncthreads();
    for (int i = threadIdx.x; i < 8192; i += 128) ((uint16_t*)s)[i] = 0;
    fence_proxy_async();
    __syncthreads();
  }
  if (wrong == 5) wgmma_wait<1>();
  else wgmma_wait<0>(d);
  for (int i = 0; i < 32; i++) out[threadIdx.x * 32 + i] = d[i];
  if (wrong == 5) wgmma_wait<0>(d);
}
EMU_KERNEL(products)

// A warpgroup gives registers to another, which polls a barrier; out[warpgroup] counts its threads.
extern "C" __global__ __launch_bounds__(256, 1) void registers(int* out) {
  SHARED(unsigned char, s);
  uint64_t* bar = (uint64_t*)s;
  if (threadIdx.x == 0) mbarrier_init(bar, 128);
  fence_mbarrier_init();
  __syncthreads();
  if (threadIdx.x < 128) {
    setmaxnreg_dec<40>();
    atomicAdd(out, 1);
    mbarrier_arrive(bar);
    return;
  }
  setmaxnreg_inc<232>();
  while (!mbarrier_try_wait(bar, 0)) {}
  if (*out == 128) atomicAdd(out + 1, 1);
}
EMU_KERNEL(registers)
#endif
